// The message lab: Ctrl+Enter runs what is typed, [ and ] lead from stage to stage. All of it has buttons too.
const text = document.querySelector("[data-lab-text]");
const stages = [...document.querySelectorAll("[data-lab-stage]")];
const steps = document.querySelector("[data-lab-steps]");

text?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  text.form.requestSubmit();
});

document.querySelector("[data-key=p]")?.addEventListener("click", (event) => {
  event.preventDefault();
  text?.focus();
});

if (steps && stages.length) steps.hidden = false;
steps?.addEventListener("click", (event) => {
  const step = Number(event.target.closest("[data-lab-step]")?.dataset.labStep ?? 0);
  const at = stages.indexOf(document.activeElement);
  const next = stages[at < 0 ? (step > 0 ? 0 : stages.length - 1) : at + step];
  if (!step || !next) return;
  next.focus();
  next.scrollIntoView({ block: "start" });
});
