"""Offers end with what the facts tell: booked, or the slot is gone. In the batch, and as the clock goes on.

The batch owns the rows of the resource days it changed and has locked their open items, so nobody accepts meanwhile:
``accept_offer`` takes the same owner row and the item before it reads (DESIGN section 3).
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from recovery.services.read_persons import read_persons
from recovery.vocabulary import CloseReason, OfferState
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import STANDING

# A pending offer is looked at after its item closed too: a booking may come later than the end of the chance.
_OPEN = """
SELECT o.id, o.patient_id, i.state, i.close_reason, i.resource, i.resource_day, i.starts_at, i.minutes
FROM recovery_offer o JOIN recovery_queueitem i ON i.id = o.item_id
WHERE o.state IN ('live', 'pending') AND i.resource_day = ANY(%b::int8[]) ORDER BY o.id
"""
_STANDING = """
SELECT resource_day, resource, starts_at, coalesce(minutes, 30), patient_id FROM scheduling_appointment
WHERE resource_day = ANY(%b::int8[]) AND status = ANY(%b::text[]) AND patient_id IS NOT NULL
"""
_SETTLE = """
WITH settled AS (
    UPDATE recovery_offer AS o
    SET state = r.state, why = r.why, settled_at = %b, answered_at = coalesce(o.answered_at, r.answered_at)
    FROM unnest(%b::int8[], %b::text[], %b::text[], %b::timestamptz[]) AS r(id, state, why, answered_at)
    WHERE o.id = r.id AND o.state IN ('live', 'pending')
    RETURNING o.entry_id, o.state
)
UPDATE recovery_waitlistentry AS e SET state = 'booked', settled_at = %b, settled_why = 'Took a freed slot.'
FROM settled WHERE settled.state = 'booked' AND e.id = settled.entry_id AND e.state = 'waiting'
"""
# The clock closed the item: whoever did not answer was too late; an accepted one may still be booked until its start.
_OVER = """
UPDATE recovery_offer AS o SET state = 'slot_gone', why = 'Nobody booked it in the EHR in time.', settled_at = %s
FROM recovery_queueitem i
WHERE i.id = o.item_id AND o.state = 'pending' AND i.state = 'closed' AND i.starts_at <= %s
"""
_LEFT = """
UPDATE recovery_offer AS o SET state = 'expired', why = 'The chance ended.', settled_at = %s
FROM recovery_queueitem i WHERE i.id = o.item_id AND o.state = 'live' AND i.state = 'closed'
"""


class OpenOffer(NamedTuple):
    """An offer that is still to be answered or booked, with its slot."""

    id: int
    patient_id: int
    item_state: str
    close_reason: str | None
    resource: str
    resource_day: int
    starts_at: datetime
    minutes: int


class Stands(NamedTuple):
    """A visit that stands on one of the days."""

    resource_day: int
    resource: str
    starts_at: datetime
    minutes: int
    patient_id: int

    def is_in(self, offer: OpenOffer) -> bool:
        """Whether it takes up the offered slot."""
        if self.resource != offer.resource:
            return False
        ends_at = self.starts_at + timedelta(minutes=self.minutes)
        return self.starts_at < offer.starts_at + timedelta(minutes=offer.minutes) and ends_at > offer.starts_at


def settle_offers(cursor: Cursor, resource_days: set[int], now: datetime) -> None:
    """End the offers of these days' slots that the batch decided: one statement where there are none, else four."""
    if not resource_days:
        return
    cursor.execute(_OPEN, (sorted(resource_days),))
    offers = [OpenOffer(*row) for row in cursor.fetchall()]
    if not offers:
        return
    cursor.execute(
        _STANDING, (sorted({offer.resource_day for offer in offers}), sorted(str(status) for status in STANDING))
    )
    visits = [Stands(*row) for row in cursor.fetchall()]
    people = [offer.patient_id for offer in offers] + [visit.patient_id for visit in visits]
    persons = read_persons(cursor, sorted(set(people)), lock=False)
    rows: list[tuple[int, str, str, datetime | None]] = []
    for offer in offers:
        who = {persons.root(visit.patient_id) for visit in visits if visit.is_in(offer)}
        if persons.root(offer.patient_id) in who:
            rows.append((offer.id, str(OfferState.BOOKED), "", now))
        elif offer.item_state == "closed" and offer.close_reason != CloseReason.EXPIRED:
            why = CloseReason(offer.close_reason or CloseReason.SLOT_FILLED).label
            rows.append((offer.id, str(OfferState.SLOT_GONE), f"{why}.", None))
    if rows:
        cursor.execute(_SETTLE, (now, *map(list, zip(*rows, strict=True)), now))


@transaction.atomic
def settle_over(now: datetime) -> int:
    """End offers whose item is closed by the clock or by hand; running it again changes nothing. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, (now,))
        ended = cursor.rowcount
        cursor.execute(_OVER, (now, now))
        return int(ended + cursor.rowcount)
