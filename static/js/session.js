// Warns two minutes before the session ends. Typed text stays: nothing reloads, and after signing in
// again in another tab the forms of this page get the new token.
const bar = document.querySelector("[data-session]");
const WARN_SECONDS = 120;

async function ask(address, method) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const headers = method === "POST" ? { "X-CSRFToken": token } : {};
  const answer = await fetch(address, { method, headers, cache: "no-store", redirect: "error" });
  if (!answer.ok) return;
  const state = await answer.json();
  bar.dataset.endsAt = state.ends_at;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = state.token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": state.token }));
}

function show() {
  const left = Number(bar.dataset.endsAt) - Date.now() / 1000;
  bar.hidden = left > WARN_SECONDS;
  const isOver = left <= 0;
  const text = isOver
    ? "You were signed out. What you typed is still here: sign in in a new tab, then go on."
    : `You will be signed out in ${Math.ceil(left / 60)} min.`;
  const line = bar.querySelector("[data-session-text]");
  if (line.textContent !== text) line.textContent = text;
  bar.querySelector("[data-session-stay]").hidden = isOver;
  bar.querySelector("[data-session-again]").hidden = !isOver;
}

// Another tab may have kept the session awake, so the server is asked before anyone is warned; asking prolongs nothing.
async function look() {
  const isNear = Number(bar.dataset.endsAt) - Date.now() / 1000 <= WARN_SECONDS;
  if (isNear && !document.hidden) await ask(bar.dataset.state, "GET").catch(() => undefined);
  show();
}

if (bar) {
  bar.querySelector("[data-session-stay]").addEventListener("click", async () => {
    await ask(bar.dataset.stay, "POST").catch(() => undefined);
    show();
  });
  setInterval(look, 15_000);
  document.addEventListener("visibilitychange", look);
}
