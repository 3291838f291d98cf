"""How old a feed's knowledge is, on two clocks. Pure; the limits per decision live on an upper floor (I6).

The limits here are neutral: they say when a feed is unusual for the way it arrives, never what may be done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from scheduling.vocabulary import Transport

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Limits(NamedTuple):
    """After which age a feed counts as quiet, and after which as silent."""

    quiet: timedelta
    silent: timedelta


LIVE = Limits(30 * MINUTE, 12 * HOUR)
NIGHTLY = Limits(26 * HOUR, 50 * HOUR)
WORDS = {"fresh": "Current", "warn": "Quiet", "held": "Silent", "idle": "Nothing yet"}
NIGHTLY_WORDS = {"fresh": "On schedule", "warn": "Late", "held": "Missing", "idle": "Nothing yet"}
LIMITS = {Transport.FILE: NIGHTLY, Transport.COMMAND: NIGHTLY}


@dataclass(frozen=True, slots=True)
class FeedClocks:
    """The two clocks of one feed, as of ``now``; a moment is None where nothing ever arrived.

    ``proved_at``: the feed was last known to be current then, our own backlog included.
    ``content_at``: the newest source time in any of its messages.
    """

    now: datetime
    limits: Limits
    proved_at: datetime | None
    content_at: datetime | None

    @property
    def age(self) -> timedelta | None:
        """The age of the proof."""
        return None if self.proved_at is None else max(self.now - self.proved_at, timedelta(0))

    @property
    def content_age(self) -> timedelta | None:
        """The age of the newest content."""
        return None if self.content_at is None else max(self.now - self.content_at, timedelta(0))

    @property
    def tone(self) -> str:
        """How unusual the age is: "fresh", "warn", "held", or "idle" where nothing ever arrived."""
        if self.age is None:
            return "idle"
        if self.age <= self.limits.quiet:
            return "fresh"
        return "warn" if self.age <= self.limits.silent else "held"

    @property
    def is_nightly(self) -> bool:
        """Whether it arrives as whole extracts, so that it is on schedule long after it was current."""
        return self.limits == NIGHTLY

    @property
    def word(self) -> str:
        """The tone in a word; a nightly extract is on schedule or not, whatever may be done at its age."""
        return (NIGHTLY_WORDS if self.is_nightly else WORDS)[self.tone]


def clocks_of(
    transport: str,
    *,
    digested_to: datetime | None,
    heartbeat_at: datetime | None,
    extract_taken_at: datetime | None = None,
    content_at: datetime | None,
    waiting_since: datetime | None,
    now: datetime,
) -> FeedClocks:
    """The clocks of a feed. What still waits since ``waiting_since`` is not known yet, so no proof is newer than it.

    A full extract is as old as its taking, not as its arrival (I6).
    """
    content = digested_to if extract_taken_at is None else extract_taken_at
    proofs = [moment for moment in (content, heartbeat_at) if moment is not None]
    proved_at = max(proofs, default=None)
    if proved_at is not None and waiting_since is not None:
        proved_at = min(proved_at, waiting_since)
    return FeedClocks(now, LIMITS.get(Transport(transport), LIVE), proved_at, content_at)
