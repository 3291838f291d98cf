"""Pages for refusals and failures: what happened, in a sentence, and where to go."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone

from config.web import times


@dataclass(frozen=True)
class ErrorPage:
    """The words of one error page."""

    title: str
    text: str


PAGES = {
    400: ErrorPage("We could not read that request.", "Go back and try again. Nothing was changed."),
    403: ErrorPage(
        "This page is not part of your work here.", "The refusal was recorded. An administrator can give you a role."
    ),
    404: ErrorPage(
        "There is nothing here for you.",
        "The address is wrong, the row is gone, or it belongs to a clinic outside your scope.",
    ),
    409: ErrorPage(
        "This changed before you saved.", "Nothing of yours was lost. Open it again to see what is true now."
    ),
    429: ErrorPage("Too many tries.", "Wait a little, then try again."),
}


def error_page(request: HttpRequest, status: int, *, text: str = "") -> HttpResponse:
    """Render the page of a status; ``text`` replaces its sentence."""
    page = PAGES[status]
    context = {"title": page.title, "text": text or page.text, "status": status}
    return render(request, "errors/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400 without the frame: the request may be unreadable in any part."""
    return HttpResponse(loader.render_to_string("errors/plain.html", vars(PAGES[400]) | {"status": 400}), status=400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return error_page(request, 403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404; out of scope looks exactly the same."""
    return error_page(request, 404)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 when a form's token is missing or old, which mostly means a page from before signing in again."""
    return error_page(
        request, 403, text="This form is from an earlier session. Go back, reload the page and send it again."
    )


def conflict(request: HttpRequest, text: str) -> HttpResponse:
    """Answer 409 with one sentence saying what changed and when (I10)."""
    return error_page(request, 409, text=text)


def too_many(request: HttpRequest, retry_at: datetime, *, now: datetime) -> HttpResponse:
    """Answer 429 and say when to try again; UTC, since nobody is signed in."""
    at = times.rounded_up(retry_at)
    text = f"You can try again {times.relative(at, now)} ({at:%H:%M} UTC)."
    response = error_page(request, 429, text=text)
    response["Retry-After"] = str(max(1, int((at - now).total_seconds())))
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 from a template that needs neither database nor user; the id finds the log lines."""
    context = {
        "title": "Something broke on our side.",
        "text": "Nothing you sent was half saved. Try again; if it stays, tell the help desk.",
        "status": 500,
        "reference": getattr(request, "request_id", ""),
        "at": f"{timezone.now():%d %b %Y, %H:%M:%S} UTC",
    }
    try:
        page = loader.render_to_string("errors/plain.html", context)
    except ValueError:
        # The manifest of static files may be the very thing that is missing.
        return HttpResponse(f"{context['title']} {context['text']}\n", status=500, content_type="text/plain")
    return HttpResponse(page, status=500)
