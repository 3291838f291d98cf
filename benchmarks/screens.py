"""Pictures of the screens (``make screens``): a desk with the demonstration, both themes, two widths.

Without ``DESK_URL`` a desk of its own is started (``.data-screens``, free ports) and stopped; with it that running
desk is used, which must hold the demonstration. Pictures go to ``.screens``, the README's to ``docs/queue.png``.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from config.launcher.browser import SENTENCE, find_browser
from config.launcher.options import CHECKOUT
from scheduling.simulator.cast import DOMAIN, PASSWORD

PICTURES = CHECKOUT / ".screens"
README_PICTURE = CHECKOUT / "docs" / "queue.png"
THEMES = ("light", "dark")
SIZES = ((1280, 800), (1920, 1080))
README_SIZE = (1440, 900)
START_SECONDS = 600  # the demonstration is digested first
# Name, who looks, address, and whether the list's first row is opened.
PLACES = (
    ("today", "ruth", "/", False),
    ("queue", "dana", "/recovery/", True),
    ("exceptions", "ines", "/exceptions/", True),
    ("appointments", "dana", "/appointments/", True),
    ("mappings", "mara", "/mappings/", False),
    ("feeds", "ines", "/feeds/", False),
    ("audit", "ada", "/audit/", False),
    ("people", "amir", "/people/", False),
)
ROW = "[data-row] a.rowlink"


def main() -> int:
    """Take every picture; returns the exit status."""
    path = find_browser()
    if path is None:
        print(SENTENCE, file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with running_desk() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--headless", "--disable-gpu", *sandbox])
        for theme in THEMES:
            for size in SIZES:
                for number, file in enumerate(take_all(browser, address, theme, size), start=1):
                    print(f"{number:2} {file.relative_to(CHECKOUT)}", flush=True)
        take(browser, address, ("queue", "dana", "/recovery/", True), "light", README_SIZE, README_PICTURE)
        print(f"   {README_PICTURE.relative_to(CHECKOUT)}")
        browser.close()
    return 0


def take_all(browser: Browser, address: str, theme: str, size: tuple[int, int]) -> Iterator[Path]:
    """One picture of every place; yields the files."""
    for place in PLACES:
        file = PICTURES / f"{place[0]}-{theme}-{size[0]}.png"
        take(browser, address, place, theme, size, file)
        yield file


def take(
    browser: Browser, address: str, place: tuple[str, str, str, bool], theme: str, size: tuple[int, int], file: Path
) -> None:
    """Sign in as somebody who works there, open the place, and keep what the window shows."""
    _, person, path, opens_row = place
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="America/Chicago",
    )
    page = context.new_page()
    sign_in(page, address, person)
    page.goto(f"{address}{path}", wait_until="load")
    if opens_row and (rows := page.locator(ROW)).count():
        link = rows.first.get_attribute("href") or ""
        page.goto(urllib.parse.urljoin(page.url, link), wait_until="load")
    page.screenshot(path=file)
    context.close()


def sign_in(page: Page, address: str, person: str) -> None:
    """Through the form, as people do."""
    page.goto(f"{address}/login/", wait_until="load")
    page.fill("input[name=name]", f"{person}@{DOMAIN}")
    page.fill("input[name=password]", PASSWORD)
    page.click("form.entry__form button[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)


@contextmanager
def running_desk() -> Iterator[str]:
    """The address of a desk with the demonstration in it."""
    if address := os.environ.get("DESK_URL", "").rstrip("/"):
        yield address
        return
    port, mllp_port = free_port(), free_port()
    hidden = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
    environ = {name: value for name, value in os.environ.items() if name not in hidden} | {
        "PORT": str(port),
        "MLLP_PORT": str(mllp_port),
        "DATA_DIR": os.environ.get("SCREENS_DATA_DIR") or str(CHECKOUT / ".data-screens"),
        "DEMO": "1",
    }
    command = [sys.executable, "-m", "config.launcher", "run"]
    desk = subprocess.Popen(command, cwd=CHECKOUT, env=environ, stdout=sys.stderr, start_new_session=True)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/readyz", desk)
        yield address
    finally:
        desk.send_signal(signal.SIGTERM)
        desk.wait()


def wait_for(url: str, desk: "subprocess.Popen[bytes]") -> None:
    """Wait until the desk says that it is ready; raises RuntimeError when it ends first or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and desk.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    raise RuntimeError("The desk did not become ready; what it said stands above.")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
