// Questions before something is done.

import { $, make, toast } from "/assets/format.js";

const dialog = $("dialog");
let doing = null, check = () => true;

/**
 * Ask, then do. `body`: elements. `ready`: whether it may be done now. `act`: does it and throws Problem; the dialog
 * stays open and shows why. `button`: its words, `bad` for one that hurts.
 */
export const question = ({ title, body = [], button = "Do it", bad = false, ready = () => true, act }) => {
  $("dialog-title").textContent = title;
  $("dialog-body").replaceChildren(...body);
  $("dialog-problem").textContent = "";
  const go = $("dialog-do");
  go.hidden = act === undefined;
  go.textContent = button;
  go.className = bad ? "danger" : "primary";
  $("dialog-cancel").textContent = act === undefined ? "Close" : "Cancel";
  doing = act;
  check = ready;
  go.disabled = !check();
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? $("dialog-cancel")).focus();
};

$("dialog-form").addEventListener("input", () => { $("dialog-do").disabled = !check(); });
$("dialog-cancel").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
$("dialog-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!doing || !check()) return;
  const go = $("dialog-do");
  go.disabled = true;
  try {
    await doing();
    dialog.close();
  } catch (problem) {
    $("dialog-problem").textContent = [problem.why ?? String(problem), problem.mend].filter(Boolean).join(" – ");
  } finally {
    go.disabled = !check();
  }
});

export const choice = (name, value, title, more, chosen = false) => make("label", { class: "choice" },
  make("input", { type: "radio", name, value, checked: chosen }), make("span", {}, title), make("small", {}, more));
export const chosen = (name) => dialog.querySelector(`input[name="${name}"]:checked`)?.value ?? "";
export const typed = (label, wanted) => {
  const field = make("input", { autocomplete: "off", spellcheck: "false", autocapitalize: "none", autofocus: true });
  return { field, row: make("label", {}, label, field), matches: () => field.value.trim() === wanted };
};
export const isOpen = () => dialog.open;
export const told = async (work, done) => {
  try {
    await work();
    if (done) toast(done);
  } catch (problem) {
    toast(problem.why ?? String(problem), problem.mend ?? "", true);
  }
};
