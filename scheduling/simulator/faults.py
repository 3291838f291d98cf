"""What goes wrong between a source and us, how often, and the record of every single time it did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import NamedTuple


class FaultKind(StrEnum):
    """A way in which a feed misleads. ``LOST`` and ``OUTAGE`` are faults of the wire, the last four of the content."""

    LATE = "late"
    REORDERED = "reordered"
    REPEATED = "repeated"
    LOST = "lost"
    OUTAGE = "outage"
    UNMAPPED = "unmapped"
    CONTRADICTORY = "contradictory"
    WRONG_ZONE = "wrong_zone"
    MERGED = "merged"


@dataclass(frozen=True)
class FaultPlan:
    """Chances per message, but ``duplicate_records`` per booking (each ends in a merge) and outages per UTC day.

    Patient and slot messages carry no status, so the chances of unmapped and contradictory signals, which only visit
    messages can have, are set above the share of all messages that they are to reach. ``content_from`` (UTC): before
    it no message says anything wrong, as in a past whose troubles were long put right.
    """

    repeated: float = 0.0
    late: float = 0.0
    reordered: float = 0.0
    lost: float = 0.0
    unmapped: float = 0.0
    contradictory: float = 0.0
    wrong_zone: float = 0.0
    duplicate_records: float = 0.0
    outage_minutes: tuple[int, int] | None = None
    content_from: datetime | None = None

    def times(self, factor: int) -> "FaultPlan":
        """A plan whose faults are that much more frequent, and its outages that much longer."""
        shares = {name: getattr(self, name) * factor for name in _SHARES}
        least, most = self.outage_minutes or (0, 0)
        return replace(self, **shares, outage_minutes=(least * factor, most * factor) if most else None)


_SHARES = tuple(name for name in FaultPlan.__dataclass_fields__ if name not in {"outage_minutes", "content_from"})

NONE = FaultPlan()
REALISTIC = FaultPlan(
    repeated=0.043,
    late=0.024,
    reordered=0.029,
    lost=0.002,
    unmapped=0.035,
    contradictory=0.019,
    wrong_zone=0.002,
    duplicate_records=0.036,
    outage_minutes=(10, 40),
)
SEVERE = REALISTIC.times(5)


class FaultRecord(NamedTuple):
    """One injected fault. ``message`` is a control id, a resource or ``file#visit``; outages last ``until``."""

    kind: FaultKind
    feed_key: str
    message: str
    at: datetime
    until: datetime | None
    truth_event_ids: tuple[int, ...]


class Outage(NamedTuple):
    """A stretch in which nothing of one feed gets through; what was sent meanwhile comes after it."""

    feed_key: str
    begins: datetime
    ends: datetime


def outage_of(seed: int, plan: FaultPlan, feeds: Sequence[str], day: date) -> Outage | None:
    """The outage of a UTC day, in the working hours of the Americas; the same for the same arguments."""
    if plan.outage_minutes is None or not feeds:
        return None
    random = Random(f"{seed}:outage:{day}")
    least, most = plan.outage_minutes
    begins = datetime.combine(day, time(13), UTC) + timedelta(minutes=random.randrange(9 * 60))
    return Outage(random.choice(feeds), begins, begins + timedelta(minutes=random.randint(least, most)))


class WireFault(NamedTuple):
    """What happens to one message under way."""

    kind: FaultKind | None
    delay: timedelta = timedelta(0)


SOUND = WireFault(None)


def draw_wire_fault(random: Random, plan: FaultPlan) -> WireFault:
    """Late (20 min to 6 h), lost, repeated (again after 2 s to 30 min), to be reordered, or nothing."""
    luck = random.random()
    for kind, share in (
        (FaultKind.REPEATED, plan.repeated),
        (FaultKind.LATE, plan.late),
        (FaultKind.REORDERED, plan.reordered),
        (FaultKind.LOST, plan.lost),
    ):
        if luck < share:
            return WireFault(kind, _delay(random, kind))
        luck -= share
    return SOUND


def _delay(random: Random, kind: FaultKind) -> timedelta:
    if kind is FaultKind.LATE:
        return timedelta(minutes=20 * 18 ** random.random())
    if kind is FaultKind.REPEATED:
        return timedelta(seconds=2 * 900 ** random.random())
    return timedelta(0)


def content_fault(luck: float, plan: FaultPlan, at: datetime) -> FaultKind | None:
    """Which content fault a draw from [0, 1) stands for, for something that happened at ``at``."""
    if plan.content_from is not None and at < plan.content_from:
        return None
    for kind, share in (
        (FaultKind.UNMAPPED, plan.unmapped),
        (FaultKind.CONTRADICTORY, plan.contradictory),
        (FaultKind.WRONG_ZONE, plan.wrong_zone),
    ):
        if luck < share:
            return kind
        luck -= share
    return None
