"""Freed slots of some resources and days, with who stands in them now."""

from datetime import datetime

import orjson

from exceptions.checks.required import StatedVisit
from recovery.chances import FreedSlot
from scheduling.sql.cursors import Cursor
from scheduling.sql.locking import for_update
from scheduling.vocabulary import STANDING

_MORE_DAYS = """
SELECT id FROM scheduling_resourceday
WHERE id IN (SELECT resource_day FROM scheduling_vacancy WHERE appointment_id = ANY(%b::int8[]))
  AND id <> ALL(%b::int8[])
ORDER BY id
"""
# One row per slot: its newest vacancy, of equal ones that of the smaller appointment id. A visit whose status is not
# known takes its slot up, so that nobody is booked over it.
_SLOTS = """
SELECT v.source_id, v.resource_day, v.resource, v.starts_at, v.minutes, v.clinic_id, v.visit_type, v.appointment_id,
       v.cause, v.initiator, v.vacated_at, v.heard_at, v.troubles::text,
       EXISTS (
           SELECT FROM scheduling_appointment o
           WHERE o.resource_day = v.resource_day AND o.resource = v.resource
             AND (o.status IS NULL OR o.status = ANY(%(standing)b::text[]))
             AND o.starts_at < v.starts_at + v.minutes * interval '1 minute'
             AND o.starts_at + coalesce(o.minutes, 30) * interval '1 minute' > v.starts_at
       ),
       (
           SELECT t.status FROM scheduling_templateslot t
           WHERE t.resource_day = v.resource_day AND t.resource = v.resource AND t.status <> 'open'
             AND t.starts_at < v.starts_at + v.minutes * interval '1 minute'
             AND t.starts_at + t.minutes * interval '1 minute' > v.starts_at
           ORDER BY t.starts_at LIMIT 1
       ),
       v.status, v.stated_start, v.clinic_code, v.stated_clinic, v.stated_resource, v.stated_type, v.patient_id
FROM (
    SELECT DISTINCT ON (w.resource_day, w.resource, w.starts_at) w.*, a.source_id, a.troubles, a.status,
           a.starts_at AS stated_start, a.clinic_code, a.clinic_id AS stated_clinic, a.resource AS stated_resource,
           a.visit_type AS stated_type, a.patient_id
    FROM scheduling_vacancy w JOIN scheduling_appointment a ON a.id = w.appointment_id
    WHERE w.resource_day = ANY(%(days)b::int8[]) AND w.starts_at > %(now)b
    ORDER BY w.resource_day, w.resource, w.starts_at, w.vacated_at DESC, w.appointment_id
) AS v
"""


def more_days(cursor: Cursor, appointment_ids: list[int], *, known: set[int], lock: bool = True) -> set[int]:
    """Lock the owner rows of slots that visits left, beyond those the batch holds already; a preview only names them.

    Needed when a visit that left slots becomes uncertain, or certain again, without changing any place. This second
    round of locks may meet another batch's and deadlock; such a batch is rolled back and tried again.
    """
    if not appointment_ids:
        return set()
    cursor.execute(for_update(_MORE_DAYS, lock=lock), (appointment_ids, sorted(known)))
    return {row[0] for row in cursor.fetchall()}


def read_freed_slots(cursor: Cursor, days: list[int], now: datetime) -> list[FreedSlot]:
    """Every slot of these resource days that some visit gave back and that has not begun at ``now``."""
    standing = sorted(str(status) for status in STANDING)
    cursor.execute(_SLOTS, {"days": days, "now": now, "standing": standing})
    return [
        FreedSlot._make([*row[:12], orjson.loads(row[12]) if row[12] else None, *row[13:15], StatedVisit(*row[15:])])
        for row in cursor.fetchall()
    ]
