"""A yes or a no that somebody speaks on the phone to a freed slot: it answers the offer with the outcome of the call.

What is asked about is found before anything is locked, so that the locks are taken in the order of the house; behind
them everything is looked at again. A yes stands behind the same checks as one by text, and the first one wins.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from recovery.errors import GuardRefusedError, UndecidedError
from recovery.models import Attempt, Offer, QueueItem
from recovery.offering import OPEN
from recovery.services.answer_offer import accept_guarded, decline_offer
from recovery.services.guard import Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.services.guard_send import PASSING
from recovery.services.make_offers import Asked, place_offer
from recovery.services.read_candidates import Named, read_candidates
from recovery.services.read_people import records_of
from recovery.vocabulary import Act, AttemptOutcome, Family, NextStep, OfferState

# Somebody else has the slot: what the item waits for stands.
_TAKEN = frozenset({"lost", "accepted"})


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody answers: an offer that is out, or the candidacy they were called about; neither where none is."""

    said: AttemptOutcome | None = None
    offer_id: int | None = None
    named: Named | None = None
    patient_id: int | None = None

    @property
    def visit_id(self) -> int | None:
        """The visit that they would give up, to be locked with the rest."""
        return self.named.visit_id if self.named is not None else None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of it: a refusal to tell them, the step it leads to, whether the item's own step is written already."""

    refusal: GuardRefusedError | None = None
    step: NextStep | None = None
    keeps_item: bool = False


def find_asked(attempt: Attempt, item: QueueItem, outcome: AttemptOutcome, now: datetime) -> Spoken:
    """Find what a call's answer is about; nothing is locked and nothing decided here."""
    if item.family != Family.REFILL or outcome not in (AttemptOutcome.ACCEPTED, AttemptOutcome.DECLINED):
        return Spoken()
    with transaction.atomic():
        records = records_of(attempt.patient_id)
    offer = Offer.objects.filter(item=item, state__in=OPEN, patient__in=records.everyone).first()
    if offer is not None:
        return Spoken(outcome, offer.pk, Named(offer.entry_id, offer.appointment_id), offer.patient_id)
    if outcome == AttemptOutcome.DECLINED:
        return Spoken()
    found = [one for one in read_candidates(item, now) if one.patient_id == records.root]
    best = min(found, key=lambda one: len(one.fit.why_not), default=None)
    return Spoken(outcome, None, best.named if best is not None else None, records.root)


def answer_spoken(asked: Spoken, attempt: Attempt, *, actor: User, now: datetime, request_id: str) -> Answered:
    """Answer the offer, or make one and take it; call it inside the outcome's transaction, behind its locks.

    A refusal that goes away within moments is raised, so that nothing is recorded and the caller tries again.
    """
    if asked.said is None or attempt.item_id is None:
        return Answered()
    try:
        if asked.said == AttemptOutcome.DECLINED and asked.offer_id is not None:
            decline_offer(asked.offer_id, actor=actor, now=now, request_id=request_id)
        else:
            _take(asked, attempt, attempt.item_id, actor, now, request_id)
            return Answered(step=NextStep.WAIT_FOR_EHR, keeps_item=True)
    except UndecidedError as error:
        return Answered(_told("undecided", error), error.step)
    except GuardRefusedError as refusal:
        if refusal.code in PASSING:
            raise
        step = NextStep.CLOSE if refusal.code in _TAKEN else NextStep.NEXT_PERSON
        return Answered(_told(refusal.code, refusal), step, keeps_item=refusal.code in _TAKEN)
    return Answered()


def _told(code: str, error: Exception) -> GuardRefusedError:
    return GuardRefusedError(code, f"Recorded, but the slot is not theirs: {error}")


def _take(asked: Spoken, attempt: Attempt, item_id: int, actor: User, now: datetime, request_id: str) -> None:
    """Accept the offer that is out, else one that is made for this very answer; once taken it stays taken."""
    named = asked.named
    if named is None:
        raise GuardRefusedError("candidate_gone", "They are not waiting for this slot any more.")

    def take(found: Guarded) -> None:
        offer_id = asked.offer_id
        if offer_id is not None and Offer.objects.filter(pk=offer_id, state=OfferState.PENDING).exists():
            return
        if offer_id is None:
            offer_id = place_offer(found, named, Asked(actor, now, request_id=request_id), said_yes=attempt).pk
        accept_guarded(found, offer_id, actor, now, request_id)

    intent = Intent(Act.ACCEPT, patient_id=asked.patient_id, visit_id=named.visit_id)
    guarded(item_id, intent, take, actor=actor, now=now, request_id=request_id)
