// What each part of the page shows, from the newest snapshot.

import { $, ago, fill, make, money, number, price, quantity, share, stamp, tone, words } from "/assets/format.js";

const badge = (text, kind = "") => make("span", { class: `badge ${kind}` }, words(text));
const MODES = { live: "bad", semi: "warn", paper: "info", advisory: "" };
const STANDINGS = { running: "good", starting: "info", paused: "warn", stopped: "", failed: "bad" };
const RISKS = { active: "good", reducing: "warn", halted: "bad" };
const side = (value) => make("span", { class: value > 0 ? "up" : "down" }, value > 0 ? "buy" : "sell");

export const tiles = (state) => {
  const all = state.deployments;
  const sum = (name) => all.reduce((total, each) => total + (each[name] ?? 0), 0);
  const worst = all.reduce((found, each) => (each.drawdown ?? 0) > found ? each.drawdown : found, 0);
  const feeds = Object.entries(state.health.feeds);
  const oldest = feeds.reduce((found, [, feed]) => Math.max(found, feed.age_s ?? 0), 0);
  const held = state.positions.filter((each) => each.quantity);
  // Less than a lot cannot stand behind a stop.
  const bare = held.filter((each) => Math.abs(each.quantity) * 0.99 > (each.protected ?? 0)).length;
  const tile = (title, value, more = "", kind = "") => make("div", { class: "tile" }, make("span", {}, title), make("b", { class: kind }, value), make("small", { title: more }, more));
  fill($("tiles"),
    tile("Equity", money(sum("equity")), `${all.length} deployment${all.length === 1 ? "" : "s"}`),
    tile("Today", money(sum("pnl_day"), true), `cash ${money(sum("cash"))}`, tone(sum("pnl_day"))),
    tile("Worst drawdown", share(worst), all.length > 1 ? "of any deployment" : "", worst > .1 ? "down" : ""),
    tile("Positions", String(held.length), held.length ? bare ? `${bare} without a stop at the venue` : "stops are at the venue" : "flat", bare ? "down" : ""),
    tile("Working orders", String(state.orders.length), `${state.approvals.length} waiting for a person`),
    tile("Feeds", feeds.length ? `${ago(oldest)}` : "–", feeds.length ? `${feeds.length} heard, score ${number(Math.min(...feeds.map(([, feed]) => feed.score ?? 100)), 0)}` : "none", oldest > 120 ? "down" : ""));
};

export const problems = (state) => {
  const list = state.health.problems;
  $("problems").hidden = list.length === 0;
  fill($("problems"), ...list.map((text) => make("p", {}, text)));
};

/** `act(name, deployment)`; `may(name, mode)`. */
export const deployments = (state, selected, may, act, select) => {
  const rows = state.deployments.map((each) => {
    const does = (name, label, kind = "") => may(name, each.mode) ? make("button", { type: "button", class: `small ${kind}`, "data-act": name, onclick: (event) => { event.stopPropagation(); act(name, each); } }, label) : null;
    const runs = each.standing === "running" || each.standing === "starting";
    const cell = (label, ...inner) => make("td", { "data-label": label }, ...inner);
    return make("tr", { class: each.id === selected ? "on" : "", tabindex: "0", "aria-selected": String(each.id === selected), "data-id": each.id, onclick: () => select(each.id), onkeydown: (event) => { if (event.key === "Enter" && event.target === event.currentTarget) select(each.id); } },
      make("td", {}, make("b", {}, each.id), make("small", {}, `${each.strategy} · ${each.symbols.join(", ")} · ${each.timeframe}${each.account ? ` · ${each.account}` : ""}`)),
      make("td", { class: "text" }, badge(each.mode, MODES[each.mode]), ["live", "semi"].includes(each.mode) ? make("small", {}, each.is_armed ? "armed" : "not armed") : null),
      make("td", { class: "text" }, badge(each.standing, STANDINGS[each.standing]), each.why ? make("small", {}, each.why) : null),
      make("td", { class: "text" }, badge(each.risk, RISKS[each.risk])),
      cell("Equity", money(each.equity)),
      cell("Today", make("span", { class: tone(each.pnl_day) }, money(each.pnl_day, true))),
      cell("Drawdown", share(each.drawdown)),
      cell("Trades", String(each.trades)),
      make("td", { class: "text", "data-label": "Last bar" }, stamp(each.last_bar_ts)),
      make("td", { class: "text do" }, make("div", { class: "actions" },
        runs ? does("pause", "Pause") : each.standing === "paused" ? does("resume", "Resume", "primary") : null,
        ["live", "semi"].includes(each.mode) && each.standing !== "stopped" ? each.is_armed ? does("disarm", "Disarm") : does("arm", "Arm…") : null,
        each.standing !== "stopped" ? does("stop", "Stop…") : null)));
  });
  $("deployment-count").textContent = rows.length ? `${rows.length}` : "";
  $("no-deployment").hidden = rows.length > 0;
  $("deployment-table").hidden = rows.length === 0;
  const body = $("deployment-table").tBodies[0];
  const kept = document.activeElement?.closest?.("tr")?.dataset.id, button = document.activeElement?.dataset?.act;
  body.replaceChildren(...rows);
  // The row that had the focus has it again: the table is made anew every second.
  if (kept) {
    const row = rows.find((each) => each.dataset.id === kept);
    (button ? row?.querySelector(`[data-act="${button}"]`) : row)?.focus({ preventScroll: true });
  }
};

const cards = new Map();
export const approvals = (state, canApprove, canReject, decide) => {
  const now = Date.now() * 1e6;
  // What the node lists waits: its time may be that of a replay or a simulator, and is not this machine's then.
  const waiting = state.approvals;
  $("approvals").hidden = waiting.length === 0;
  for (const [id, card] of cards) if (!waiting.some((each) => each.id === id)) { card.remove(); cards.delete(id); }
  for (const each of waiting) {
    let card = cards.get(each.id);
    if (!card) {
      card = make("div", { class: "approval", "data-id": each.id },
        make("p", {}, make("b", {}, side(each.side), ` ${quantity(each.quantity)} ${each.symbol} `), make("span", { class: "dim" }, `${words(each.kind)} · about ${money(each.notional)} · rule ${each.rule} · ${each.deployment}`)),
        make("div", { class: "buttons" },
          canReject ? make("button", { type: "button", class: "reject", onclick: () => decide("reject", each) }, "Reject") : null,
          canApprove ? make("button", { type: "button", class: "primary approve", onclick: () => decide("approve", each) }, "Approve") : null),
        make("div", {}, make("small", { class: "dim left" }), make("progress", { max: "1" })));
      cards.set(each.id, card);
      $("approval-list").append(card);
    }
    const left = (each.expires_ts - now) / 1e9, whole = (each.expires_ts - each.created_ts) / 1e9;
    const bar = card.querySelector("progress");
    const isOurs = Math.abs(now - each.created_ts) < 86400e9;
    bar.hidden = !isOurs;
    card.querySelector(".left").textContent = !isOurs ? `until ${stamp(each.expires_ts)} of its market's time` : left > 0 ? `expires in ${ago(left)}` : "expires now";
    bar.value = Math.max(0, Math.min(1, left / whole));
    bar.className = left < 15 ? "bad" : left < 60 ? "warn" : "";
  }
};

const isLimit = (value) => value !== null && typeof value === "object" && typeof value.limit === "number" && "used" in value;
const shown = (value) => typeof value === "number" ? quantity(value) : typeof value === "boolean" ? value ? "yes" : "no" : value === null || value === "" ? "–" : String(value);
/** Rows of whatever it is, limits with how much of each is used as bars. */
const nodes = (value, depth = 0) => {
  const found = [], plain = [];
  for (const [name, inner] of Object.entries(value)) {
    if (isLimit(inner)) {
      const part = inner.limit ? Math.abs(inner.used ?? 0) / Math.abs(inner.limit) : 0;
      found.push(make("div", { class: "limit" }, make("div", {}, make("span", {}, words(name)), make("span", { class: "dim" }, `${shown(inner.used)} of ${shown(inner.limit)}`)),
        make("progress", { max: "1", value: String(Math.min(1, part)), class: part >= .9 ? "bad" : part >= .7 ? "warn" : "", "aria-label": `${words(name)}: ${number(part * 100, 0)} % used` })));
    } else if (Array.isArray(inner)) {
      plain.push([name, inner.length ? inner.map((one) => typeof one === "object" && one !== null ? Object.values(one).map(shown).join(" ") : shown(one)).join(", ") : "none"]);
    } else if (inner === undefined) {
      continue;
    } else if (inner !== null && typeof inner === "object") {
      if (Object.keys(inner).length && depth < 5) found.push(make("h3", {}, words(name)), ...nodes(inner, depth + 1));
    } else if (inner !== "" && inner !== null) plain.push([name, shown(inner)]);
  }
  return [...(plain.length ? [make("div", { class: "kv" }, ...plain.flatMap(([name, text]) => [make("span", { class: "dim" }, words(name)), make("span", {}, text)]))] : []), ...found];
};
export const risk = (state) => {
  const halted = state.deployments.filter((each) => each.risk !== "active");
  fill($("risk-body"),
    ...halted.map((each) => make("p", {}, badge(each.risk, RISKS[each.risk]), ` ${each.id}`, each.why ? make("span", { class: "dim" }, ` ${each.why}`) : null)),
    ...nodes({ ...state.risk, deployments: undefined }));
  if (!$("risk-body").childNodes.length) fill($("risk-body"), make("p", { class: "empty" }, "No limit is set."));
};

const COLUMNS = {
  positions: [["Symbol", "text", (p) => p.symbol], ["Deployment", "text", (p) => p.deployment], ["Quantity", "", (p) => make("span", { class: tone(p.quantity) }, quantity(p.quantity))], ["Entry", "", (p) => price(p.entry)], ["Price", "", (p) => price(p.price)], ["P&L", "", (p) => make("span", { class: tone(p.pnl) }, money(p.pnl, true))], ["Behind a stop", "", (p) => quantity(p.protected)], ["Since", "", (p) => stamp(p.opened_ts)]],
  orders: [["Time", "text", (o) => stamp(o.created_ts)], ["Deployment", "text", (o) => o.deployment], ["Symbol", "text", (o) => o.symbol], ["Side", "text", (o) => side(o.side)], ["Kind", "text", (o) => words(o.kind)], ["Quantity", "", (o) => quantity(o.quantity)], ["Filled", "", (o) => quantity(o.filled)], ["Limit", "", (o) => price(o.limit)], ["Stop", "", (o) => price(o.stop)], ["State", "text", (o) => badge(o.state, { filled: "good", rejected: "bad", denied: "bad", unknown: "bad", accepted: "info", partially_filled: "info" }[o.state] ?? "")], ["Rule", "text", (o) => o.is_guard ? `${o.rule || "guard"} (protects)` : o.rule], ["Why", "why", (o) => o.why]],
  fills: [["Time", "text", (f) => stamp(f.ts)], ["Deployment", "text", (f) => f.deployment], ["Symbol", "text", (f) => f.symbol], ["Side", "text", (f) => side(f.side)], ["Quantity", "", (f) => quantity(f.quantity)], ["Price", "", (f) => price(f.price)], ["Value", "", (f) => money(f.quantity * f.price)], ["Fee", "", (f) => `${quantity(f.fee)} ${f.fee_asset}`], ["Rule", "text", (f) => f.rule]],
};
const EMPTY = { positions: "Nothing is held.", orders: "No order.", fills: "Nothing was traded yet." };
export const book = (name, rows) => {
  const columns = COLUMNS[name];
  fill($("book-table").tHead, make("tr", {}, ...columns.map(([title, kind]) => make("th", { class: kind === "why" ? "text" : kind, scope: "col" }, title))));
  fill($("book-table").tBodies[0], ...rows.map((row) => make("tr", {}, ...columns.map(([, kind, show]) => make("td", { class: kind }, show(row))))));
  $("book-table").hidden = rows.length === 0;
  $("book-empty").hidden = rows.length > 0;
  $("book-empty").textContent = EMPTY[name];
};

export const options = (select, names, all) => {
  const chosen = select.value;
  fill(select, make("option", { value: "" }, all), ...names.map((name) => make("option", { value: name }, name)));
  select.value = names.includes(chosen) ? chosen : "";
};
export const line = (event) => make("div", { class: `line ${event.level}` }, make("span", { class: "time mono" }, stamp(event.ts)), make("span", { class: "kind" }, event.kind), make("span", { class: "of" }, event.deployment), make("span", { class: "text" }, event.text));
