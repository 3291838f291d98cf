"""Answers to an offer and what becomes of it: the first yes wins under the lock, the EHR closes the loop."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import F

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.times import clock
from recovery.errors import GuardRefusedError
from recovery.models import ItemEvent, Offer, QueueItem
from recovery.offering import BOOK_WITHIN, OPEN
from recovery.services.guard import SUBJECT, Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.vocabulary import Act, ItemEventKind, NextStep, OfferState

SOMEBODY_ELSE = "Somebody else took it."


def accept_offer(offer_id: int, *, actor: User, now: datetime, request_id: str = "") -> Offer:
    """Take the slot: the offer is pending until the EHR's booking arrives, every other offer of the slot ends.

    ``actor`` is who recorded the answer; for a reply by text, who made the offer. Nobody need hold the item. Raises
    GuardRefusedError when somebody was faster, the offer ran out, or the slot or their own visit changed.
    """

    def accept(found: Guarded) -> Offer:
        return accept_guarded(found, offer_id, actor, now, request_id)

    return _answered(offer_id, Act.ACCEPT, accept, actor, now, request_id)


def accept_guarded(found: Guarded, offer_id: int, actor: User, now: datetime, request_id: str) -> Offer:
    """The same for whoever has passed the guard with ``Act.ACCEPT`` already, inside its transaction."""
    offer = _locked(offer_id, found.item, now)
    if offer.expires_at <= now:
        at = _clock(found.item, offer.expires_at, now)
        raise GuardRefusedError("ran_out", f"The offer ran out at {at}.", changed_at=offer.expires_at)
    others = Offer.objects.filter(item=found.item, state=OfferState.LIVE).exclude(pk=offer.pk)
    others.update(state=OfferState.SLOT_GONE, settled_at=now, why=SOMEBODY_ELSE)
    _save(offer, OfferState.PENDING, now, "")
    _move_on(found.item, NextStep.WAIT_FOR_EHR, now + BOOK_WITHIN)
    _tell(found.item, offer, actor, now, request_id)
    return offer


def decline_offer(offer_id: int, *, actor: User, now: datetime, request_id: str = "") -> Offer:
    """Record a no, whatever has changed since; the next person is to be asked.

    Raises GuardRefusedError where the offer is settled already.
    """
    return _end(offer_id, OfferState.DECLINED, "", actor, now, request_id)


def withdraw_offer(offer_id: int, *, actor: User, now: datetime, reason: str = "", request_id: str = "") -> Offer:
    """Take an offer back, an accepted one too where no booking came. Raises GuardRefusedError where it is settled."""
    return _end(offer_id, OfferState.WITHDRAWN, reason.strip()[:120] or "Taken back.", actor, now, request_id)


def _end(offer_id: int, state: OfferState, why: str, actor: User, now: datetime, request_id: str) -> Offer:
    def end(found: Guarded) -> Offer:
        offer = _locked(offer_id, found.item, now, also=OfferState.PENDING)
        _save(offer, state, now, why)
        if not Offer.objects.filter(item=found.item, state__in=OPEN).exists():
            _move_on(found.item, NextStep.NEXT_PERSON, None)
        _tell(found.item, offer, actor, now, request_id)
        return offer

    return _answered(offer_id, Act.OUTCOME, end, actor, now, request_id)


def _answered(
    offer_id: int, act: Act, do: Callable[[Guarded], Offer], actor: User, now: datetime, request_id: str
) -> Offer:
    offer = Offer.objects.only("item", "patient", "appointment").get(pk=offer_id)
    visit_id = offer.appointment_id if act == Act.ACCEPT else None
    intent = Intent(act, patient_id=offer.patient_id, visit_id=visit_id)
    return guarded(offer.item_id, intent, do, actor=actor, now=now, request_id=request_id)


def _locked(offer_id: int, item: QueueItem, now: datetime, *, also: OfferState | None = None) -> Offer:
    """The offer if it is still to be answered. Raises GuardRefusedError with what happened to it."""
    offer = Offer.objects.select_for_update(of=("self",)).get(pk=offer_id)
    if offer.state in (OfferState.LIVE, also):
        return offer
    winner = Offer.objects.filter(item=item, state__in=(OfferState.PENDING, OfferState.BOOKED)).first()
    if winner is not None and winner.pk != offer.pk and winner.answered_at is not None:
        at = _clock(item, winner.answered_at, now)
        raise GuardRefusedError("lost", f"Somebody else took it at {at}.", changed_at=winner.answered_at)
    settled = offer.settled_at or offer.answered_at or offer.made_at
    sentence = f"{offer.get_state_display()}, known since {_clock(item, settled, now)}."
    raise GuardRefusedError(f"offer_{offer.state}", sentence, changed_at=settled)


def _save(offer: Offer, state: OfferState, now: datetime, why: str) -> None:
    offer.state, offer.why = state, why
    offer.answered_at = offer.answered_at if state == OfferState.WITHDRAWN else now
    offer.settled_at = None if state == OfferState.PENDING else now
    offer.save(update_fields=["state", "why", "answered_at", "settled_at"])


def _move_on(item: QueueItem, step: NextStep, not_before: datetime | None) -> None:
    """Whoever held the item is done with it while the EHR books; else they go on."""
    fields: dict[str, object] = {"next_step": step, "not_before": not_before, "version": F("version") + 1}
    if step == NextStep.WAIT_FOR_EHR:
        fields |= {"claimed_by": None, "claimed_at": None, "claimed_until": None}
    QueueItem.objects.filter(pk=item.pk).update(**fields)


def _tell(item: QueueItem, offer: Offer, actor: User, now: datetime, request_id: str) -> None:
    detail = {"offer": offer.pk, "state": offer.state}
    ItemEvent.objects.create(
        item=item, kind=ItemEventKind.ANSWERED, at=now, actor=actor, reason=offer.state, detail=detail
    )
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind=SUBJECT,
        subjects=[item.pk],
        patients=[offer.patient_id],
        clinic=item.clinic_id,
        detail={"verb": "answer"} | detail,
        now=now,
        request_id=request_id,
    )


def _clock(item: QueueItem, at: datetime, now: datetime) -> str:
    return clock(at, item.zone, now)
