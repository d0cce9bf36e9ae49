// How things are written and made.

export const $ = (id) => document.getElementById(id);

/** An element: `make("td", { class: "text" }, "words")`. Text stays text; nothing is ever read as markup. */
export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

const known = (value) => typeof value === "number" && Number.isFinite(value);
export const number = (value, digits = 2, sign = false) => known(value) ? value.toLocaleString("en-US", {
  minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: sign ? "exceptZero" : "auto",
}) : "–";
export const money = (value, sign = false) => number(value, Math.abs(value) >= 1e6 ? 0 : 2, sign);
export const quantity = (value) => known(value) ? value.toLocaleString("en-US", { maximumSignificantDigits: 8 }) : "–";
export const price = (value) => {
  if (!known(value)) return "–";
  const digits = value ? Math.min(8, Math.max(2, 5 - Math.floor(Math.log10(Math.abs(value))))) : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits });
};
export const share = (value, digits = 2) => known(value) ? `${number(value * 100, digits)} %` : "–";
export const tone = (value) => !known(value) || value === 0 ? "" : value > 0 ? "up" : "down";

const two = (value) => String(value).padStart(2, "0");
/** `ts` in UTC nanoseconds as a time of today, or a date with it. */
export const stamp = (ts) => {
  if (!ts) return "–";
  const at = new Date(ts / 1e6), now = new Date();
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  const day = at.toISOString().slice(0, 10);
  return day === now.toISOString().slice(0, 10) ? clock : `${day.slice(5)} ${clock.slice(0, 5)}`;
};
export const ago = (seconds) => !known(seconds) ? "–" : seconds < 10 ? `${seconds.toFixed(1)} s` : seconds < 120 ? `${Math.round(seconds)} s` :
  seconds < 7200 ? `${Math.round(seconds / 60)} min` : seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
export const words = (name) => String(name).replaceAll("_", " ");

/** Replace what is in `holder` only if it would look different: selections and the scroll position stay. */
export const fill = (holder, ...children) => {
  const fresh = document.createElement(holder.tagName);
  fresh.append(...children.filter((child) => child !== null));
  if (fresh.innerHTML !== holder.innerHTML) holder.replaceChildren(...fresh.childNodes);
};

export const toast = (text, more = "", bad = false) => {
  const note = make("div", { class: bad ? "toast bad" : "toast" }, text, more ? make("small", {}, more) : null);
  $("toasts").append(note);
  setTimeout(() => note.remove(), bad ? 9000 : 4000);
};
