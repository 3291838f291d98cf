"""Freshness and volume: whether a feed still speaks, whether we keep up, whether all that came is accounted for.

A feed is judged by what is usual for it at that hour, in open time only: quiet is not dead.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from exceptions.checks.found import Findings, Found
from exceptions.checks.kinds import Check
from exceptions.checks.openings import Opening, Stretch, open_stretches, open_time
from exceptions.vocabulary import Family, OwnerTeam, Severity, SubjectKind
from scheduling.vocabulary import REBOOKS, REFILLS, Decision, Transport

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
# No silence shorter than this is one; longer than that, in open time, it is one whatever is usual.
SHORTEST_SILENCE, LONGEST_SILENCE = 30 * MINUTE, 12 * HOUR
# In the same hours of comparable days at least so many messages came; one such day may have been odd.
USUAL_MESSAGES, FEWEST_DAYS = 10, 3
# Feeds of files speak once a day at best.
FILES = frozenset({Transport.FILE, Transport.COMMAND})
LONGEST_FILE_SILENCE = 50 * HOUR
LATE_EXTRACT = 2 * HOUR
USUAL_GAP = DAY
OLDEST_WAITING, MOST_WAITING = MINUTE, 10_000
FIRST_WORDS = 9 * HOUR  # of open time after a feed was set up
SAME_HOURS = frozenset({Decision.REFILL_24H, Decision.STOP_OUTREACH})  # their limits are shorter than any silence

CHECKS = (
    Check(
        id="silent_feed",
        title="Feed is silent",
        family=Family.FRESHNESS,
        severity=Severity.BLOCKING,
        happened="Nothing came for longer than is usual in these hours, while clinics are open.",
        advice="Ask the sending side whether its queue moves. An open connection proves nothing.",
        blocks=SAME_HOURS,
        self_clearing=True,
    ),
    Check(
        id="never_heard",
        title="Feed never spoke",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="The feed was set up, a working day went by, and nothing has ever come.",
        advice="Check address, port and token with the sender, or switch the feed off until it is needed.",
        self_clearing=True,
    ),
    Check(
        id="extract_overdue",
        title="Extract is overdue",
        family=Family.FRESHNESS,
        severity=Severity.BLOCKING,
        happened="The next full extract should have been here more than 2 hours ago.",
        advice="Ask the source whether the export ran and where the file went.",
        blocks=SAME_HOURS | {Decision.REFILL_72H, Decision.REFILL_WEEK, *REBOOKS},
        self_clearing=True,
    ),
    Check(
        id="backlog",
        title="Messages wait",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="Messages arrived and are not worked on yet: the oldest waits for more than a minute.",
        advice="Look whether the workers run and whether one batch fails over and over.",
        owner=OwnerTeam.IT,
        blocks=frozenset(REFILLS),
        self_clearing=True,
    ),
    Check(
        id="ledger_difference",
        title="Ledger does not add up",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="On the day named here, messages received and messages accounted for are not the same number.",
        advice="Run the ledger command and look for rows that were deleted or changed by hand.",
        owner=OwnerTeam.IT,
        blocks=frozenset({Decision.WEEKLY_REPORT}),
    ),
    Check(
        id="survey_failed",
        title="Checks did not run",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="A survey of checks raised an error of ours. Its findings stand as they last were.",
        advice="Give the name shown here and the time to IT: the log says where it failed.",
        owner=OwnerTeam.IT,
        self_clearing=True,
    ),
    Check(
        id="survey_limited",
        title="Too much to look at",
        family=Family.FRESHNESS,
        severity=Severity.NOTE,
        happened="A survey met its limit. What is furthest from now was not looked at; nothing was taken as cleared.",
        advice="Tell IT that the survey named here needs a higher limit.",
        owner=OwnerTeam.IT,
        self_clearing=True,
    ),
)


class FeedFacts(NamedTuple):
    """One active feed as of now; moments in UTC.

    ``heard_at``: the newest receipt or heartbeat. ``usual``: how many messages came in the hours of ``silence`` on each
    comparable day before; empty where nobody needed to count.
    """

    feed_id: int
    source_id: int
    transport: str
    set_up_at: datetime
    heard_at: datetime | None
    waiting: int = 0
    waiting_since: datetime | None = None
    extracts: tuple[datetime, ...] = ()  # taken-at of the newest ones, newest first
    openings: tuple[Opening, ...] = ()
    usual: tuple[int, ...] = ()


class DayFacts(NamedTuple):
    """One feed's ledger on one UTC day: received minus accounted for."""

    feed_id: int
    source_id: int
    on: date
    difference: int


def find(feeds: Iterable[FeedFacts], now: datetime) -> Findings:
    """Yield what is wrong with each feed at ``now``."""
    for feed in feeds:
        for check, rule in _RULES.items():
            since = rule(feed, now)
            if since is not None:
                yield _of_feed(check, feed, "", since)


def find_differences(days: Iterable[DayFacts]) -> Findings:
    """Yield the days of feeds that do not add up (I2)."""
    for day in days:
        if day.difference:
            yield _of_feed("ledger_difference", day, day.on.isoformat(), datetime.combine(day.on, time(), UTC))


def find_about_survey(check: str, survey: str, feeds: Iterable[tuple[int, int]], now: datetime) -> Findings:
    """Yield of each (feed id, source id) that a survey failed or met its limit: what it tells is judged without it."""
    for feed_id, source_id in feeds:
        yield Found(check, source_id, None, survey, SubjectKind.FEED, feed_id, now)


def silence(feed: FeedFacts, now: datetime) -> Stretch | None:
    """The part of a feed's silence that is comparable with other days: that in the newest stretch of open time.

    None where the feed is no stream, where it spoke lately, or where its clinics have not been open since.
    """
    if feed.heard_at is None or feed.transport in FILES:
        return None
    stretches = open_stretches(feed.openings, feed.heard_at, now)
    if not stretches or stretches[-1][1] - stretches[-1][0] < SHORTEST_SILENCE:
        return None
    return stretches[-1]


def _silent_since(feed: FeedFacts, now: datetime) -> datetime | None:
    if feed.heard_at is None or feed.extracts:
        return None
    if feed.transport in FILES:
        return feed.heard_at if _business_age(feed, feed.heard_at, now) > LONGEST_FILE_SILENCE else None
    if open_time(feed.openings, feed.heard_at, now) > LONGEST_SILENCE:
        return feed.heard_at
    counted = sorted(feed.usual)
    is_unusual = len(counted) >= FEWEST_DAYS and counted[1] >= USUAL_MESSAGES
    return feed.heard_at if is_unusual and silence(feed, now) else None


def _business_age(feed: FeedFacts, since: datetime, now: datetime) -> timedelta:
    """How old something is, days on which no clinic opens left out."""
    age = now - since
    zone_days = {opening.zone for opening in feed.openings if opening.hours}
    if not zone_days:
        return age
    zone = min(zone_days, key=str)
    day, last = since.astimezone(zone).date() + DAY, now.astimezone(zone).date()
    while day < last:
        if not any(opening.on(day) for opening in feed.openings):
            age -= DAY
        day += DAY
    return age


def _never_heard_since(feed: FeedFacts, now: datetime) -> datetime | None:
    if feed.heard_at is not None or feed.waiting:
        return None
    return feed.set_up_at if open_time(feed.openings, feed.set_up_at, now) > FIRST_WORDS else None


def _overdue_since(feed: FeedFacts, now: datetime) -> datetime | None:
    if not feed.extracts:
        return None
    taken_at = feed.extracts[0]
    return taken_at if now - taken_at > usual_gap(feed.extracts) + LATE_EXTRACT else None


def usual_gap(extracts: tuple[datetime, ...]) -> timedelta:
    """The longest time between two extracts that is usual: the second longest seen, so that one miss is not the rule.

    A source that sends on working days has its weekends in it. A day where too few are known.
    """
    gaps = sorted((newer - older for newer, older in pairwise(extracts)), reverse=True)
    return max(gaps[1], USUAL_GAP) if len(gaps) >= 2 else USUAL_GAP


def _waiting_since(feed: FeedFacts, now: datetime) -> datetime | None:
    if feed.waiting_since is None:
        return None
    is_old = now - feed.waiting_since > OLDEST_WAITING
    return feed.waiting_since if is_old or feed.waiting > MOST_WAITING else None


def _of_feed(check: str, feed: FeedFacts | DayFacts, raw: str, at: datetime) -> Found:
    return Found(check, feed.source_id, None, raw, SubjectKind.FEED, feed.feed_id, at, feed.feed_id)


_RULES: dict[str, Callable[[FeedFacts, datetime], datetime | None]] = {
    "silent_feed": _silent_since,
    "never_heard": _never_heard_since,
    "extract_overdue": _overdue_since,
    "backlog": _waiting_since,
}
