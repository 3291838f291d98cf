"""A real Chromium against a real server; without one the tests fail, they are never skipped."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.pages import Desk

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail("No Chromium found: install the package 'chromium' and run the tests again.", pytrace=False)
    # Playwright keeps a loop in this thread, and Django takes any running loop for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *sandbox])
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def pytest_generate_tests(metafunc):
    """A page is checked in both themes wherever a test looks at it, so tests run in one.

    Marked ``both_themes`` they run in both, with ``BROWSER_THEMES=both`` all do.
    """
    if "theme" not in metafunc.fixturenames:
        return
    both = metafunc.definition.get_closest_marker("both_themes") or os.environ.get("BROWSER_THEMES") == "both"
    metafunc.parametrize("theme", ["light", "dark"] if both else ["light"])


@pytest.fixture
def desk(browser, live_server, theme):
    """A browser window of 1280 x 800; closing it fails the test when the page broke a rule unseen."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=theme, reduced_motion="reduce")
    window = Desk(context.new_page(), live_server.url, theme)
    yield window
    violations = window.violations()
    context.close()
    assert violations == []
    assert window.console_errors == []
