// The keys of a form: Ctrl-Enter keeps it, Escape leaves it. Both have a button and a link as well.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.documentElement.dataset.keys === "off") return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest("form[data-ctrl-enter]") ?? document.querySelector("form[data-ctrl-enter]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Escape" && !document.querySelector("dialog[open], details[data-menu][open]")) {
    document.querySelector("[data-cancel]")?.click();
  }
});
