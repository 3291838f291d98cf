"""In which hours a step of escalation may run. Pure; moments are UTC.

Hours that nobody entered cannot keep anybody from being told: without a calendar every hour will do.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from accounts.duty import DAY, DutyPlan, next_on_duty
from exceptions.checks.openings import Opening
from exceptions.vocabulary import Hours

# A clinic that is shut for longer has no hours to wait for.
MOST_DAYS = 400
_NO_DUTIES: Mapping[int, DutyPlan] = {}


class Calendar(NamedTuple):
    """When the clinics that an exception is about are open, and the duties of teams by id.

    An exception of a whole source is about all of the source's clinics: one that is open will do.
    """

    clinics: tuple[Opening, ...] = ()
    duties: Mapping[int, DutyPlan] = _NO_DUTIES


def first_within(hours: str, team: int | None, after: datetime, calendar: Calendar) -> datetime:
    """The first moment, ``after`` or later, in these hours; ``team`` is whose duty counts."""
    if hours == Hours.CLINIC:
        return next_open(calendar.clinics, after)
    if hours == Hours.DUTY and team is not None:
        return next_on_duty(calendar.duties.get(team, DutyPlan()), after) or after
    return after


def next_open(clinics: Iterable[Opening], after: datetime) -> datetime:
    """The first moment from ``after`` on at which one of some clinics is open; ``after`` where no hours are known."""
    known = [clinic for clinic in clinics if clinic.hours]
    for number in range(MOST_DAYS):
        # A clinic further east may open earlier on its next day than another on this one, so two days are compared.
        found = [_opens_on(clinic, after, number + more) for clinic in known for more in (0, 1)]
        moments = [moment for moment in found if moment is not None]
        if moments:
            return min(moments)
        if not known:
            break
    return after


def _opens_on(clinic: Opening, after: datetime, days_later: int) -> datetime | None:
    """The first open moment of a local day that is not before ``after``."""
    day = after.astimezone(clinic.zone).date() + DAY * days_later
    return min((max(begins, after) for begins, ends in clinic.on(day) if max(begins, after) < ends), default=None)
