"""Feeds: how current each is, where every message went, and the messages behind each number."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.services.audit import audited_read
from config.web.menus import splits
from config.web.paging import keyset_page
from scheduling.models import Feed
from scheduling.panels import feed_columns
from scheduling.selectors.feed_ledger import ledger_view, read_days
from scheduling.selectors.feed_pages import (
    MessageRow,
    fates_of,
    feed_page,
    feed_rows,
    messages_with,
    seen_by,
    with_clocks,
)
from scheduling.selectors.words import OUTCOME_TONES
from scheduling.services.ledger import OUTCOMES
from scheduling.vocabulary import Outcome

WAITS = (Outcome.WAITING, "Not read yet", "")


@login_required
@require_GET
def feed_list(request: HttpRequest) -> HttpResponse:
    """List the feeds in scope with their clocks, and the ledger of today over all of them."""
    now = timezone.now()
    visible = Feed.objects.visible_to(request.user).select_related("source", "owner_team")
    feeds = list(with_clocks(visible).order_by("name"))
    rows = feed_rows(request, feeds, now=now)
    days = read_days([feed.pk for feed in feeds], today=now.date())
    context = {
        "rows": rows,
        "columns": feed_columns(),
        "ledger": ledger_view(days.values()),
        "worst": [row for row in rows if row.clocks.tone == "held" and row.feed.is_active],
    }
    return render(request, "scheduling/feeds.html", context)


@login_required
@require_GET
def feed_detail(request: HttpRequest, key: str) -> HttpResponse:
    """Show one feed: clocks, ledger by day, what could not be read, settings, extracts."""
    page = feed_page(request, visible_feed(request, key), now=timezone.now())
    return render(request, "scheduling/feed.html", {"page": page, "zone": page.row.feed.source.zone})


@login_required
@require_GET
def feed_messages(request: HttpRequest, key: str) -> HttpResponse:
    """List a feed's messages by outcome and UTC day, newest first; no bodies."""
    feed = visible_feed(request, key)
    outcome, on = request.GET.get("outcome", ""), asked_day(request)
    page = keyset_page(messages_with(feed, outcome, on), order=("-id",), cursor=request.GET.get("after", ""))
    shown = seen_by(request.user, page.rows)
    audited_read(
        request,
        subject_kind="scheduling.message",
        subject=f"feed {feed.pk}",
        detail={"messages": [message.pk for message in shown]},
    )
    context = {
        "feed": feed,
        "zone": feed.source.zone,
        "page": page,
        "rows": message_rows(shown),
        "splits": splits(request, [("", "Received"), *((o.value, o.label) for o in OUTCOMES)], name="outcome"),
        "on": on,
    }
    return render(request, "scheduling/feed_messages.html", context)


def message_rows(messages: list[Any]) -> list[MessageRow]:
    """Lines of messages with what became of each; two queries."""
    fates = fates_of([message.pk for message in messages])
    rows = []
    for message in messages:
        outcome, about, sentence = fates.get(message.pk, WAITS)
        tone = OUTCOME_TONES.get(outcome, "")
        rows.append(MessageRow(message, outcome, about, sentence, message.get_absolute_url(), tone))
    return rows


def visible_feed(request: HttpRequest, key: str) -> Feed:
    """A feed in scope; 404 and a denied audit row for another's."""
    feed: Feed = get_visible_or_404(with_clocks(Feed.objects.select_related("source", "owner_team")), request, key=key)
    return feed


def asked_day(request: HttpRequest) -> date | None:
    """The UTC day asked for; anything unreadable reads as every day."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
