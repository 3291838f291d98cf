"""What a browser test does: sign in, open, check, take a picture."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page

from accounts.models import User

COLLECT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  const kept = JSON.parse(sessionStorage.getItem("violations") ?? "[]");
  kept.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber}`);
  sessionStorage.setItem("violations", JSON.stringify(kept));
});
"""
WEAR = """
(theme) => {
  const root = document.documentElement, worn = root.dataset.theme ?? null;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  return worn;
}
"""
VIOLATIONS = {"resultTypes": ["violations"]}
COLOURS = VIOLATIONS | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
OTHER = {"light": "dark", "dark": "light"}


class Desk:
    """A window on the running desk; ``page`` is Playwright's own."""

    def __init__(self, page: Page, address: str, theme: str) -> None:
        self.page = page
        self.address = address
        self.theme = theme
        self.console_errors: list[str] = []
        self.is_started = False
        page.add_init_script(COLLECT_VIOLATIONS)
        page.on("console", self.note_console)
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def note_console(self, message: ConsoleMessage) -> None:
        """Keep errors; the browser's own line about an answer of 4xx is no error of the page."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.console_errors.append(message.text)

    def sign_in(self, user: User) -> None:
        """Enter without the form, with the theme under test."""
        User.objects.filter(pk=user.pk).update(theme=self.theme)
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.address}])

    def open(self, path: str, *, status: int = 200) -> Page:
        """Go to an address of the desk; the answer must have this status."""
        answer = self.page.goto(f"{self.address}{path}", wait_until="load")
        self.is_started = True
        assert answer is not None
        assert answer.status == status
        return self.page

    def violations(self) -> list[str]:
        """CSP violations of every page of this window."""
        if not self.is_started:
            return []
        found: list[str] = self.page.evaluate("JSON.parse(sessionStorage.getItem('violations') ?? '[]')")
        return found

    def findings(self) -> list[str]:
        """What axe finds on the page in either theme: rule and first element of each.

        The page is asked by every rule as it is, and by those about colours in the other theme, as it would be drawn.
        """
        found = self._ask_axe(VIOLATIONS)
        worn = self.page.evaluate(WEAR, OTHER[self.theme])
        found += [f"{OTHER[self.theme]}: {one}" for one in self._ask_axe(COLOURS)]
        self.page.evaluate(WEAR, worn)
        return found

    def _ask_axe(self, options: dict[str, Any]) -> list[str]:
        results: Any = Axe().run(self.page, options=options).response
        return [f"{found['id']}: {found['nodes'][0]['html'][:160]}" for found in results["violations"]]

    def check(self) -> None:
        """Assert that the page breaks no rule."""
        findings = self.findings()
        assert findings == [], findings
        assert self.violations() == []
        assert self.console_errors == []

    def picture(self, folder: Path, name: str, *, width: int = 1280, height: int = 800) -> None:
        """Write ``name``-``width``x``height``-``theme``.png."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.screenshot(path=folder / f"{name}-{width}x{height}-{self.theme}.png")
