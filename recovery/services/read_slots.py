"""Freed slots of some resources and days, with who stands in them now."""

from collections.abc import Iterable, Iterator, Set
from datetime import datetime

import orjson

from exceptions.checks.required import StatedVisit
from recovery.chances import FreedSlot
from scheduling.digestion.resource_days import Days, own_days
from scheduling.sql.cursors import Cursor
from scheduling.sql.locking import for_update
from scheduling.vocabulary import STANDING

_MORE_DAYS = """
SELECT id, source_id, resource, "on" FROM scheduling_resourceday
WHERE id IN (SELECT resource_day FROM scheduling_vacancy WHERE appointment_id = ANY(%b::int8[]))
  AND id <> ALL(%b::int8[])
ORDER BY id
"""
# One row per slot: its newest vacancy, of equal ones that of the smaller appointment id. A visit whose status is not
# known takes its slot up, so that nobody is booked over it. Who stands in a slot began on its day or the day before,
# and on the day after where the slot itself runs past midnight.
_SLOTS = """
SELECT v.source_id, v.resource_day, v.resource, v.starts_at, v.minutes, v.clinic_id, v.visit_type, v.appointment_id,
       v.cause, v.initiator, v.vacated_at, v.heard_at, v.troubles::text,
       EXISTS (
           SELECT FROM scheduling_appointment o
           WHERE o.resource_day = ANY(ARRAY[v.resource_day, v.day_before, v.day_after]) AND o.resource = v.resource
             AND (o.status IS NULL OR o.status = ANY(%(standing)b::text[]))
             AND o.starts_at < v.starts_at + v.minutes * interval '1 minute'
             AND o.starts_at + coalesce(o.minutes, 30) * interval '1 minute' > v.starts_at
       ),
       (
           SELECT t.status FROM scheduling_templateslot t
           WHERE t.resource_day = ANY(ARRAY[v.resource_day, v.day_before, v.day_after]) AND t.resource = v.resource
             AND t.status <> 'open'
             AND t.starts_at < v.starts_at + v.minutes * interval '1 minute'
             AND t.starts_at + t.minutes * interval '1 minute' > v.starts_at
           ORDER BY t.starts_at LIMIT 1
       ),
       v.status, v.stated_start, v.clinic_code, v.stated_clinic, v.stated_resource, v.stated_type, v.patient_id
FROM (
    SELECT DISTINCT ON (w.resource_day, w.resource, w.starts_at) w.*, d.day_before, d.day_after, a.source_id,
           a.troubles, a.status, a.starts_at AS stated_start, a.clinic_code, a.clinic_id AS stated_clinic,
           a.resource AS stated_resource, a.visit_type AS stated_type, a.patient_id
    FROM unnest(%(days)b::int8[], %(before)b::int8[], %(after)b::int8[], %(past)b::timestamptz[])
             AS d(id, day_before, day_after, past)
         JOIN scheduling_vacancy w ON w.resource_day = d.id
         JOIN scheduling_appointment a ON a.id = w.appointment_id
    WHERE w.starts_at > %(now)b AND (d.past IS NULL OR w.starts_at + w.minutes * interval '1 minute' > d.past)
    ORDER BY w.resource_day, w.resource, w.starts_at, w.vacated_at DESC, w.appointment_id
) AS v
"""
# A resource day that is read, the day before it, the day after where slots may run into it (else itself again), and
# the moment past which its slots must reach to count, None where all of them do.
_Looked = tuple[int, int, int, datetime | None]


def more_days(
    cursor: Cursor, appointment_ids: list[int], days: Days, *, known: set[int], lock: bool = True
) -> set[int]:
    """Lock the owner rows of slots that visits left, beyond those the batch holds already; a preview only names them.

    Needed when a visit that left slots becomes uncertain, or certain again, without changing any place. This second
    round of locks may meet another batch's and deadlock; such a batch is rolled back and tried again.
    """
    if not appointment_ids:
        return set()
    cursor.execute(for_update(_MORE_DAYS, lock=lock), (appointment_ids, sorted(known)))
    found = cursor.fetchall()
    for row in found:
        days.remember(*row)
    return {row[0] for row in found}


def read_freed_slots(
    cursor: Cursor, places: Set[int], days: Days, now: datetime, *, lock: bool = True
) -> list[FreedSlot]:
    """Every slot that some visit gave back, that begins on these resource days or runs into one, after ``now``.

    The resource days are owned already. Where a slot runs past midnight out of one or into one, the day on the other
    side is locked as well and everything is read again: somebody may have taken or left it meanwhile. Such a second
    round of locks may deadlock like that of ``more_days``.
    """
    slots = _read(cursor, _narrow(places, days), now)
    beyond = {
        day for slot in slots for day in days.spanned(slot.source_id, slot.resource, slot.starts_at, slot.minutes)
    } - places
    if not beyond:
        return slots
    if lock:
        own_days(cursor, days, beyond)
    return _read(cursor, _wide(places, days), now)


def _narrow(places: Iterable[int], days: Days) -> Iterator[_Looked]:
    """Right for every slot within one day; the others are found."""
    befores = {place: days.before(place) for place in places}
    for place, before in befores.items():
        yield place, before, place, None
        if before not in befores:
            yield before, before, before, days.begins_at(place)


def _wide(places: Iterable[int], days: Days) -> Iterator[_Looked]:
    """Right for slots over midnight too."""
    befores = {place: days.before(place) for place in places}
    for place, before in befores.items():
        yield place, before, days.after(place), None
        if before not in befores:
            yield before, days.before(before), place, days.begins_at(place)


def _read(cursor: Cursor, looked: Iterable[_Looked], now: datetime) -> list[FreedSlot]:
    own, before, after, past = map(list, zip(*looked, strict=True))
    standing = sorted(str(status) for status in STANDING)
    cursor.execute(
        _SLOTS, {"days": own, "before": before, "after": after, "past": past, "now": now, "standing": standing}
    )
    return [
        FreedSlot._make([*row[:12], orjson.loads(row[12]) if row[12] else None, *row[13:15], StatedVisit(*row[15:])])
        for row in cursor.fetchall()
    ]
