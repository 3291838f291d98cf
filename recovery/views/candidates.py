"""Who could take a freed slot: a part of the pane that is asked for once somebody reads on, or a page of its own."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import needs_role
from accounts.services.audit import audited_read
from config.web.partials import render_page
from recovery.models import QueueItem
from recovery.selectors.candidate_cards import CandidateCards, candidate_cards
from recovery.selectors.rows import shown_patient
from recovery.selectors.trusts import trusts_for
from recovery.trust import ClinicTrust
from recovery.verbs import channels_on
from recovery.views.panes import SUBJECT, fetch, kept_query, may_act, person_of
from recovery.views.queue import WORKERS
from recovery.vocabulary import Family


@needs_role(*WORKERS)
@require_GET
def candidates(request: HttpRequest, pk: int) -> HttpResponse:
    """Rank the people who could take the slot, with the ways to reach each."""
    item, now = fetch(request, pk), timezone.now()
    shown = None
    if is_looked_for(item):
        shown = candidate_cards(item, trust=trust_of(request, item), actor=person_of(request), now=now)
    patients = shown.patient_ids if shown is not None else []
    audited_read(request, subject_kind=SUBJECT, subject=item.pk, patients=patients, clinic=item.clinic_id)
    is_mine = item.claimed_by_id == request.user.pk and item.claimed_until is not None and item.claimed_until > now
    context = {
        "item": item,
        "shown": shown,
        "zone": item.zone,
        "may_offer": is_mine and may_act(request, item),
        "chosen": _chosen(request, shown),
        "writes": channels_on(),
        "query": kept_query(request),
        "now": now,
    }
    return render_page(request, "recovery/candidates.html", "recovery/_candidates.html", context)


def _chosen(request: HttpRequest, shown: CandidateCards | None) -> str:
    """The key of whoever is chosen in the list: who was asked about, else the best."""
    keys = [card.candidate.key for card in shown.cards] if shown is not None else []
    asked = request.GET.get("chosen", "")
    return asked if asked in keys else next(iter(keys), "")


def is_looked_for(item: QueueItem) -> bool:
    """Whether people may be listed for an item: an open slot that nobody restricted gave back."""
    left_by = shown_patient(item)
    return item.family == Family.REFILL and item.is_open and not (left_by is not None and left_by.is_restricted)


def trust_of(request: HttpRequest, item: QueueItem) -> ClinicTrust | None:
    """How far the data of the item's clinic can be trusted now."""
    return next((one for one in trusts_for(request, timezone.now()) if one.clinic_id == item.clinic_id), None)
