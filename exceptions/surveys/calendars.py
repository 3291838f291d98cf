"""The calendars of all clinics, read for pure checks."""

from collections import defaultdict
from typing import NamedTuple
from zoneinfo import ZoneInfo

from exceptions.checks.openings import Opening
from scheduling.sql.cursors import Cursor

_CLINICS = """
SELECT c.id, c.source_id, c.timezone,
    coalesce((SELECT array_agg(h.weekday ORDER BY h.id) FROM accounts_clinichours h WHERE h.clinic_id = c.id), '{}'),
    coalesce((SELECT array_agg(h.opens ORDER BY h.id) FROM accounts_clinichours h WHERE h.clinic_id = c.id), '{}'),
    coalesce((SELECT array_agg(h.closes ORDER BY h.id) FROM accounts_clinichours h WHERE h.clinic_id = c.id), '{}'),
    coalesce((SELECT array_agg(s."on") FROM accounts_closure s WHERE s.clinic_id = c.id), '{}')
FROM accounts_clinic c ORDER BY c.id
"""


class Calendars(NamedTuple):
    """Openings by clinic, and those of all clinics of a source."""

    by_clinic: dict[int, Opening]
    by_source: dict[int, tuple[Opening, ...]]


def read_calendars(cursor: Cursor) -> Calendars:
    """Read every clinic's hours and closures; clinics are few."""
    cursor.execute(_CLINICS)
    by_clinic: dict[int, Opening] = {}
    by_source: dict[int, list[Opening]] = defaultdict(list)
    for clinic_id, source_id, zone, weekdays, opens, closes, shut_on in cursor.fetchall():
        hours = tuple(zip(weekdays, opens, closes, strict=True))
        by_clinic[clinic_id] = Opening(ZoneInfo(zone), hours, frozenset(shut_on))
        by_source[source_id].append(by_clinic[clinic_id])
    return Calendars(by_clinic, {source_id: tuple(openings) for source_id, openings in by_source.items()})
