"""How far a clinic's data can be trusted at one moment, decision by decision. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from recovery.vocabulary import Level
from scheduling.decisions import DEFAULT_LIMITS, Limits
from scheduling.vocabulary import Decision, LaunchMode


@dataclass(frozen=True, slots=True)
class FeedTrust:
    """One feed's proof of being current: everything it had up to ``proven_at`` is digested (I6)."""

    feed_id: int
    key: str
    name: str
    owner: str
    proven_at: datetime


def proven_at(
    *,
    digested_to: datetime | None,
    heartbeat_at: datetime | None,
    extract_taken_at: datetime | None,
    oldest_waiting: datetime | None,
) -> datetime | None:
    """The moment up to which a feed is known to be complete; None for a feed that never proved anything.

    A full extract is as old as its taking, not as its arrival. What still waits here is our own backlog and counts
    against the proof (I6).
    """
    content = extract_taken_at if extract_taken_at is not None else digested_to
    proofs = [moment for moment in (content, heartbeat_at) if moment is not None]
    if not proofs:
        return None
    newest = max(proofs)
    return newest if oldest_waiting is None else min(newest, oldest_waiting)


def oldest(feeds: Iterable[FeedTrust]) -> FeedTrust | None:
    """The feed that is furthest behind; a source is only as current as it."""
    return min(feeds, key=lambda feed: (feed.proven_at, feed.feed_id), default=None)


@dataclass(frozen=True, slots=True)
class ClinicTrust:
    """What decides about a clinic's data: its slowest feed, its limits and its launch modes, as of one moment."""

    clinic_id: int
    name: str
    source_id: int
    source_name: str
    zone: ZoneInfo
    feed: FeedTrust | None
    limits: Mapping[Decision, Limits] = field(default_factory=dict)
    modes: Mapping[Decision, LaunchMode] = field(default_factory=dict)

    def limits_of(self, decision: Decision) -> Limits:
        """The clinic's own limits, else the default ones."""
        return self.limits.get(decision, DEFAULT_LIMITS[decision])

    def mode_of(self, decision: Decision) -> LaunchMode:
        """How far the decision is switched on; nothing said means observing."""
        return self.modes.get(decision, LaunchMode.OBSERVING)

    def age(self, now: datetime) -> timedelta | None:
        """How old the data is; None where no feed ever proved anything."""
        return None if self.feed is None else max(now - self.feed.proven_at, timedelta())

    def freshness(self, decision: Decision, now: datetime) -> Level:
        """Whether the data is fresh enough for the decision; exactly at a limit it still is."""
        age, limits = self.age(now), self.limits_of(decision)
        if age is None or age > limits.held_after:
            return Level.HELD
        return Level.WARN if age > limits.warn_after else Level.READY
