"""The survey of contact: people with a visit in the next two weeks, or one lost in the last two."""

from datetime import datetime

from exceptions.checks import contact, duplicates
from exceptions.checks.people import AHEAD, LOST, VisitFacts
from exceptions.surveys.languages import texts_at
from exceptions.surveys.looking import MOST, WINDOW, Looked
from exceptions.surveys.people import BookedVisit, read_persons
from scheduling.sql.cursors import Cursor

# A bumped visit may still lie ahead; it is as lost as one that is over.
_VISITS = """
SELECT patient_id, id, clinic_id, status, starts_at, coalesce(booked_at, said_at), coalesce(status_at, said_at)
FROM scheduling_appointment
WHERE starts_at >= %(since)s AND starts_at < %(until)s AND patient_id IS NOT NULL
    AND (status = ANY(%(lost)s) OR (status = ANY(%(ahead)s) AND starts_at > %(now)s))
ORDER BY abs(extract(epoch FROM starts_at - %(now)s)), id LIMIT %(most)s + 1
"""


def look(cursor: Cursor, now: datetime) -> Looked:
    """Judge the people of the visits."""
    booked = _read_visits(cursor, now)
    persons = read_persons(cursor, booked[:MOST], now)
    return Looked([*contact.find(persons, now, texts_at(now)), *duplicates.find(persons)], len(booked) > MOST)


def _read_visits(cursor: Cursor, now: datetime) -> list[BookedVisit]:
    cursor.execute(
        _VISITS,
        {
            "since": now - WINDOW,
            "now": now,
            "until": now + WINDOW,
            "lost": sorted(map(str, LOST)),
            "ahead": sorted(map(str, AHEAD)),
            "most": MOST,
        },
        prepare=False,
    )
    return [BookedVisit(row[0], VisitFacts(*row[1:])) for row in cursor.fetchall()]
