"""Addresses that keep the other filters."""

from collections.abc import Callable
from urllib.parse import quote_plus

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

# A changed filter starts at the first page again.
PAGING = ("after",)


def with_query(request: HttpRequest, **changes: object) -> str:
    """Return this page's query string with some parameters set; None or "" removes one. Paging starts anew."""
    query = request.GET.copy()
    for name in PAGING:
        query.pop(name, None)
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


def value_links(request: HttpRequest, name: str) -> Callable[[str], str]:
    """``with_query`` for many values of one parameter: what the links share is written once."""
    query = request.GET.copy()
    for dropped in (*PAGING, name):
        query.pop(dropped, None)
    shared = query.urlencode()
    start = f"?{shared}&" if shared else "?"
    without = f"?{shared}"
    return lambda value: f"{start}{name}={quote_plus(value)}" if value else without


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Return the address a form asked to go back to, if it is one of ours (no open redirect)."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else fallback
