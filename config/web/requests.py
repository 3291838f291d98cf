"""What a request says about the browser it came from."""

import re

from django.conf import settings
from django.http import HttpRequest

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
UNPRINTABLE = re.compile(r"[^0-9A-Fa-f.:]")


def client_address(request: HttpRequest) -> str:
    """Return the client's network address.

    Behind a TLS proxy (settings say so) it is the last entry of X-Forwarded-For, the one our own
    proxy appended; earlier entries are the client's to invent.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        address = forwarded.rsplit(",", 1)[-1]
    return UNPRINTABLE.sub("", address)[:45]


def browser_of(request: HttpRequest) -> str:
    """Name browser and system as people do: "Firefox on Windows"; "Unknown browser" otherwise."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for sign, name in BROWSERS if sign in agent), "Unknown browser")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if system else browser
