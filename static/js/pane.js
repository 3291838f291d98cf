// A row link fills the pane beside the list; the mark of the open row moves with it. Without this the link loads the page.
document.addEventListener("htmx:afterSwap", (event) => {
  const row = event.detail.requestConfig?.elt?.closest("tr[data-row]");
  if (event.detail.target.id !== "pane" || !row) return;
  for (const other of document.querySelectorAll("tr[data-row][aria-current]")) other.removeAttribute("aria-current");
  // The row itself may have been swapped along with the pane.
  (document.getElementById(row.id) ?? row).setAttribute("aria-current", "true");
});

// Escape leaves the form of a verb, as its Cancel does; what was typed elsewhere stays.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.documentElement.dataset.keys === "off") return;
  if (document.querySelector("dialog[open], details[data-menu][open]")) return;
  const cancel = document.querySelector("#pane [data-cancel]");
  if (!cancel) return;
  event.preventDefault();
  cancel.click();
});
