// A row link fills the pane beside the list; the mark of the open row moves with it. Without this the link loads the page.
document.addEventListener("htmx:afterSwap", (event) => {
  const row = event.detail.requestConfig?.elt?.closest("tr[data-row]");
  if (event.detail.target.id !== "pane" || !row) return;
  for (const other of document.querySelectorAll("tr[data-row][aria-current]")) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
});
