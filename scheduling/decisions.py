"""What each decision asks of the data: how fresh it must be, and which events it cannot do without. Pure.

The table of DESIGN section 8; a clinic may set limits of its own (accounts.ClinicLimit).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from scheduling.vocabulary import REFILLS, Decision, EventKind

DAY, THREE_DAYS, WEEK = timedelta(hours=24), timedelta(hours=72), timedelta(days=7)


class Limits(NamedTuple):
    """How old data may be: a warning after ``warn_after``, no act after ``held_after``."""

    warn_after: timedelta
    held_after: timedelta


def _limits(*, warn: float, held: float) -> Limits:
    """Limits given in hours."""
    return Limits(timedelta(hours=warn), timedelta(hours=held))


DEFAULT_LIMITS: Mapping[Decision, Limits] = {
    Decision.REFILL_24H: _limits(warn=5 / 60, held=15 / 60),
    Decision.REFILL_72H: _limits(warn=0.5, held=4),
    Decision.REFILL_WEEK: _limits(warn=2, held=8),
    Decision.REFILL_LATER: _limits(warn=12, held=30),
    Decision.REBOOK_BUMPED: _limits(warn=4, held=24),
    Decision.REBOOK_MISSED: _limits(warn=12, held=24),
    Decision.CONFIRM: _limits(warn=24, held=48),
    Decision.STOP_OUTREACH: _limits(warn=5 / 60, held=15 / 60),
    Decision.WEEKLY_REPORT: _limits(warn=36, held=7 * 24),
}

_SLOT_EVENTS = frozenset({EventKind.CANCELLED, EventKind.BUMPED, EventKind.RESCHEDULED, EventKind.CREATED})
_PATIENT_EVENTS = frozenset({EventKind.PATIENT_CHANGED, EventKind.PATIENTS_MERGED, EventKind.PATIENT_DIED})
# Without these events the decision would be taken on a wrong picture.
NEEDED_EVENTS: Mapping[Decision, frozenset[EventKind]] = {
    **dict.fromkeys(REFILLS, _SLOT_EVENTS),
    Decision.REBOOK_BUMPED: frozenset({EventKind.BUMPED, EventKind.CREATED}),
    Decision.REBOOK_MISSED: frozenset({EventKind.MISSED, EventKind.CHECKED_IN, EventKind.COMPLETED}),
    Decision.CONFIRM: frozenset({EventKind.CREATED, EventKind.CONFIRMED, EventKind.CANCELLED}),
    Decision.STOP_OUTREACH: _PATIENT_EVENTS,
    Decision.WEEKLY_REPORT: frozenset(EventKind),
}


class Horizon(NamedTuple):
    """Slots that start more than ``after`` and at most ``until`` from now; None is no bound."""

    after: timedelta | None
    until: timedelta | None


HORIZONS: Mapping[Decision, Horizon] = {
    Decision.REFILL_24H: Horizon(None, DAY),
    Decision.REFILL_72H: Horizon(DAY, THREE_DAYS),
    Decision.REFILL_WEEK: Horizon(THREE_DAYS, WEEK),
    Decision.REFILL_LATER: Horizon(WEEK, None),
}


def refill_of(starts_at: datetime, now: datetime) -> Decision:
    """The refill that a slot falls under at ``now``; on a boundary the stricter one."""
    left = starts_at - now
    for decision, horizon in HORIZONS.items():
        if horizon.until is None or left <= horizon.until:
            return decision
    raise AssertionError("The last horizon has no end.")
