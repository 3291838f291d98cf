// Keys: j k x Enter over rows, / search, r refresh, ? sheet, g then a letter, and [data-key] verbs of the page.
// Off while typing and when data-keys="off". Everything has a link or a button too.
const root = document.documentElement;
const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, dialog";
let going = 0;

const rows = () => [...document.querySelectorAll("tr[data-row]")];

function move(step) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const from = at < 0 ? all.findIndex((row) => row.hasAttribute("aria-current")) : at;
  const row = all[from < 0 ? 0 : from + step];
  // The row's own link, though its box to tick stands before it.
  (row?.querySelector(".rowlink") ?? row?.querySelector("a, input"))?.focus();
  row?.scrollIntoView({ block: "nearest" });
  return Boolean(row);
}

function tick() {
  const all = rows();
  const row = all.find((candidate) => candidate.contains(document.activeElement))
    ?? all.find((candidate) => candidate.hasAttribute("aria-current"));
  const box = row?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

function search() {
  const field = document.querySelector(".field--search");
  field?.focus();
  return Boolean(field);
}

function press(key) {
  const verb = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  verb?.click();
  return Boolean(verb);
}

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  "/": search,
  r: () => {
    const link = document.querySelector("[data-refresh]");
    link?.click();
    return Boolean(link);
  },
  "?": () => {
    document.querySelector("#keys")?.showModal();
    return true;
  },
  g: () => {
    going = Date.now();
    return true;
  },
};

document.addEventListener("keydown", (event) => {
  if (root.dataset.keys === "off" || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
  if (Date.now() - going < 1500 && event.key !== "g") {
    going = 0;
    const place = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (place) {
      event.preventDefault();
      place.click();
      return;
    }
  }
  if ((ACTS[event.key] ?? (() => press(event.key)))()) event.preventDefault();
});
