// The page: who is signed in, what is shown, what is done.

import { Stream, ask } from "/assets/api.js";
import { draw, extend, paint } from "/assets/chart.js";
import { choice, chosen, isOpen, question, told, typed } from "/assets/dialogs.js";
import { $, make, number, toast, words } from "/assets/format.js";
import * as panels from "/assets/panels.js";

const LINES = 600, LEVELS = ["note", "warning", "critical"];
let me = null, state = null, stream = null, selected = "", tab = "positions", events = [], kinds = new Set(), renewing = 0, asked = 0;

// --- theme ------------------------------------------------------------------------------------------------------
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const store = { get: () => { try { return localStorage.getItem("lingua-theme"); } catch { return null; } }, set: (name) => { try { localStorage.setItem("lingua-theme", name); } catch { /* private windows may have none */ } } };
const wear = () => { root.dataset.theme = new URLSearchParams(location.search).get("theme") ?? store.get() ?? (dark.matches ? "dark" : "light"); paint(); };
const turn = () => { store.set(root.dataset.theme === "dark" ? "light" : "dark"); root.dataset.theme = store.get() ?? (root.dataset.theme === "dark" ? "light" : "dark"); paint(); };
dark.addEventListener("change", wear);
$("theme").addEventListener("click", turn);
wear();

// --- signing in -------------------------------------------------------------------------------------------------
const showGate = async (text = "") => {
  stream?.close();
  stream = null;
  clearInterval(renewing);
  $("desk").hidden = true;
  $("gate-host").textContent = location.host;
  $("gate-problem").textContent = text;
  let first = false;
  try { first = (await ask("GET", "/v1/setup")).is_needed; } catch { /* the form says it when it is sent */ }
  $("gate").hidden = false;
  document.body.dataset.state = "gate";
  $("token-field").hidden = !first;
  $("gate-text").textContent = first ? "Nobody can sign in yet. Make the first administrator, with the token that the node printed when it started." : "Sign in to see and handle what runs here.";
  $("gate-button").textContent = first ? "Make the administrator" : "Sign in";
  $("sign-in").elements[first ? "token" : "name"].focus();
};
$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, fields = form.elements;
  const { token, name, password } = { token: fields.token.value, name: fields.name.value.trim(), password: fields.password.value };
  $("gate-button").disabled = true;
  $("gate-problem").textContent = "";
  try {
    if (!$("token-field").hidden) await ask("POST", "/v1/setup", { token: token.trim(), name, password });
    me = await ask("POST", "/v1/session", { name, password });
    form.reset();
    await enter();
  } catch (problem) {
    $("gate-problem").textContent = [problem.why, problem.mend].filter(Boolean).join(" – ");
    fields.password.select();
  } finally {
    $("gate-button").disabled = false;
  }
});
for (const id of ["leave", "leave-narrow"]) $(id).addEventListener("click", () => told(async () => { await ask("DELETE", "/v1/session"); await showGate(); }));

const may = (name, mode = "") => (["live", "semi"].includes(mode) ? me.may_with_money : me.may).includes(name);

const enter = async () => {
  me = await ask("GET", "/v1/session");
  document.body.dataset.state = "desk";
  $("gate").hidden = true;
  $("desk").hidden = false;
  $("me").textContent = `${me.name} · ${me.roles.join(", ")}`;
  $("kill").hidden = !may("kill");
  events = await ask("GET", "/v1/log?most=300");
  events.forEach((event) => kinds.add(event.kind));
  take(await ask("GET", "/v1/snapshot"));
  fullLog();
  stream = new Stream({ event: hear, snapshot: take, lost, state: linked });
  renewing = setInterval(() => ask("POST", "/v1/session/renew").catch((problem) => { if (problem.status === 401) showGate("The session has ended."); }), 5 * 60 * 1000);
};

const linked = (how) => {
  const pill = $("link");
  pill.textContent = { live: "live", away: "reconnecting", ended: "ended" }[how];
  pill.className = `pill ${how === "live" ? "good" : "bad"}`;
  if (how === "ended") showGate("The session has ended.");
  // A stream that is refused does not say why; asking does.
  if (how === "away") ask("GET", "/v1/session").catch((problem) => { if (problem.status === 401) showGate("The session has ended."); });
};

// --- what is shown ----------------------------------------------------------------------------------------------
const take = (fresh) => {
  state = fresh;
  if (!state.deployments.some((each) => each.id === selected)) { selected = state.deployments[0]?.id ?? ""; curve(); }
  show();
  const one = state.deployments.find((each) => each.id === selected);
  // A deployment's own time: that of a replay is not this machine's.
  if (one?.last_bar_ts) extend(one.id, one.last_bar_ts, one.equity, one.drawdown);
};
const show = () => {
  const names = state.deployments.map((each) => each.id);
  panels.problems(state);
  panels.tiles(state);
  panels.deployments(state, selected, may, act, select);
  panels.approvals(state, may("approve"), may("reject"), decide);
  panels.risk(state);
  panels.options($("book-deployment"), names, "all deployments");
  panels.options($("log-deployment"), names, "all deployments");
  $("rearm").hidden = !may("rearm") || !state.deployments.some((each) => each.risk !== "active");
  document.title = `${state.approvals.length ? `(${state.approvals.length}) ` : ""}Lingua node`;
  books();
};
const books = async () => {
  const of = $("book-deployment").value, number = ++asked;
  $("open-only-field").hidden = tab !== "orders";
  let rows = [];
  const mine = (each) => !of || each.deployment === of;
  if (tab === "positions") rows = state.positions.filter((each) => mine(each) && each.quantity);
  else if (tab === "orders" && $("open-only").checked) rows = state.orders.filter(mine);
  else {
    try { rows = await ask("GET", `/v1/${tab}?most=200${of ? `&deployment=${encodeURIComponent(of)}` : ""}`); } catch { return; }
    if (number !== asked) return;
  }
  const at = { positions: "opened_ts", orders: "created_ts", fills: "ts" }[tab];
  panels.book(tab, [...rows].sort((a, b) => b[at] - a[at]));
};
const curve = async () => {
  const name = selected;
  $("curve-title").textContent = name ? `Equity and drawdown · ${name}` : "Equity and drawdown";
  $("curve-facts").replaceChildren();
  if (!name) return;
  try {
    const [points, figures] = await Promise.all([ask("GET", `/v1/deployments/${name}/equity`), ask("GET", `/v1/deployments/${name}/performance`).catch(() => ({}))]);
    if (name !== selected) return;
    draw(name, points);
    const shown = Object.entries(figures).filter(([, value]) => typeof value === "number").slice(0, 8);
    $("curve-facts").replaceChildren(...shown.map(([title, value]) => make("span", {}, `${words(title)} `, make("b", {}, number(value, Number.isInteger(value) ? 0 : 3)))));
  } catch (problem) {
    toast(problem.why, problem.mend, true);
  }
};
const select = (name) => { selected = name; show(); curve(); };
setInterval(() => { if (stream && selected && !document.hidden) curve(); }, 30000);

// --- the log ----------------------------------------------------------------------------------------------------
const passes = (event) => Math.max(0, LEVELS.indexOf(event.level)) >= LEVELS.indexOf($("log-level").value) &&
  (!$("log-kind").value || event.kind === $("log-kind").value) &&
  (!$("log-deployment").value || event.deployment === $("log-deployment").value) &&
  (!$("log-text").value || `${event.text} ${event.kind} ${event.deployment}`.toLowerCase().includes($("log-text").value.toLowerCase()));
const fullLog = () => {
  panels.options($("log-kind"), [...kinds].sort(), "all kinds");
  const found = events.filter(passes).slice(-LINES).reverse();
  $("log-lines").replaceChildren(...(found.length ? found.map(panels.line) : [make("p", { class: "empty" }, "Nothing of that kind happened.")]));
};
const hear = (event) => {
  events.push(event);
  if (events.length > 3000) events = events.slice(-2000);
  if (!kinds.has(event.kind)) { kinds.add(event.kind); panels.options($("log-kind"), [...kinds].sort(), "all kinds"); }
  if (event.level === "critical") toast(event.text, event.deployment, true);
  if ($("log-hold").getAttribute("aria-pressed") === "true" || !passes(event)) return;
  const lines = $("log-lines");
  lines.querySelector(".empty")?.remove();
  lines.prepend(panels.line(event));
  if (lines.childElementCount > LINES) lines.lastElementChild.remove();
};
const lost = async ({ from, to }) => {
  try {
    const page = await ask("GET", `/v1/log?after_seq=${Math.max(0, from - 1)}&most=1000`);
    events = [...events.filter((event) => event.seq < from || event.seq > to), ...page.filter((event) => event.seq <= to)].sort((a, b) => a.seq - b.seq);
    fullLog();
  } catch { toast(`events ${from} to ${to} were missed`, "the log has them", true); }
};
for (const id of ["log-text", "log-level", "log-kind", "log-deployment"]) $(id).addEventListener("input", fullLog);
$("log-hold").addEventListener("click", (event) => {
  const held = event.target.getAttribute("aria-pressed") !== "true";
  event.target.setAttribute("aria-pressed", String(held));
  event.target.textContent = held ? "Go on" : "Hold";
  if (!held) fullLog();
});

// --- what is done -----------------------------------------------------------------------------------------------
const path = (one) => `/v1/deployments/${encodeURIComponent(one.id)}`;
const act = (name, one) => {
  if (name === "pause") told(() => ask("POST", `${path(one)}/pause`), `${one.id}: paused`);
  else if (name === "resume") told(() => ask("POST", `${path(one)}/resume`), `${one.id}: goes on`);
  else if (name === "disarm") told(() => ask("POST", `${path(one)}/disarm`), `${one.id}: disarmed`);
  else if (name === "stop") question({
    title: `Stop ${one.id}?`, button: "Stop", bad: true, ready: () => chosen("how") !== "",
    body: [
      choice("how", "flatten", "Flatten", "withdraw its orders and close what it holds"),
      choice("how", "leave-protected", "Leave protected", "keep what it holds, with its stops at the venue"),
      choice("how", "hand-over", "Hand over", "withdraw everything; what it holds is yours to handle"),
    ],
    act: () => ask("POST", `${path(one)}/stop`, { how: chosen("how") }),
  });
  else if (name === "arm") {
    const phrase = typed(`Type “arm ${one.id}” to let it trade with real money`, `arm ${one.id}`);
    question({ title: `Arm ${one.id}?`, button: "Arm", bad: true, body: [make("p", {}, `${one.strategy} on ${one.symbols.join(", ")}, equity ${number(one.equity)}. Whoever deployed it cannot be the one who arms it.`), phrase.row], ready: phrase.matches, act: () => ask("POST", `${path(one)}/arm`, { phrase: phrase.field.value.trim() }) });
  }
};
const decide = (verb, one) => told(() => ask("POST", `/v1/approvals/${encodeURIComponent(one.id)}/${verb}`), verb === "approve" ? `${one.symbol}: approved` : `${one.symbol}: rejected`);

const scopes = (name) => {
  const accounts = [...new Set(state.deployments.map((each) => each.account).filter(Boolean))];
  return [
    choice(name, "everything", "Everything", `${state.deployments.length} deployments on ${accounts.length} accounts`, true),
    ...accounts.length > 1 ? accounts.map((each) => choice(name, `account:${each}`, `Account ${each}`, state.deployments.filter((one) => one.account === each).map((one) => one.id).join(", "))) : [],
    ...state.deployments.map((each) => choice(name, `deployment:${each.id}`, each.id, `${each.mode}, ${each.symbols.join(", ")}`)),
  ];
};
const scope = (value) => value === "everything" ? { everything: true } : Object.fromEntries([[value.slice(0, value.indexOf(":")), value.slice(value.indexOf(":") + 1)]]);
const kill = () => {
  if (!state || !may("kill")) return;
  const word = typed("Type KILL", "KILL");
  question({
    title: "Kill", button: "KILL", bad: true, ready: () => word.matches() && chosen("scope") !== "",
    body: [make("p", {}, "Withdraws all entries, closes what is held, and stays so until somebody lifts it, across restarts too."), ...scopes("scope"), word.row],
    act: async () => { await ask("POST", "/v1/kill", scope(chosen("scope"))); toast("Killed: it goes on until the venue says flat.", "", true); },
  });
};
$("kill").addEventListener("click", kill);
$("rearm").addEventListener("click", () => question({
  title: "Lift a latch", button: "Lift", body: [make("p", {}, "What was halted may trade again as soon as it is resumed."), ...scopes("scope")],
  ready: () => chosen("scope") !== "", act: () => ask("POST", "/v1/rearm", scope(chosen("scope"))),
}));

// --- tabs, keys -------------------------------------------------------------------------------------------------
const TABS = ["positions", "orders", "fills"];
const open = (name, focus = false) => {
  tab = name;
  for (const each of TABS) {
    const button = $(`tab-${each}`);
    button.setAttribute("aria-selected", String(each === name));
    button.tabIndex = each === name ? 0 : -1;
    if (focus && each === name) button.focus();
  }
  if (state) books();
};
for (const each of TABS) {
  $(`tab-${each}`).addEventListener("click", () => open(each));
  $(`tab-${each}`).addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step) open(TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length], true);
  });
}
$("book-deployment").addEventListener("input", () => books());
$("open-only").addEventListener("input", () => books());

const KEYS = [["j, k", "next and previous deployment"], ["p", "pause or resume it"], ["s", "stop it"], ["a, r", "approve or reject what has waited longest"], ["1, 2, 3", "positions, orders, fills"], ["/", "search the log"], ["t", "light or dark"], ["Shift+K", "kill"], ["?", "this list"]];
const help = () => question({ title: "Keys", body: [make("div", { class: "keys" }, ...KEYS.flatMap(([key, text]) => [make("kbd", {}, key), make("span", {}, text)]))] });
$("help-button").addEventListener("click", help);
addEventListener("keydown", (event) => {
  if (!state || $("desk").hidden || isOpen() || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea")) return;
  const at = state.deployments.findIndex((each) => each.id === selected), one = state.deployments[at];
  const oldest = [...state.approvals].sort((a, b) => a.created_ts - b.created_ts)[0];
  const does = {
    j: () => state.deployments[at + 1] && select(state.deployments[at + 1].id),
    k: () => state.deployments[at - 1] && select(state.deployments[at - 1].id),
    p: () => { const name = one?.standing === "paused" ? "resume" : "pause"; if (one && may(name, one.mode)) act(name, one); },
    s: () => one && one.standing !== "stopped" && may("stop", one.mode) && act("stop", one),
    a: () => oldest && may("approve") && question({ title: "Approve?", button: "Approve", body: [make("p", {}, `${oldest.side > 0 ? "buy" : "sell"} ${oldest.quantity} ${oldest.symbol}, about ${number(oldest.notional)}, for ${oldest.deployment}`)], act: () => ask("POST", `/v1/approvals/${encodeURIComponent(oldest.id)}/approve`) }),
    r: () => oldest && may("reject") && decide("reject", oldest),
    1: () => open("positions"), 2: () => open("orders"), 3: () => open("fills"),
    "/": () => $("log-text").focus(), t: turn, K: kill, "?": help,
  }[event.key];
  if (does) { event.preventDefault(); does(); }
});
setInterval(() => { if (state && stream) panels.approvals(state, may("approve"), may("reject"), decide); }, 1000);

// --- begin ------------------------------------------------------------------------------------------------------
ask("GET", "/v1/session").then(enter).catch((problem) => showGate(problem.status === 401 ? "" : problem.why));
