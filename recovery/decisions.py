"""The catalogue of decisions: which families of work they are taken for, how long a chance lasts. Pure.

How fresh data must be for them stands in ``scheduling.decisions``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from recovery.vocabulary import Family
from scheduling.decisions import refill_of
from scheduling.vocabulary import REFILLS, Decision

# A refill ends this long before the slot starts: 20 min to travel and 15 to check in.
LEAST_NOTICE = timedelta(minutes=35)
# A lost visit stays worth rebooking this long (research/recovery.md section 1b: rebooked within 30 days).
REBOOK_WINDOW = timedelta(days=30)
# Whoever says at a later hour that they will not come leaves a slot that nobody can be found for.
CONFIRM_NOTICE = timedelta(hours=2)

DECISIONS_OF: Mapping[Family, tuple[Decision, ...]] = {
    Family.REFILL: REFILLS,
    Family.REBOOK_MISSED: (Decision.REBOOK_MISSED,),
    Family.REBOOK_BUMPED: (Decision.REBOOK_BUMPED,),
    Family.CONFIRM: (Decision.CONFIRM,),
}
QUEUE_DECISIONS = tuple(decision for decisions in DECISIONS_OF.values() for decision in decisions)


def decision_for(family: Family, starts_at: datetime, now: datetime) -> Decision:
    """The decision an item falls under at ``now``; on a boundary the stricter one."""
    return refill_of(starts_at, now) if family == Family.REFILL else DECISIONS_OF[family][0]
