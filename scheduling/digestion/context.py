"""What a batch must know of its feeds: format, zones, clinics, settings, published mapping. Read once a batch."""

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import orjson

from scheduling.facts import ReaderContext
from scheduling.mapping.loading import SourceRules, load_rules
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import FeedFormat

_FEEDS = """
SELECT f.id, f.source_id, f.format, s.timezone,
    (SELECT v.profile::text FROM scheduling_feedsettings v WHERE v.feed_id = f.id ORDER BY v.id DESC LIMIT 1)
FROM scheduling_feed f JOIN accounts_source s ON s.id = f.source_id
WHERE f.id = ANY(%b) OR f.source_id IN (SELECT a.source_id FROM scheduling_appointment a WHERE a.id = ANY(%b))
"""
_CLINICS = """
SELECT k.source_id, k.code, c.id, c.timezone
FROM accounts_cliniccode k JOIN accounts_clinic c ON c.id = k.clinic_id WHERE k.source_id = ANY(%b)
"""


@dataclass(slots=True, frozen=True)
class FeedContext:
    """One feed, as digestion sees it."""

    feed_id: int
    source_id: int
    format: FeedFormat
    reader: ReaderContext
    clinic_ids: dict[str, int]
    rules: SourceRules


def load_feeds(
    cursor: Cursor, feed_ids: Collection[int], *, of_appointments: Collection[int] = ()
) -> dict[int, FeedContext]:
    """The contexts of ``feed_ids`` and of the sources of some appointments, in a fixed number of queries."""
    cursor.execute(_FEEDS, (sorted(feed_ids), list(of_appointments)))
    feeds = cursor.fetchall()
    sources = sorted({feed[1] for feed in feeds})
    cursor.execute(_CLINICS, (sources,))
    clinics: dict[int, dict[str, tuple[int, ZoneInfo]]] = {source_id: {} for source_id in sources}
    for source_id, code, clinic_id, timezone in cursor.fetchall():
        clinics[source_id][code] = (clinic_id, ZoneInfo(timezone))
    rules = load_rules(sources)
    return {
        feed_id: FeedContext(
            feed_id,
            source_id,
            FeedFormat(format_),
            ReaderContext(
                ZoneInfo(timezone),
                {code: zone for code, (_, zone) in clinics[source_id].items()},
                orjson.loads(profile) if profile else {},
            ),
            {code: clinic_id for code, (clinic_id, _) in clinics[source_id].items()},
            rules[source_id],
        )
        for feed_id, source_id, format_, timezone, profile in feeds
    }
