"""How a slot goes on when a round of offers got no answer: another channel, the next people, or a person.

What the desk may do by itself it does in the name of who made the offers: it writes, it never calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from recovery.contacting.answer import can_contact
from recovery.errors import RecoveryError
from recovery.models import Offer, QueueItem
from recovery.outreach.gateways import is_switched_on
from recovery.querysets import claimed_q
from recovery.selectors.candidates import Candidate, candidates_for
from recovery.selectors.offers import read_offers
from recovery.selectors.trusts import clinic_trusts
from recovery.services.claims import claim_item, release_item
from recovery.services.make_offers import Asked, make_offers
from recovery.services.read_candidates import Named
from recovery.services.read_contact import read_ask
from recovery.services.read_people import read_people, records_by_patient
from recovery.services.read_policies import read_offer_rules
from recovery.shifting import BY_ITSELF, CALL, Shift, next_shift
from recovery.vocabulary import NextStep, OfferState, OutreachChannel

AGAIN_BY = {OutreachChannel.CALL: "call them", OutreachChannel.TEXT: "text them", OutreachChannel.EMAIL: "e-mail them"}


@dataclass(frozen=True, slots=True)
class Round:
    """The last round of an item's offers: who made it, who did not answer, by which ways they were asked so far."""

    actor: User
    number: int
    channel: OutreachChannel
    is_batch: bool
    silent: frozenset[int]
    used: tuple[OutreachChannel, ...]
    asked: frozenset[int]


def continue_batch(item_id: int, *, now: datetime) -> int:
    """Go on after the last round of an item's offers ended without a yes; returns how many were asked by the desk.

    A batch of messages goes on by itself: to the same people by the clinic's next channel in writing, then to the next
    people. What is left is a person's: to call those who did not answer, else to choose the next. It is tried once a
    round; where somebody works on the item, nobody fits or the guard refuses, people decide.
    """
    last = _last_round(item_id)
    if last is None:
        return 0
    item = QueueItem.objects.select_related("clinic", "source", "appointment").get(pk=item_id)
    channels = read_offer_rules(item.clinic_id, now).channels
    found = [one for one in candidates_for(item, read_offers(item, now), last.actor, now).fitting if one.may_offer]
    again = [one for one in found if one.patient_id in last.silent]
    ways = _ways(item, last, again, now)
    if last.is_batch and last.channel in BY_ITSELF:
        number = _write(item.pk, last, channels, [one for one in found if not one.needs_review], ways, now)
        if number:
            return number
    _hand_to_people(item.pk, last, next_shift(channels, last.used, ways), now)
    return 0


def _last_round(item_id: int) -> Round | None:
    offers = list(Offer.objects.filter(item=item_id).select_related("attempt", "made_by").order_by("pk"))
    newest = offers[-1] if offers else None
    if newest is None or newest.made_by is None:
        return None
    silent = {one.patient_id for one in offers if one.round == newest.round and one.state == OfferState.EXPIRED}
    return Round(
        newest.made_by,
        newest.round,
        _channel(newest),
        newest.is_batch,
        frozenset(silent),
        tuple(_channel(one) for one in offers if one.patient_id in silent),
        frozenset(one.patient_id for one in offers),
    )


def _channel(offer: Offer) -> OutreachChannel:
    """An offer without an attempt of its own was made by phone."""
    return CALL if offer.attempt is None else OutreachChannel(offer.attempt.channel)


def _ways(item: QueueItem, last: Round, people: list[Candidate], now: datetime) -> set[OutreachChannel]:
    """The ways that are open to any of these people now, as the guard will see them."""
    if item.clinic is None or not people:
        return set()
    trust = next((one for one in clinic_trusts(last.actor, now) if one.clinic_id == item.clinic_id), None)
    ask = read_ask(item, clinic=item.clinic, trust=trust, actor=last.actor, at=now)
    with transaction.atomic():
        records = records_by_patient([one.patient_id for one in people])
    persons = read_people(records, actor=last.actor, at=now).values()
    found = {way.channel for person in persons for way in can_contact(person, ask, now).ways if way.is_allowed}
    return {channel for channel in found if channel not in BY_ITSELF or is_switched_on(channel)}


def _write(
    item_id: int,
    last: Round,
    channels: Sequence[OutreachChannel],
    found: list[Candidate],
    ways: set[OutreachChannel],
    now: datetime,
) -> int:
    """Ask the same people by the next channel in writing, else the next people by the first one."""
    again = [one.named for one in found if one.patient_id in last.silent]
    used = [*last.used]
    while again and (channel := _next_written(channels, used, ways)) is not None:
        number = _ask(item_id, again, last.actor, channel, now)
        if number:
            return number
        used.append(channel)
    others = [one.named for one in found if one.patient_id not in last.asked]
    first = next((channel for channel in channels if channel in BY_ITSELF), last.channel)
    return _ask(item_id, others, last.actor, first, now) if others else 0


def _next_written(
    channels: Sequence[OutreachChannel], used: Sequence[OutreachChannel], ways: set[OutreachChannel]
) -> OutreachChannel | None:
    """The channel that comes after those used, calls passed over; None where none is left."""
    channel = next_shift([one for one in channels if one in BY_ITSELF], used, ways).channel
    return channel if channel in BY_ITSELF else None


def _ask(item_id: int, people: list[Named], actor: User, channel: OutreachChannel, now: datetime) -> int:
    try:
        claim_item(item_id, actor=actor, version=None, now=now)
        try:
            made = make_offers(item_id, people, Asked(actor, now, channel=channel, is_batch=True))
        finally:
            release_item(item_id, actor=actor, now=now, by_desk=True)
    except RecoveryError:
        return 0
    return len(made.offers)


def _hand_to_people(item_id: int, last: Round, shift: Shift, now: datetime) -> None:
    """Say on the item and at the offers what comes next, unless somebody is at it already."""
    proposed = QueueItem.objects.filter(~claimed_q(now), pk=item_id, next_step=NextStep.NEXT_PERSON).open()
    if shift.channel is not None and proposed.update(next_step=shift.step):
        unanswered = Offer.objects.filter(item=item_id, round=last.number, state=OfferState.EXPIRED)
        unanswered.update(why=f"No answer in time; {AGAIN_BY[shift.channel]}.")
