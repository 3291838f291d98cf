// Ctrl-K: filter the places that the server listed. Also switched off with data-keys="off".
const palette = document.querySelector("#palette");
const input = palette?.querySelector("[data-palette-input]");
const none = palette?.querySelector("[data-palette-none]");
const entries = [...(palette?.querySelectorAll("li") ?? [])];

function shown() {
  return entries.filter((entry) => !entry.hidden);
}

function filter() {
  const words = input.value.toLowerCase().split(/\s+/);
  for (const entry of entries) entry.hidden = !words.every((word) => entry.textContent.toLowerCase().includes(word));
  none.hidden = shown().length > 0;
}

document.addEventListener("keydown", (event) => {
  if (!palette || document.documentElement.dataset.keys === "off") return;
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || palette.open) return;
  event.preventDefault();
  input.value = "";
  filter();
  palette.showModal();
});

input?.addEventListener("input", filter);
palette?.addEventListener("keydown", (event) => {
  const links = shown().map((entry) => entry.firstElementChild);
  const at = links.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    (links[to] ?? input).focus();
  } else if (event.key === "Enter" && document.activeElement === input) {
    event.preventDefault();
    links[0]?.click();
  }
});
palette?.addEventListener("click", (event) => {
  if (event.target === palette) palette.close();
});
