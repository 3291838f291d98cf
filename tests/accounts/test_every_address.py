"""No address of the desk answers a stranger with anything, except those that must."""

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

# Health, the way in, and what machines reach with a token of their own.
OPEN = {"livez", "readyz", "login/", "logout/"}
TOKENS = ("intake/", "outreach/", "scores/")
SAMPLES = {"int": "1", "string": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000000", "path": "x"}


def addresses(patterns, prefix=""):
    """Every address with its converters filled in."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and "admin/" not in route and "(" not in route:
            for name, converter in pattern.pattern.converters.items():
                kind = type(converter).__name__.removesuffix("Converter").lower()
                # Converters of our own are lists of words.
                sample = SAMPLES.get(kind) or converter.regex.split("|")[0].strip("(?:)")
                route = re.sub(rf"<(\w+:)?{name}>", sample, route)
            yield route


PRIVATE = sorted(
    route for route in addresses(get_resolver().url_patterns) if route not in OPEN and not route.startswith(TOKENS)
)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", PRIVATE)
def test_a_stranger_gets_in_nowhere(client, db, route, method):
    response = getattr(client, method)(f"/{route}")

    assert response.status_code in {302, 401, 405}, f"{method} /{route} answered {response.status_code}"
    if response.status_code == 302:
        assert response["Location"].startswith("/login/")
