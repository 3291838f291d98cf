"""Closure: visits of the past that nobody brought to an end."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from exceptions.checks.found import Findings, Found
from exceptions.checks.kinds import Check
from exceptions.checks.openings import ALWAYS_UTC, Opening
from exceptions.vocabulary import Family, OwnerTeam, Severity, SubjectKind
from scheduling.vocabulary import Decision, Status

# A visit may run over: so long after its clinic closed, or after it should have ended, it is still believed.
LONGEST_OVERTIME = timedelta(hours=6)

CHECKS = (
    Check(
        id="never_closed",
        title="Past visit never closed",
        family=Family.CLOSURE,
        severity=Severity.DEGRADED,
        happened="Visits are over for more than a business day and were neither completed, missed nor cancelled.",
        advice="Ask the clinic what became of them. If many, look whether the feed sends closing events.",
        owner=OwnerTeam.ACCESS,
        blocks=frozenset({Decision.WEEKLY_REPORT}),
        self_clearing=True,
    ),
    Check(
        id="still_in_progress",
        title="Visit does not end",
        family=Family.CLOSURE,
        severity=Severity.NOTE,
        happened="Visits have been in progress for hours after their clinic closed.",
        advice="Have the clinic check the patients out. The end of the visit may also have been lost on its way.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
)


class UnclosedVisit(NamedTuple):
    """A past visit without an end; moments in UTC."""

    appointment_id: int
    source_id: int
    clinic_id: int | None
    status: str
    starts_at: datetime
    minutes: int


def find(visits: Iterable[UnclosedVisit], calendars: dict[int, Opening], now: datetime) -> Findings:
    """Yield the visits that should long have ended, by the calendars of their clinics; without one a day is UTC's."""
    for visit in visits:
        opening = calendars.get(visit.clinic_id, ALWAYS_UTC) if visit.clinic_id is not None else ALWAYS_UTC
        if visit.status == Status.IN_PROGRESS:
            check, due_at = "still_in_progress", _over_at(visit, opening) + LONGEST_OVERTIME
        else:
            check, due_at = "never_closed", _closed_by(visit, opening)
        if now > due_at:
            subject = (SubjectKind.APPOINTMENT, visit.appointment_id)
            yield Found(check, visit.source_id, visit.clinic_id, "", *subject, due_at)


def _over_at(visit: UnclosedVisit, opening: Opening) -> datetime:
    """When both the visit and its clinic's day are over."""
    day = visit.starts_at.astimezone(opening.zone).date()
    return max(opening.closes_on(day), visit.starts_at + timedelta(minutes=visit.minutes))


def _closed_by(visit: UnclosedVisit, opening: Opening) -> datetime:
    """The end of the business day after the visit's."""
    day = visit.starts_at.astimezone(opening.zone).date()
    return max(opening.closes_on(opening.next_business_day(day)), _over_at(visit, opening))
