"""The guard at the moment of sending: what was true when the message was written may not be any more (I5).

Whoever wrote the message let go of the item meanwhile, so nobody's claim is asked for; everything else is looked at
again behind the same locks, in the same order. Nobody's scope is asked either: the desk itself acts.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import Clinic
from config.web.locks import RowsBusyError, short_waits
from recovery.contacting.answer import can_contact
from recovery.contacting.rules import Obstacle
from recovery.errors import GuardRefusedError
from recovery.models import Attempt, Offer, QueueItem, Reply
from recovery.outreach.gateways.kinds import Message
from recovery.selectors.rows import facts_of
from recovery.selectors.trusts import trusts_of
from recovery.services.guard import lock_rows, read_behind_locks
from recovery.services.guard_intent import Intent
from recovery.services.read_people import Records, records_of
from recovery.services.refusals import (
    refuse_blocked,
    refuse_closed,
    refuse_held,
    refuse_merged,
    refuse_moved_candidate,
    refuse_unread,
)
from recovery.trust import ClinicTrust
from recovery.verdict import verdict
from recovery.vocabulary import Act, OfferState, OutreachChannel
from scheduling.selectors.search import ways_to_write

ACTS = {OutreachChannel.TEXT: Act.TEXT, OutreachChannel.EMAIL: Act.EMAIL}
# Reasons that go away by themselves within moments: the message waits instead of being given up.
PASSING = frozenset({"unread", "busy"})
# The attempt that was written with the message is itself what these rules would count: it holds its place.
RESERVED = frozenset({"counted_today", "counted_week", "tries_used", "resting", "asked_already"})


def guard_send(message: Message, *, now: datetime) -> None:
    """Look at everything that the message rests on; raises GuardRefusedError with what does not hold any more.

    A confirmation that messages stop rests on no item, and answers a message of the person: it may go.
    """
    try:
        with transaction.atomic():
            attempt = Attempt.objects.select_related("actor").get(outbound=message.outbound_id)
            if attempt.item_id is not None:
                _look(attempt, attempt.item_id, now)
    except RowsBusyError as error:
        raise GuardRefusedError("busy", "Messages about it are being read right now.") from error


def refuse_unanswered(value: str) -> None:
    """Nobody is written to while what they wrote back has not been read; raises GuardRefusedError."""
    waiting = Reply.objects.filter(value__in={value, *ways_to_write(value)}, handled_at__isnull=True)
    first = waiting.order_by("received_at").first()
    if first is not None:
        raise GuardRefusedError(
            "reply_waits", "A reply of theirs has not been answered yet.", changed_at=first.received_at
        )


def _look(attempt: Attempt, item_id: int, now: datetime) -> None:
    seen = QueueItem.objects.get(pk=item_id)
    offer = Offer.objects.filter(attempt=attempt).first()
    visit_id = offer.appointment_id if offer is not None else None
    channel = OutreachChannel(attempt.channel)
    intent = Intent(ACTS[channel], patient_id=attempt.patient_id, visit_id=visit_id, channel=channel)
    records = records_of(attempt.patient_id)
    with short_waits():
        item = lock_rows(seen, intent, records)
    refuse_unread(item, records, now)
    refuse_merged(item, seen, records)
    trust = next(iter(trusts_of(Clinic.objects.filter(pk__in=[item.clinic_id]), now)), None)
    judged = verdict(facts_of(item, trust), now)
    refuse_closed(item, trust, now)
    refuse_held(item, judged)
    refuse_blocked(item, judged, records)
    refuse_moved_candidate(intent, trust, now)
    _refuse_dead_offer(offer)
    refuse_unanswered(attempt.value)
    _refuse_contact(attempt, item, channel, records, trust, now)


def _refuse_dead_offer(offer: Offer | None) -> None:
    if offer is None:
        return
    offer.refresh_from_db(fields=["state"])  # read again behind the item's lock
    if offer.state != OfferState.LIVE:
        raise GuardRefusedError("offer_over", f"The offer does not stand: {offer.get_state_display().lower()}.")


def _refuse_contact(
    attempt: Attempt,
    item: QueueItem,
    channel: OutreachChannel,
    records: Records,
    trust: ClinicTrust | None,
    now: datetime,
) -> None:
    if item.clinic is None:
        raise GuardRefusedError("no_clinic", "The clinic is not known any more.")
    person, ask = read_behind_locks(item, item.clinic, attempt.patient_id, records, attempt.actor, trust, now)
    way = can_contact(person, ask, now).way(channel)
    stops: list[Obstacle] = [one for one in way.stops if one.code not in RESERVED]
    if stops:
        raise GuardRefusedError(stops[0].code, stops[0].sentence)
    if way.point is None or way.point.value != attempt.value:
        raise GuardRefusedError("other_point", "Another number or address is used now.")
