// The theme switch at once; the form still tells the server. Menus and toasts close as people expect.
const root = document.documentElement;

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-appearance]");
  const theme = event.submitter?.value;
  if (!form || !theme) return;
  event.preventDefault();
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of form.querySelectorAll("[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  const data = new FormData(form, event.submitter);
  await fetch(form.action, { method: "POST", body: data, redirect: "manual" });
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  event.target.closest("[data-close-toast]")?.closest("[data-toast]").remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

for (const button of document.querySelectorAll("[data-close-toast]")) button.hidden = false;
