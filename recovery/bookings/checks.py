"""Bookings that were promised to us and that no message has brought: accepted offers, and calls that ended so. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from exceptions.checks.found import Findings, Found
from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, OwnerTeam, Severity, SubjectKind
from recovery.offering import BOOK_WITHIN
from scheduling.vocabulary import Decision

# A feed that brings one extract a day has brought every booking of today by then.
HEARD_WITHIN = timedelta(hours=24)

CHECKS = (
    Check(
        id="accepted_not_booked",
        title="Accepted, not booked",
        family=Family.CLOSURE,
        severity=Severity.DEGRADED,
        happened="Somebody accepted a freed slot, and hours later no message has booked it.",
        advice="Book it in the EHR, or take the offer back so that the next person can have it.",
        owner=OwnerTeam.ACCESS,
        blocks=frozenset({Decision.WEEKLY_REPORT}),
        self_clearing=True,
    ),
    Check(
        id="booked_not_heard",
        title="Said to be booked, not heard",
        family=Family.CLOSURE,
        severity=Severity.DEGRADED,
        happened="A call ended with a new visit, and a day later no message has told of one.",
        advice="Look for the visit in the EHR. If it is there, its feed lost it; if not, call again.",
        owner=OwnerTeam.ACCESS,
        blocks=frozenset({Decision.WEEKLY_REPORT}),
        self_clearing=True,
    ),
)
NOT_BOOKED, NOT_HEARD = (check.id for check in CHECKS)


class Promised(NamedTuple):
    """A booking that somebody promised: by accepting an offer, or on the phone; moments in UTC."""

    appointment_id: int
    source_id: int
    clinic_id: int | None
    at: datetime


def find_not_booked(accepted: Iterable[Promised], now: datetime) -> Findings:
    """Yield the slots that were accepted longer ago than a booking takes."""
    return _late(NOT_BOOKED, accepted, BOOK_WITHIN, now)


def find_not_heard(told: Iterable[Promised], now: datetime) -> Findings:
    """Yield the lost visits of which a caller said longer ago than any feed takes that there is a new one."""
    return _late(NOT_HEARD, told, HEARD_WITHIN, now)


def _late(check: str, promised: Iterable[Promised], within: timedelta, now: datetime) -> Findings:
    for one in promised:
        due_at = one.at + within
        if now >= due_at:
            yield Found(check, one.source_id, one.clinic_id, "", SubjectKind.APPOINTMENT, one.appointment_id, due_at)
