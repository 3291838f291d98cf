"""The survey of feeds: when each was last heard, what waits, and what is usual in these hours."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from exceptions.checks import freshness
from exceptions.checks.freshness import USUAL_MESSAGES, FeedFacts, silence
from exceptions.checks.openings import Stretch, open_time
from exceptions.surveys.calendars import read_calendars
from exceptions.surveys.looking import Looked
from scheduling.sql.cursors import Cursor

COMPARED_DAYS, LOOKED_BACK_DAYS = 7, 14
_EXTRACTS = 15

_FEEDS = """
SELECT f.id, f.source_id, f.transport, s.timezone,
    least((SELECT min(recorded_at) FROM scheduling_feedsettings v WHERE v.feed_id = f.id),
          (SELECT min(t."on")::timestamp AT TIME ZONE 'UTC' FROM scheduling_intaketally t WHERE t.feed_id = f.id),
          CASE WHEN NOT EXISTS (SELECT FROM scheduling_feedsettings v WHERE v.feed_id = f.id) THEN s.created_at END),
    greatest(p.digested_to, p.heartbeat_at, w.newest), coalesce(w.waiting, 0), w.oldest,
    coalesce((SELECT array_agg(e.taken_at) FROM (
        SELECT taken_at FROM scheduling_extract x WHERE x.feed_id = f.id ORDER BY taken_at DESC LIMIT %(extracts)s
    ) AS e), '{}')
FROM scheduling_feed f
JOIN accounts_source s ON s.id = f.source_id
LEFT JOIN scheduling_feedproof p ON p.feed_id = f.id
LEFT JOIN (
    SELECT feed_id, count(*) AS waiting, min(received_at) AS oldest, max(received_at) AS newest
    FROM scheduling_waiting GROUP BY feed_id
) AS w ON w.feed_id = f.id
WHERE f.is_active ORDER BY f.id
"""
# Counts no further than what is enough to call a stretch usual. Messages arrive in order, so the block index is narrow.
_USUAL = """
SELECT asked.feed_id, (
    SELECT count(*) FROM (
        SELECT FROM scheduling_message m
        WHERE m.feed_id = asked.feed_id AND m.received_at >= asked.since AND m.received_at < asked.until
        LIMIT %(enough)s
    ) AS counted
)
FROM unnest(%(feeds)s::int8[], %(since)s::timestamptz[], %(until)s::timestamptz[]) AS asked (feed_id, since, until)
"""


def look(cursor: Cursor, now: datetime) -> Looked:
    """Judge every active feed."""
    return Looked(freshness.find(read_feeds(cursor, now), now))


def read_feeds(cursor: Cursor, now: datetime) -> list[FeedFacts]:
    """Read the active feeds; only for those that have been quiet is it counted what is usual."""
    openings = read_calendars(cursor).by_source
    cursor.execute(_FEEDS, {"extracts": _EXTRACTS}, prepare=False)
    feeds, zones = [], {}
    for feed_id, source_id, transport, zone, set_up_at, heard_at, waiting, oldest, extracts in cursor.fetchall():
        own = openings.get(source_id, ())
        zones[feed_id] = ZoneInfo(zone)
        feeds.append(
            FeedFacts(feed_id, source_id, transport, set_up_at, heard_at, waiting, oldest, tuple(extracts), own)
        )
    usual = _read_usual(cursor, feeds, zones, now)
    return [feed._replace(usual=tuple(usual[feed.feed_id])) for feed in feeds]


def _read_usual(
    cursor: Cursor, feeds: Iterable[FeedFacts], zones: dict[int, ZoneInfo], now: datetime
) -> dict[int, list[int]]:
    """How many messages came in the hours of each feed's silence on comparable days, by feed."""
    asked = [
        (feed.feed_id, *stretch)
        for feed in feeds
        for stretch in comparable(feed, zones[feed.feed_id], silence(feed, now))
    ]
    usual: dict[int, list[int]] = defaultdict(list)
    if not asked:
        return usual
    ids, since, until = map(list, zip(*asked, strict=True))
    cursor.execute(_USUAL, {"enough": USUAL_MESSAGES, "feeds": ids, "since": since, "until": until}, prepare=False)
    for feed_id, count in cursor.fetchall():
        usual[feed_id].append(count)
    return usual


def comparable(feed: FeedFacts, zone: ZoneInfo, stretch: Stretch | None) -> Sequence[Stretch]:
    """The same hours by the source's clock on up to seven earlier days on which they were open at least as long."""
    if stretch is None:
        return ()
    needed = stretch[1] - stretch[0]
    found = []
    for number in range(1, LOOKED_BACK_DAYS + 1):
        since, until = (_days_before(at, number, zone) for at in stretch)
        if since >= feed.set_up_at and open_time(feed.openings, since, until) >= needed:
            found.append((since, until))
    return found[:COMPARED_DAYS]


def _days_before(at: datetime, number: int, zone: ZoneInfo) -> datetime:
    """The same time on the wall some days earlier."""
    return (at.astimezone(zone) - timedelta(days=number)).astimezone(at.tzinfo)
