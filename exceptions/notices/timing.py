"""When a notice may go out, and until when it is worth sending. Pure; moments are UTC."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from exceptions.vocabulary import EmailMode, NoticeKind

HOUR = timedelta(hours=1)
# A step is followed by the next one, so an old one is no news.
LIVES = {NoticeKind.STEP: 4 * HOUR}
LONGEST_LIFE = 24 * HOUR


class Quiet(NamedTuple):
    """Hours in which a person wants no e-mail, by the clock on their wall; from later than until: over midnight."""

    starts: time
    ends: time
    zone: ZoneInfo

    def covers(self, at: datetime) -> bool:
        """Whether the wall clock stands in these hours; the beginning is in them, the end is not."""
        clock = at.astimezone(self.zone).time()
        if self.starts <= self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends

    def end_after(self, at: datetime) -> datetime:
        """The first moment from ``at`` on outside of these hours.

        An end that a spring night skips comes with the hour after it; one that an autumn night repeats comes at its
        first passing, and the hours begin again when the clock is put back into them.
        """
        if not self.covers(at):
            return at
        day = at.astimezone(self.zone).date()
        ends = [
            datetime.combine(day + timedelta(days=more), self.ends, self.zone).replace(fold=fold).astimezone(UTC)
            for more in (0, 1)
            for fold in (0, 1)
        ]
        return min(end for end in ends if end > at)


def next_hour(at: datetime) -> datetime:
    """The full hour after a moment; a moment on the full hour gets the one after it."""
    return at.replace(minute=0, second=0, microsecond=0) + HOUR


def send_after(now: datetime, *, mode: EmailMode, quiet: Quiet | None, is_urgent: bool) -> datetime:
    """When an e-mail to a person with these settings may go out first."""
    if is_urgent:
        return now
    return after_quiet(now if mode == EmailMode.EACH else next_hour(now), quiet)


def after_quiet(at: datetime, quiet: Quiet | None) -> datetime:
    """A moment, put off to the end of quiet hours it falls into."""
    return at if quiet is None else quiet.end_after(at)


def deadline(kind: NoticeKind, first: datetime) -> datetime:
    """Until when a notice that may go out from ``first`` on is worth sending."""
    return first + LIVES.get(kind, LONGEST_LIFE)
