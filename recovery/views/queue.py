"""The queue: list, one item, and what is new."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import needs_role
from accounts.scope import has_role
from accounts.services.audit import audited_list
from accounts.vocabulary import Role
from accounts.zones import zone_of
from config.web.asking import bounded_counts
from config.web.links import with_query
from config.web.live import live_response
from recovery.selectors.holds import BLOCKS
from recovery.selectors.news import changed_words
from recovery.selectors.pane import pane_questions
from recovery.selectors.queue import Queue, all_url
from recovery.selectors.trusts import trusts_for
from recovery.verbs import ACTORS, PAGE_KEYS
from recovery.views.panes import fetch, kept_query, opened, pane_response

WORKERS = (Role.ACCESS, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN)
# Any epoch second between 2000 and 2100 is a moment; anything else polls as "since now".
EARLIEST, LATEST = 946_684_800, 4_102_444_800


@needs_role(*WORKERS)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """List the open chances of the person's clinics, best first; ``item`` in the query opens one beside the list."""
    now = timezone.now()
    asked = request.GET.get("item", "")
    item = fetch(request, int(asked)) if asked.isdecimal() else None
    shown = Queue(request, now, pane_questions(item, request.user, now) if item else {}, item)
    context = _context(request, shown, now)
    if item is not None:
        context |= opened(request, item, shown.by_clinic, {**shown.found, BLOCKS: shown.blocks}, now)
    _audit_list(request, shown)
    return render(request, "recovery/queue.html", context)


def _context(request: HttpRequest, shown: Queue, now: datetime) -> dict[str, Any]:
    return {
        "queue": shown,
        "pane": None,
        "menus": shown.filters.menus(request),
        "page": shown.page,
        "total": shown.counts[shown.split_name],
        "page_keys": PAGE_KEYS,
        "now": now,
        "query": kept_query(request),
        "may_act": has_role(request.user, *ACTORS),
        "live_url": f"/live/recovery/{with_query(request, item=None, since=int(now.timestamp()))}",
        "all_url": all_url(request),
    }


@needs_role(*WORKERS)
@require_GET
def item_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One item on a page of its own, or as the pane that a row swaps in; ``verb`` in the query opens its form."""
    return pane_response(request, fetch(request, pk), verb=request.GET.get("verb", ""))


@needs_role(*WORKERS)
@require_GET
def item_news(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what changed about an item since its page was made; 304 while the answer is the same. Nothing moves."""
    now = timezone.now()
    item = fetch(request, pk)
    text = changed_words(item, request.GET, trusts_for(request, now), user=request.user, now=now)

    def render_notice() -> HttpResponse:
        context = {"text": text, "pk": pk, "query": kept_query(request)}
        return render(request, "recovery/_pane_news.html", context)

    return live_response(request, text, render_notice)


@needs_role(*WORKERS)
@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """Say how many chances opened since the page was made; 304 while the answer is the same."""
    now = timezone.now()
    shown = Queue(request, now)
    since = _since(request, now)
    count = bounded_counts({"new": shown.items.filter(opened_at__gt=since)})["new"]
    text = f"{count} new since {since.astimezone(zone_of(request.user)):%H:%M}." if count else ""

    def render_bar() -> HttpResponse:
        address = with_query(request, since=None)
        return render(request, "components/new-bar-content.html", {"text": text, "url": f"/recovery/{address}"})

    return live_response(request, text, render_bar)


def _since(request: HttpRequest, now: datetime) -> datetime:
    asked = request.GET.get("since", "")
    seconds = int(asked) if asked.isdecimal() and len(asked) < 12 else 0
    return datetime.fromtimestamp(seconds, UTC) if EARLIEST <= seconds <= LATEST else now


def _audit_list(request: HttpRequest, shown: Queue) -> None:
    audited_list(
        request,
        subject_kind="recovery.queueitem",
        subjects=[row.item.pk for row in shown.rows],
        patients=[row.patient_id for row in shown.rows if row.patient_id is not None],
    )
