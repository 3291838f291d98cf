"""The survey of closure: visits of the last two weeks that nobody brought to an end."""

from datetime import datetime

from exceptions.checks import closure
from exceptions.checks.closure import UnclosedVisit
from exceptions.surveys.calendars import read_calendars
from exceptions.surveys.looking import MOST, WINDOW, Looked
from scheduling.folding.slots import DEFAULT_MINUTES
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import Status

UNCLOSED = (Status.PENDING, Status.BOOKED, Status.CONFIRMED, Status.CHECKED_IN, Status.IN_PROGRESS)
_VISITS = """
SELECT id, source_id, clinic_id, status, starts_at, coalesce(minutes, %(minutes)s)
FROM scheduling_appointment
WHERE starts_at >= %(since)s AND starts_at < %(now)s AND status = ANY(%(statuses)s)
ORDER BY starts_at DESC, id LIMIT %(most)s + 1
"""


def look(cursor: Cursor, now: datetime) -> Looked:
    """Judge the visits by the calendars of their clinics."""
    cursor.execute(
        _VISITS,
        {
            "minutes": DEFAULT_MINUTES,
            "since": now - WINDOW,
            "now": now,
            "statuses": [str(status) for status in UNCLOSED],
            "most": MOST,
        },
        prepare=False,
    )
    visits = [UnclosedVisit._make(row) for row in cursor.fetchall()]
    return Looked(closure.find(visits[:MOST], read_calendars(cursor).by_clinic, now), len(visits) > MOST)
