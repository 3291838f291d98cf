"""One template for page and swap."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def render_page(
    request: HttpRequest, page: str, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render the whole page, or only ``partial`` when htmx asked for a swap (not for a boosted visit).

    The two answers of one address must not be mixed up by a cache, hence Vary.
    """
    htmx = getattr(request, "htmx", None)
    template = partial if htmx and not htmx.boosted and not htmx.history_restore_request else page
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Request"
    return response
