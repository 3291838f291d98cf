"""The survey of capacity: visits of the next two weeks against each other and against their providers' templates."""

from datetime import datetime, timedelta

from exceptions.checks import capacity
from exceptions.checks.capacity import StandingVisit, TemplateStretch
from exceptions.surveys.looking import MOST, WINDOW, Looked
from scheduling.folding.slots import DEFAULT_MINUTES
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import STANDING, Status

# What began earlier today may still be going on.
_LONGEST_VISIT = timedelta(hours=12)
# A visit of unknown status takes its slot up, but nobody can say that it collides.
_VISITS = """
SELECT id, source_id, clinic_id, resource, starts_at, coalesce(minutes, %(minutes)s), coalesce(booked_at, said_at),
    resource_day
FROM scheduling_appointment
WHERE starts_at >= %(since)s AND starts_at < %(until)s AND status = ANY(%(statuses)s) AND resource IS NOT NULL
    AND resource_day IS NOT NULL AND starts_at + coalesce(minutes, %(minutes)s) * interval '1 minute' > %(now)s
ORDER BY starts_at, id LIMIT %(most)s + 1
"""
_STRETCHES = """
SELECT source_id, resource, starts_at, minutes, status, resource_day FROM scheduling_templateslot
WHERE resource_day = ANY(%s::int8[])
"""


def look(cursor: Cursor, now: datetime) -> Looked:
    """Judge the standing visits that are not over."""
    cursor.execute(
        _VISITS,
        {
            "minutes": DEFAULT_MINUTES,
            "since": now - _LONGEST_VISIT,
            "now": now,
            "until": now + WINDOW,
            "statuses": sorted(str(status) for status in STANDING - {Status.COMPLETED}),
            "most": MOST,
        },
        prepare=False,
    )
    visits = [StandingVisit._make(row) for row in cursor.fetchall()]
    days = sorted({visit.resource_day for visit in visits})
    cursor.execute(_STRETCHES, (days,), prepare=False)
    stretches = [TemplateStretch._make(row) for row in cursor.fetchall()]
    return Looked(capacity.find(visits[:MOST], stretches), len(visits) > MOST)
