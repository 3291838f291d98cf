"""How offers escalate as the start nears: the closer, the less time to answer and the more people at once. Pure.

The defaults follow what anchors do (research/recovery.md section 1): Stride PRM's group size, delay between groups and
stop before the start; RedSpot's batch size; NextGen's least lead of 90 minutes for a task of its own.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from recovery.decisions import LEAST_NOTICE
from recovery.errors import InvalidActError
from recovery.vocabulary import OfferState, OutreachChannel

# Where an offer holds its slot and its person: not answered yet, or accepted and not booked yet.
OPEN = frozenset({OfferState.LIVE, OfferState.PENDING})
MOST_STEPS, MOST_AT_ONCE = 6, 10
SHORTEST_WINDOW = timedelta(minutes=5)  # nobody can be asked to decide quicker
LONGEST_WINDOW = timedelta(days=3)
# An accepted offer whose booking has not come by then is somebody's work again: book it in the EHR.
BOOK_WITHIN = timedelta(hours=2)


class Step(NamedTuple):
    """From ``before`` the start on: how long people may think, and how many are asked at once in batch mode."""

    before: timedelta
    window: timedelta
    at_once: int


class OfferRules(NamedTuple):
    """A clinic's policy: steps with the farthest first, and the channels in the order they are tried."""

    steps: tuple[Step, ...]
    channels: tuple[OutreachChannel, ...]


def _step(hours: float, minutes: int, people: int) -> Step:
    return Step(timedelta(hours=hours), timedelta(minutes=minutes), people)


DEFAULT_RULES = OfferRules(
    (_step(168, 24 * 60, 1), _step(72, 4 * 60, 1), _step(24, 60, 2), _step(4, 20, 3), _step(0, 10, 3)),
    (OutreachChannel.TEXT, OutreachChannel.CALL, OutreachChannel.EMAIL),
)


def step_at(steps: Sequence[Step], starts_at: datetime, now: datetime) -> Step:
    """The step in force: the farthest that has been left ahead; on its boundary it still holds."""
    ahead = starts_at - now
    ordered = sorted(steps, key=lambda step: step.before, reverse=True)
    return next((step for step in ordered if ahead >= step.before), ordered[-1])


def ends_at(steps: Sequence[Step], starts_at: datetime, now: datetime) -> datetime | None:
    """Until when an offer made ``now`` may be answered; None where it is too late to make one.

    Never later than the least notice before the start, and no less than five minutes.
    """
    end = min(now + step_at(steps, starts_at, now).window, starts_at - LEAST_NOTICE)
    return end if end - now >= SHORTEST_WINDOW else None


def read_steps(rows: Iterable[Sequence[Any]]) -> tuple[Step, ...]:
    """Steps as stored: rows of [hours before, minutes to answer, people at once]."""
    return tuple(_step(*row) for row in rows)


def store_steps(steps: Iterable[Step]) -> list[list[float]]:
    """Steps as rows to store, the farthest first. Raises InvalidActError with what is wrong."""
    ordered = sorted(steps, key=lambda step: step.before, reverse=True)
    if not 1 <= len(ordered) <= MOST_STEPS:
        raise InvalidActError(f"Give 1 to {MOST_STEPS} steps.")
    if ordered[-1].before != timedelta():
        raise InvalidActError("The last step begins 0 hours before the start.")
    if len({step.before for step in ordered}) != len(ordered):
        raise InvalidActError("Two steps begin at the same time.")
    if any(not SHORTEST_WINDOW <= step.window <= LONGEST_WINDOW for step in ordered):
        raise InvalidActError("People have between 5 minutes and 3 days to answer.")
    if any(not 1 <= step.at_once <= MOST_AT_ONCE for step in ordered):
        raise InvalidActError(f"Ask between 1 and {MOST_AT_ONCE} people at once.")
    if any(near.window > far.window for far, near in pairwise(ordered)):
        raise InvalidActError("Nearer steps give no more time than farther ones.")
    return [
        [step.before / timedelta(hours=1), int(step.window / timedelta(minutes=1)), step.at_once] for step in ordered
    ]
