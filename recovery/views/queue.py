"""The queue: list, one item, and what is new."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404, needs_role
from accounts.services.audit import audited_list, audited_read
from accounts.vocabulary import Role
from accounts.zones import zone_of
from config.web.asking import answers, bounded_counts
from config.web.links import with_query
from config.web.live import live_response
from config.web.partials import render_page
from recovery.models import QueueItem
from recovery.selectors.pane import Pane, item_pane, pane_questions
from recovery.selectors.queue import Queue, all_url
from recovery.selectors.trusts import trusts_for
from recovery.trust import ClinicTrust

WORKERS = (Role.ACCESS, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN)
PAGE_KEYS = [{"key": "n", "label": "Open the next best chance"}, {"key": "v", "label": "Open the visit itself"}]
# Any epoch second between 2000 and 2100 is a moment; anything else polls as "since now".
EARLIEST, LATEST = 946_684_800, 4_102_444_800


@needs_role(*WORKERS)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """List the open chances of the person's clinics, best first; ``item`` in the query opens one beside the list."""
    now = timezone.now()
    asked = request.GET.get("item", "")
    item = _fetch(request, int(asked)) if asked.isdecimal() else None
    shown = Queue(request, now, pane_questions(item, request.user) if item else {})
    pane = _opened(request, item, shown.by_clinic, shown.found, now) if item else None
    _audit_list(request, shown)
    return render(request, "recovery/queue.html", _context(request, shown, pane, now))


def _context(request: HttpRequest, shown: Queue, pane: Pane | None, now: datetime) -> dict[str, Any]:
    return {
        "queue": shown,
        "pane": pane,
        "menus": shown.filters.menus(request),
        "page": shown.page,
        "total": shown.counts[shown.split_name],
        "page_keys": PAGE_KEYS,
        "now": now,
        "live_url": f"/live/recovery/{with_query(request, item=None, since=int(now.timestamp()))}",
        "all_url": all_url(request),
    }


def _opened(
    request: HttpRequest, item: QueueItem, trusts: Mapping[int, ClinicTrust], found: Mapping[str, Any], now: datetime
) -> Pane:
    pane = item_pane(item, trusts, found=found, user=request.user, now=now)
    _audit_item(request, pane)
    return pane


@needs_role(*WORKERS)
@require_GET
def item_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One item on a page of its own, or as the pane that a row swaps in."""
    now = timezone.now()
    item = _fetch(request, pk)
    trusts = {trust.clinic_id: trust for trust in trusts_for(request, now)}
    pane = _opened(request, item, trusts, answers(pane_questions(item, request.user)), now)
    return render_page(request, "recovery/item.html", "recovery/_pane.html", {"pane": pane, "now": now})


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


def _fetch(request: HttpRequest, pk: int) -> QueueItem:
    items = QueueItem.objects.with_sight(request.user)
    items = items.select_related("appointment__patient", "patient", "clinic", "source")
    found: QueueItem = get_visible_or_404(items, request, pk=pk)
    return found


def _audit_list(request: HttpRequest, shown: Queue) -> None:
    audited_list(
        request,
        subject_kind="recovery.queueitem",
        subjects=[row.item.pk for row in shown.rows],
        patients=[row.patient_id for row in shown.rows if row.patient_id is not None],
    )


def _audit_item(request: HttpRequest, pane: Pane) -> None:
    audited_read(
        request,
        subject_kind="recovery.queueitem",
        subject=pane.item.pk,
        patients=pane.patient_ids,
        clinic=pane.item.clinic_id,
    )
