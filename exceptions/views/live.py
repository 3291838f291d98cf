"""What the list asks for every some seconds: what is new, how the splits stand, who has the rows it shows."""

from datetime import UTC, datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from config.web.asking import answers, how_many
from config.web.ids import read_id
from config.web.live import live_response
from config.web.paging import PAGE_SIZE
from exceptions.models import History, IntegrationException
from exceptions.selectors.rows import owner_words
from exceptions.splits import split_counts, split_questions, splits_for
from exceptions.views.listing import kept_rows
from exceptions.views.requests import kept_query, person_of

NEW = "new rows"


@login_required
@require_GET
def live_news(request: HttpRequest) -> HttpResponse:
    """Say how many exceptions opened since the page was rendered, and what changed around the rows it shows.

    ``since`` is in epoch seconds, ``rows`` are ids with commas. No row moves: counts are replaced, and the owner of a
    row that somebody moved since.
    """
    now = timezone.now()
    since = since_of(request, now)
    new = how_many(kept_rows(request, now).filter(opened_at__gt=since))
    found = answers({NEW: new, **split_questions(request, now)})
    owners = owners_since(request, since)
    counts, number = split_counts(found), found[NEW]
    version = (number, [str(count) for count in counts.values()], owners)
    noun = "exception" if number == 1 else "exceptions"
    return live_response(
        request,
        version,
        lambda: render(
            request,
            "exceptions/_live.html",
            {
                "text": f"{number:,} new {noun}." if number else "",
                "url": f"{reverse('exceptions:list')}{kept_query(request)}",
                "splits": splits_for(list_address(request), counts),
                "owners": owners,
            },
        ),
    )


def owners_since(request: HttpRequest, since: datetime) -> list[tuple[int, str]]:
    """Who has those of the rows a page shows that somebody or something moved since; ids and words."""
    asked = [read_id(text) for text in request.GET.get("rows", "").split(",")[:PAGE_SIZE] if text]
    if not asked:
        return []
    moved = History.objects.filter(exception__in=asked, at__gt=since).values("exception")
    rows = IntegrationException.objects.visible_to(request.user).filter(pk__in=asked).filter(pk__in=moved)
    user = person_of(request)
    return [(row.pk, owner_words(row, user)) for row in rows.select_related("owner", "owner_team").order_by("pk")]


def since_of(request: HttpRequest, now: datetime) -> datetime:
    """Read the moment a page was rendered from its address; anything else reads as now."""
    try:
        return datetime.fromtimestamp(float(request.GET.get("since", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return now


def list_address(request: HttpRequest) -> HttpRequest:
    """A request for the list itself, for links that do not carry what only a poll does."""
    asked = HttpRequest()
    asked.GET = QueryDict(kept_query(request).removeprefix("?"))
    return asked
