"""Fragments that poll: 304 while nothing changed, and never a sign of life of the person."""

from collections.abc import Callable
from hashlib import sha256

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

# Requests below this path do not keep a session awake (accounts.middleware).
PREFIX = "/live/"


def etag(request: HttpRequest, version: object) -> str:
    """Name a state of a fragment for one person at one address."""
    key = f"{request.user.pk}|{request.get_full_path()}|{version}"
    return f'"{sha256(key.encode()).hexdigest()[:32]}"'


def live_response(request: HttpRequest, version: object, render: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a poll: 304 when the browser already shows ``version``, else what ``render`` gives.

    ``version`` is anything cheap that changes with the fragment (a count and a newest time); it is hashed.
    """
    tag = etag(request, version)
    is_shown = request.headers.get("If-None-Match") == tag
    response = HttpResponseNotModified() if is_shown else render()
    response["ETag"] = tag
    response["Cache-Control"] = "no-store"
    return response
