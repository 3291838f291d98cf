"""Outreach: whether messages are heard of again, and whether a clinic day went by without any. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from exceptions.checks.found import Findings, Found
from exceptions.checks.kinds import Check
from exceptions.checks.openings import DAY, Opening, Stretch
from exceptions.vocabulary import Family, OwnerTeam, Severity, SubjectKind

CHECKS = (
    Check(
        id="outreach_without_status",
        title="Messages sent, no status back",
        family=Family.CONTACT,
        severity=Severity.DEGRADED,
        happened="A message by {raw} left hours ago, and its gateway has not said since how it fared.",
        advice="Ask whoever runs the gateway whether statuses are posted back. Until then call instead.",
        owner=OwnerTeam.IT,
        self_clearing=True,
    ),
    Check(
        id="outreach_silent_day",
        title="A clinic day without outreach",
        family=Family.CONTACT,
        severity=Severity.DEGRADED,
        happened="A whole clinic day went by and nobody was contacted, although there was somebody to contact.",
        advice="See whether the queue is staffed, and whether something holds the clinic's items.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
)
NO_STATUS, SILENT_DAY = (check.id for check in CHECKS)
# Further back no day is looked for: a clinic that is shut for longer has no outreach to miss.
_MOST_DAYS = 14


class Unheard(NamedTuple):
    """Messages of one channel about one source of which nothing was heard: since when, and the source's first feed."""

    channel: str
    source_id: int
    feed_id: int
    since: datetime


class ClinicWork(NamedTuple):
    """What a clinic could and did do: when chances were ready to be worked, and when somebody was contacted last."""

    clinic_id: int
    source_id: int
    feed_id: int
    chances: tuple[Stretch, ...]
    contacted_at: datetime | None


def find_unheard(unheard: Iterable[Unheard]) -> Findings:
    """Yield one finding for each channel and source."""
    for one in unheard:
        yield Found(NO_STATUS, one.source_id, None, one.channel, SubjectKind.FEED, one.feed_id, one.since)


def find_silent(work: Iterable[ClinicWork], openings: Mapping[int, Opening], now: datetime) -> Findings:
    """Yield one finding for each clinic whose last whole day had chances and no contact; one since then clears it."""
    for one in work:
        opening = openings.get(one.clinic_id)
        day = last_day(opening, now) if opening is not None else None
        if day is None or (one.contacted_at is not None and one.contacted_at >= day[0]):
            continue
        if any(begins < day[1] and ends > day[0] for begins, ends in one.chances):
            yield Found(SILENT_DAY, one.source_id, one.clinic_id, "", SubjectKind.FEED, one.feed_id, day[1])


def last_day(opening: Opening, now: datetime) -> Stretch | None:
    """From the first opening to the last closing of the newest clinic day that is over, in UTC."""
    today = now.astimezone(opening.zone).date()
    for back in range(_MOST_DAYS):
        stretches = opening.on(today - back * DAY)
        if stretches and max(end for _, end in stretches) <= now:
            return min(begin for begin, _ in stretches), max(end for _, end in stretches)
    return None
