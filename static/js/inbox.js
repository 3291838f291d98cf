// The inbox of exceptions: one key per verb for the row under the cursor or for what is ticked, and rows that never
// move. keys.js knows j k x Enter; this adds Shift+x, Shift+a, Esc, and sees to it that a verb never meets another row
// than the one the person looks at. Everything has a button too.
const root = document.documentElement;
const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, dialog";
const bar = document.querySelector("[data-bulk]");
let lastTicked = "";
let waiting = null; // a verb's key that waits for the pane of its row

const boxes = () => [...document.querySelectorAll("tr[data-row] input[name=row]")];
const ticked = () => boxes().filter((box) => box.checked);
const everything = () => bar?.querySelector("[data-all]");
const rowOf = (element) => element?.closest?.("tr[data-row]");

function tell() {
  if (!bar) return;
  const all = everything();
  const words = bar.querySelector("[data-ticked]");
  words.textContent = all?.checked ? "Instead of the ticked:" : `${ticked().length} ticked`;
}

function clear() {
  if (document.querySelector("#pane [data-cancel]")) return false;
  const any = ticked().length > 0 || everything()?.checked;
  for (const box of ticked()) box.checked = false;
  if (everything()) everything().checked = false;
  lastTicked = "";
  tell();
  return any;
}

function tickTo() {
  const all = boxes();
  const here = all.findIndex((box) => box.closest("tr") === (rowOf(document.activeElement) ?? current()));
  if (here < 0) return false;
  const last = all.findIndex((box) => box.closest("tr").id === lastTicked);
  const [from, to] = last < 0 ? [0, all.length - 1] : [Math.min(here, last), Math.max(here, last)];
  for (const box of all.slice(from, to + 1)) box.checked = true;
  lastTicked = all[here].closest("tr").id;
  tell();
  return true;
}

function tickAll() {
  const all = everything();
  all?.click();
  return Boolean(all);
}

const current = () => document.querySelector("tr[data-row][aria-current]");

// A verb's key goes to what is ticked, else to the row under the cursor, whose pane is opened first.
function verb(key) {
  if (ticked().length > 0 || everything()?.checked) {
    const button = bar?.querySelector(`[data-bulk-key="${CSS.escape(key)}"]`);
    button?.click();
    return Boolean(button);
  }
  const row = rowOf(document.activeElement);
  if (!row || row === current() || !document.querySelector(`[data-bulk-key="${CSS.escape(key)}"], #pane [data-key="${CSS.escape(key)}"]`)) return false;
  waiting = { key, id: row.id };
  row.querySelector("a.rowlink")?.click();
  return true;
}

document.addEventListener(
  "keydown",
  (event) => {
    if (root.dataset.keys === "off" || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
    const done = { X: tickTo, A: tickAll, Escape: clear }[event.key]?.() ?? (event.key.length === 1 && verb(event.key));
    if (!done) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

// Leaving the form for many goes back to the open row; the ticks stay.
document.addEventListener("click", (event) => {
  const link = current()?.querySelector("a.rowlink");
  if (!link || !event.target.closest("[data-many]")) return;
  event.preventDefault();
  link.click();
});

document.addEventListener("change", (event) => {
  if (event.target.name === "row" && event.target.checked) lastTicked = event.target.closest("tr").id;
  if (event.target.name === "row" || event.target === everything()) tell();
});

// A row that is swapped keeps its tick, and the cursor comes back to the row where it was last.
let focused = "";
document.addEventListener("focusin", (event) => {
  focused = rowOf(event.target)?.id ?? focused;
});
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const old = event.detail.target;
  const box = old.querySelector?.("input[name=row], input[name=scope]");
  const fresh = event.detail.fragment.querySelector?.("input[name=row], input[name=scope]");
  if (box && fresh && box.checked) fresh.checked = true;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (focused && document.activeElement === document.body) {
    document.getElementById(focused)?.querySelector("a.rowlink")?.focus({ preventScroll: true });
  }
  tell();
  if (event.detail.target?.id !== "pane") return;
  // The page opens with the pane of its first row.
  if (!current()) document.querySelector("tr[data-row]")?.setAttribute("aria-current", "true");
  fade();
  if (!waiting || current()?.id !== waiting.id) return;
  const { key } = waiting;
  waiting = null;
  document.querySelector(`#pane [data-key="${CSS.escape(key)}"]`)?.click();
});

// What can no longer be taken back is not offered.
let fading = 0;
function fade() {
  clearTimeout(fading);
  const toast = document.querySelector("#undo [data-seconds]");
  if (toast) fading = setTimeout(() => toast.remove(), 1000 * Number(toast.dataset.seconds));
}

tell();
fade();
