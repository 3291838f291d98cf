// Polls [data-live] fragments: every data-every seconds while the page is seen, with ETag, so that "no change" is a 304.
const MOST_FAILURES = 5;

function watch(element) {
  let tag = "";
  let failures = 0;
  let timer = 0;

  async function look() {
    // A pane that was swapped away takes its poll along.
    if (!element.isConnected) clearInterval(timer);
    if (document.hidden || !element.isConnected) return;
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(element.dataset.live, { headers, cache: "no-store", redirect: "error" });
      // 286 says there is nothing more to come; 401 and 404 that there never will be.
      if ([286, 401, 403, 404].includes(answer.status)) clearInterval(timer);
      if (answer.status === 200 || answer.status === 286) {
        tag = answer.headers.get("ETag") ?? "";
        element.innerHTML = await answer.text();
        // A fragment may bring news for other places of the page.
        for (const part of element.querySelectorAll("template[data-into]")) {
          document.querySelector(part.dataset.into)?.replaceChildren(part.content);
        }
        window.htmx?.process(element);
      }
      failures = 0;
    } catch {
      failures += 1;
      if (failures >= MOST_FAILURES) clearInterval(timer);
    }
  }

  timer = setInterval(look, 1000 * Math.max(Number(element.dataset.every) || 15, 2));
  document.addEventListener("visibilitychange", look);
}

function watchAll() {
  for (const element of document.querySelectorAll("[data-live]:not([data-watched])")) {
    element.dataset.watched = "";
    watch(element);
  }
}

watchAll();
document.addEventListener("htmx:afterSettle", watchAll);
