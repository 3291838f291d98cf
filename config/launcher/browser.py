"""Find the Chromium that the browser tests drive."""

import os
import shutil
import subprocess

from config.launcher.problems import LaunchError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SENTENCE = "The browser tests need Chromium; install it (Debian: apt install chromium) and run `make test` again."


def find_browser() -> str | None:
    """The path of an installed Chromium, CHROMIUM naming one that is not on PATH."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next((path for name in NAMES if (path := shutil.which(name))), None)


def require_browser() -> None:
    """Install Chromium where apt can, else raise LaunchError with the sentence above."""
    if find_browser():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests ...", flush=True)
        environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *command], check=False, stdout=subprocess.DEVNULL, env=environ)
    if not find_browser():
        raise LaunchError(SENTENCE)
