// The queue: verbs for the row under the cursor, what an act changed around the pane, steps that fit an outcome, and
// a sign of life while somebody works on an item they hold. Every verb has a button too.
const root = document.documentElement;
const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, dialog";
const VERBS = new Set(["a", "c", "t", "e", "s", "u", "o", "p", "d", "v"]);
const EVERY = 60_000; // a claim lasts ten minutes
let waiting = null; // a verb's key that waits for the pane of its row
let stayed = 0;

const rowOf = (element) => element?.closest?.("tr[data-row]");
const current = () => document.querySelector("tr[data-row][aria-current]");

// A verb's key never meets another item than the one under the cursor: its pane is opened first.
document.addEventListener(
  "keydown",
  (event) => {
    if (root.dataset.keys === "off" || event.defaultPrevented || !VERBS.has(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
    const row = rowOf(document.activeElement);
    if (!row || row === current()) return;
    waiting = { key: event.key, id: row.id };
    row.querySelector("a.rowlink")?.click();
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

// An answer brings its row and the counts along; a row that is not on this page is left out.
function place(pane) {
  for (const part of pane.querySelectorAll("template[data-into]")) {
    const target = document.querySelector(part.dataset.into);
    target?.replaceChildren(part.content);
    if (target) window.htmx.process(target);
    part.remove();
  }
}

// The menu of next steps holds what may follow the outcome, the usual first; a moment and a person only where asked.
function narrow(form) {
  const outcome = form.querySelector("[name=outcome]");
  const step = form.querySelector("[name=next_step]");
  const follows = JSON.parse(form.querySelector("#follows").textContent);
  const all = [...step.options].map((option) => [option.value, option.text]);
  const show = () => {
    const fitting = follows[outcome.value] ?? [];
    const chosen = step.value;
    const listed = fitting.map((value) => all.find(([other]) => other === value));
    step.replaceChildren(...listed.map(([value, text]) => new Option(text, value)));
    if (fitting.includes(chosen)) step.value = chosen;
    fields();
  };
  const fields = () => {
    for (const name of ["next_step", "at", "with_whom", "language"]) {
      const isAsked = name === "next_step" ? outcome.value : step.value === "call_back" || (name === "at" && step.value === "try_again");
      form.querySelector(`[data-field=${name}]`).hidden = !isAsked;
    }
  };
  outcome.addEventListener("change", show);
  step.addEventListener("change", fields);
  show();
}

function begin() {
  const form = document.querySelector("form[data-outcome]:not([data-ready])");
  if (form) {
    form.dataset.ready = "";
    narrow(form);
    form.querySelector("[name=outcome]").focus();
  }
}

document.addEventListener("htmx:afterSettle", (event) => {
  const { target } = event.detail;
  if (target?.id === "pane") {
    place(target);
    begin();
  } else if (target?.id === "candidates") {
    bringUp();
  }
  if (!waiting || current()?.id !== waiting.id) return;
  const verb = document.querySelector(`#pane [data-key="${CSS.escape(waiting.key)}"]`);
  // The people for a slot come after the rest of its pane, and the verbs upon them with them.
  if (!verb && document.querySelector("#pane #candidates[hx-get]")) return;
  waiting = null;
  verb?.click();
});

// Whoever holds a free slot is about to choose somebody, or to record an answer: that stands at the top of the pane.
function bringUp() {
  const choose = document.querySelector("#pane #choose");
  const list = (choose && (document.querySelector("#pane .offers form") ?? choose))?.closest(".section");
  const body = list?.closest(".pane__body");
  if (body) body.scrollTop = list.offsetTop - body.offsetTop;
}

document.addEventListener("change", (event) => {
  event.target.closest("#choose .fit")?.scrollIntoView({ block: "nearest" });
});

// The claim goes on while its holder types, points or scrolls; the server decides whether it is still theirs.
async function stay() {
  const line = document.querySelector("#pane [data-stay]");
  if (!line || document.hidden || Date.now() - stayed < EVERY) return;
  stayed = Date.now();
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const asked = { method: "POST", headers: { "X-CSRFToken": token }, redirect: "error" };
  const answer = await fetch(line.dataset.stay, asked).catch(() => null);
  if (answer?.status !== 409) return;
  line.textContent = await answer.text();
  line.removeAttribute("data-stay");
}

for (const kind of ["keydown", "pointerdown", "wheel"]) document.addEventListener(kind, stay, { passive: true });

begin();
