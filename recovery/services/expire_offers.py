"""Offers that nobody answered, and promises that no booking followed: timers are rows (I8)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from recovery.bookings.checks import HEARD_WITHIN
from recovery.models import Attempt, ItemEvent, Offer, QueueItem
from recovery.offering import BOOK_WITHIN, OPEN
from recovery.services.continue_batch import continue_batch
from recovery.services.settle_offers import settle_over
from recovery.vocabulary import AttemptOutcome, ItemEventKind, ItemState, NextStep, OfferState

MOST = 500  # one sweep's worth; the next tick takes the rest


def expire_offers(now: datetime) -> int:
    """End every offer whose time is over, propose the next person, ask for bookings that did not come.

    Safe to run twice and by two processes; whoever answers at the same moment holds the item, and is asked first.
    Returns how many offers ended.
    """
    ended, free = _expire(now)
    _ask_for_bookings(now)
    settled = settle_over(now)
    for item_id in free:
        continue_batch(item_id, now=now)
    return ended + settled


@transaction.atomic
def _expire(now: datetime) -> tuple[int, list[int]]:
    """How many ended, and the items of which no offer is open any more."""
    due = Offer.objects.filter(state=OfferState.LIVE, expires_at__lte=now).order_by("expires_at")
    items = _lock(list(due.values_list("item", flat=True)[:MOST]))
    offers = Offer.objects.filter(item__in=items, state=OfferState.LIVE, expires_at__lte=now).select_for_update()
    rows = list(offers.order_by("pk").values_list("pk", "item"))
    Offer.objects.filter(pk__in=[pk for pk, _ in rows]).update(
        state=OfferState.EXPIRED, settled_at=now, why="No answer in time."
    )
    ItemEvent.objects.bulk_create(
        ItemEvent(
            item_id=item, kind=ItemEventKind.ANSWERED, at=now, reason=OfferState.EXPIRED,
            detail={"offer": pk, "state": OfferState.EXPIRED},
        )
        for pk, item in rows
    )  # fmt: skip
    still = Offer.objects.filter(item__in=items, state__in=OPEN).values("item")
    free = QueueItem.objects.filter(pk__in={item for _, item in rows}, state=ItemState.OPEN).exclude(pk__in=still)
    ids = list(free.order_by("pk").values_list("pk", flat=True))
    QueueItem.objects.filter(pk__in=ids).update(
        next_step=NextStep.NEXT_PERSON, not_before=None, version=F("version") + 1
    )
    return len(rows), ids


@transaction.atomic
def _ask_for_bookings(now: datetime) -> None:
    """A promised booking that does not come is work again: its item comes back with "Enter it in the EHR"."""
    late = Offer.objects.filter(state=OfferState.PENDING, answered_at__lte=now - BOOK_WITHIN)
    newer = Attempt.objects.filter(item=OuterRef("item"), outcome_at__gt=OuterRef("outcome_at"))
    told = Attempt.objects.filter(outcome=AttemptOutcome.BOOKED, outcome_at__lte=now - HEARD_WITHIN)
    promised = Q(pk__in=late.values("item")) | Q(pk__in=told.exclude(Exists(newer)).values("item"))
    waiting = QueueItem.objects.open().filter(promised, next_step=NextStep.WAIT_FOR_EHR)
    items = _lock(list(waiting.values_list("pk", flat=True)[:MOST]))
    again = QueueItem.objects.filter(pk__in=items, next_step=NextStep.WAIT_FOR_EHR)
    again.update(next_step=NextStep.BOOK_IT, not_before=None, version=F("version") + 1)


def _lock(item_ids: list[int]) -> list[int]:
    """Lock these items in order; those that somebody holds wait for the next sweep."""
    rows = QueueItem.objects.filter(pk__in=item_ids).order_by("pk").select_for_update(skip_locked=True, of=("self",))
    return list(rows.values_list("pk", flat=True))
