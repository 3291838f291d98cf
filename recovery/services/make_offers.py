"""Offer a freed slot: to one person, or to several at once, each through the guard and each judged again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F

from accounts.models import User
from accounts.scope import has_role
from accounts.services.audit import record
from accounts.vocabulary import AuditAction, Role
from config.web.times import clock
from recovery.eligibility_facts import TypeRule
from recovery.errors import GuardRefusedError, InvalidActError, UndecidedError
from recovery.models import Attempt, ItemEvent, Offer, QueueItem
from recovery.offering import OPEN, ends_at, step_at
from recovery.services.claims import LEASE
from recovery.services.guard import SUBJECT, Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.services.read_candidates import Candidacy, Named, read_candidates
from recovery.services.read_policies import read_offer_rules
from recovery.services.send_outreach import write_message
from recovery.vocabulary import Act, Decider, Family, ItemEventKind, NextStep, OfferState, OutreachChannel

DECIDERS = (Role.SUPERVISOR, Role.ADMIN)
LONGEST_REVIEW = 120
OF_REACHING = frozenset({"no_phone", "offered_often"})
WRITTEN = frozenset({OutreachChannel.TEXT, OutreachChannel.EMAIL})


@dataclass(frozen=True, slots=True)
class Asked:
    """How somebody offers a slot: by a call they make themselves, or by a text or e-mail that leaves with it.

    ``review`` says who agreed where the visit type needs that; "" is nobody. ``is_batch``: several people are asked
    about one slot on purpose, and the first yes wins. ``words`` are the keys of the words that were read before.
    """

    actor: User
    now: datetime
    version: int | None = None
    channel: OutreachChannel = OutreachChannel.CALL
    review: str = ""
    is_batch: bool = False
    request_id: str = ""
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Made:
    """What came of asking several: the offers, and why others got none."""

    offers: tuple[Offer, ...]
    refusals: tuple[str, ...]


def make_offer(item_id: int, named: Named, asked: Asked) -> Offer:
    """Offer the slot of an item to one person until the window of the clinic's policy ends.

    Whoever offers holds the item. Raises GuardRefusedError with the first thing in the way, InvalidActError when a
    review or another person's decision is missing.
    """
    candidate = _one(QueueItem.objects.select_related("clinic", "appointment").get(pk=item_id), named, asked.now)

    def make(found: Guarded) -> Offer:
        return place_offer(found, named, asked)

    intent = Intent(Act.OFFER, asked.version, candidate.patient_id, candidate.named.visit_id, asked.channel)
    return guarded(item_id, intent, make, actor=asked.actor, now=asked.now, request_id=asked.request_id)


def make_offers(item_id: int, people: Iterable[Named], asked: Asked) -> Made:
    """Offer one slot to several people in turn, as many as the policy's step allows; each has a transaction of its own.

    Locking many patients at once would meet other batches in another order. Whoever does not fit any more is passed
    over. Raises GuardRefusedError only where nobody got one.
    """
    item = QueueItem.objects.get(pk=item_id)
    most = step_at(read_offer_rules(item.clinic_id, asked.now).steps, item.starts_at, asked.now).at_once
    offers: list[Offer] = []
    refusals: list[GuardRefusedError] = []
    for named in people:
        if len(offers) == most:
            break
        # The first offer changes the item by itself: only for that one the page has to be as the person saw it.
        version = asked.version if not offers else None
        try:
            offers.append(make_offer(item_id, named, _batch(asked, version)))
        except GuardRefusedError as refusal:
            refusals.append(refusal)
    if not offers and refusals:
        raise refusals[0]
    return Made(tuple(offers), tuple(str(refusal) for refusal in refusals))


def _batch(asked: Asked, version: int | None) -> Asked:
    return replace(asked, version=version, review="", is_batch=True)


def _one(item: QueueItem, named: Named, now: datetime) -> Candidacy:
    """The named candidate, fit or not. Raises GuardRefusedError where there is none any more."""
    if item.family != Family.REFILL:
        raise InvalidActError("Only a freed slot can be offered.")
    for candidate in read_candidates(item, now, only=named):
        if candidate.named == named:
            return candidate
    raise GuardRefusedError("candidate_gone", "They are not waiting for this slot any more.")


def place_offer(found: Guarded, named: Named, asked: Asked, *, said_yes: Attempt | None = None) -> Offer:
    """Judge, decide and write; every row that matters is locked. A text or e-mail leaves with the offer's own end.

    ``said_yes`` is the call in which they took it before it was offered: then nothing about reaching them matters.
    """
    item = found.item
    candidate = _one(item, named, asked.now)
    why_not = [one for one in candidate.fit.why_not if said_yes is None or one.code not in OF_REACHING]
    if why_not:
        raise GuardRefusedError(*why_not[0])
    _refuse_undecided(item, candidate.case.rule, asked)
    _refuse_taken(item, asked)
    end = ends_at(read_offer_rules(item.clinic_id, asked.now).steps, item.starts_at, asked.now)
    if end is None:
        raise GuardRefusedError("lead_time", "It is too late to offer this slot.")
    attempt = said_yes
    if asked.channel in WRITTEN:
        attempt = write_message(found, asked.channel, actor=asked.actor, now=asked.now, until=end, read=asked.words)
    offer = Offer.objects.create(
        item=item,
        attempt=attempt,
        patient_id=candidate.patient_id,
        entry_id=named.entry_id,
        appointment_id=named.visit_id,
        round=_round(item, asked.now),
        is_batch=asked.is_batch,
        made_by=asked.actor,
        made_at=asked.now,
        expires_at=end,
    )
    _tell(item, offer, asked)
    return offer


def _refuse_undecided(item: QueueItem, rule: TypeRule, asked: Asked) -> None:
    """What a scheduler may not decide alone."""
    if rule.needs_review and asked.is_batch:
        raise GuardRefusedError("needs_review", "This visit type needs a review: offer it one by one.")
    if rule.needs_review and not asked.review.strip():
        who = "clinician" if rule.decider == Decider.CLINICIAN else "reviewer"
        raise UndecidedError(f"Say which {who} agreed.", NextStep.CLINICIAN)
    if rule.decider == Decider.SUPERVISOR and not has_role(asked.actor, *DECIDERS, clinic=item.clinic):
        raise UndecidedError("A supervisor decides about this visit type.", NextStep.SUPERVISOR)


def _refuse_taken(item: QueueItem, asked: Asked) -> None:
    """One live offer per slot unless people are asked at once on purpose; none beside one that was accepted."""
    for offer in Offer.objects.filter(item=item, state__in=OPEN):
        if offer.state == OfferState.PENDING and offer.answered_at is not None:
            at = clock(offer.answered_at, item.zone, asked.now)
            raise GuardRefusedError("accepted", f"Somebody took it at {at}.", changed_at=offer.answered_at)
        if not (asked.is_batch and offer.is_batch):
            until = clock(offer.expires_at, item.zone, asked.now)
            raise GuardRefusedError("offered", f"It is offered to somebody until {until}.", changed_at=offer.made_at)


def _round(item: QueueItem, now: datetime) -> int:
    """Offers that are open together are one round."""
    last = Offer.objects.filter(item=item).order_by("-pk").first()
    if last is None:
        return 1
    return last.round if last.state == OfferState.LIVE and last.expires_at > now else last.round + 1


def _tell(item: QueueItem, offer: Offer, asked: Asked) -> None:
    # A spoken yes may come after the caller's claim ran out.
    is_holder = item.claimed_by_id == asked.actor.pk
    until = asked.now + LEASE if is_holder else item.claimed_until
    QueueItem.objects.filter(pk=item.pk).update(
        claimed_until=until, not_before=offer.expires_at, version=F("version") + 1
    )
    detail = {"offer": offer.pk, "channel": asked.channel, "review": bool(asked.review.strip())}
    ItemEvent.objects.create(
        item=item,
        kind=ItemEventKind.OFFERED,
        at=asked.now,
        actor=asked.actor,
        reason="batch" if asked.is_batch else "",
        detail=detail,
    )
    record(
        AuditAction.CHANGED,
        actor=asked.actor,
        subject_kind=SUBJECT,
        subjects=[item.pk],
        patients=[offer.patient_id],
        clinic=item.clinic_id,
        detail={"verb": "offer"} | detail | {"agreed": asked.review.strip()[:LONGEST_REVIEW]},
        now=asked.now,
        request_id=asked.request_id,
    )
