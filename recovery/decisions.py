"""The catalogue of decisions: how fresh data must be, how long a chance lasts (DESIGN section 8). Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from recovery.vocabulary import Family
from scheduling.vocabulary import REFILLS, Decision

# A refill ends this long before the slot starts: 20 min to travel and 15 to check in.
LEAST_NOTICE = timedelta(minutes=35)
# A lost visit stays worth rebooking this long (research/recovery.md section 1b: rebooked within 30 days).
REBOOK_WINDOW = timedelta(days=30)

DAY, THREE_DAYS, WEEK = timedelta(hours=24), timedelta(hours=72), timedelta(days=7)


class Limits(NamedTuple):
    """How old data may be: a warning after ``warn_after``, no act after ``held_after``."""

    warn_after: timedelta
    held_after: timedelta


def _limits(*, warn: float, held: float) -> Limits:
    """Limits given in hours."""
    return Limits(timedelta(hours=warn), timedelta(hours=held))


# DESIGN section 8; a clinic may set its own (accounts.ClinicLimit).
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

DECISIONS_OF: Mapping[Family, tuple[Decision, ...]] = {
    Family.REFILL: REFILLS,
    Family.REBOOK_MISSED: (Decision.REBOOK_MISSED,),
    Family.REBOOK_BUMPED: (Decision.REBOOK_BUMPED,),
}
QUEUE_DECISIONS = tuple(decision for decisions in DECISIONS_OF.values() for decision in decisions)


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


def decision_for(family: Family, starts_at: datetime, now: datetime) -> Decision:
    """The decision an item falls under at ``now``; on a boundary the stricter one."""
    if family != Family.REFILL:
        return DECISIONS_OF[family][0]
    left = starts_at - now
    for decision, horizon in HORIZONS.items():
        if horizon.until is None or left <= horizon.until:
            return decision
    raise AssertionError("The last horizon has no end.")
