"""What a batch must know of its feeds: format, zones, clinics, settings, published mapping. Asked once a batch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import orjson

from scheduling.facts import ReaderContext
from scheduling.mapping.loading import SourceRules, load_rules
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import FeedFormat

_FEEDS = """
SELECT f.id, f.source_id, f.format, s.timezone,
    (SELECT v.profile::text FROM scheduling_feedsettings v WHERE v.feed_id = f.id ORDER BY v.id DESC LIMIT 1),
    (SELECT json_agg(json_build_array(k.code, c.id, c.timezone) ORDER BY k.code)::text
        FROM accounts_cliniccode k JOIN accounts_clinic c ON c.id = k.clinic_id WHERE k.source_id = f.source_id),
    (SELECT json_agg(json_build_array(p.revision_id, p.effective_from) ORDER BY p.number)::text
        FROM scheduling_mappingpublication p WHERE p.source_id = f.source_id),
    (SELECT min(t."on") FROM scheduling_intaketally t WHERE t.feed_id = f.id)
FROM scheduling_feed f JOIN accounts_source s ON s.id = f.source_id
WHERE f.id = ANY(%b) OR f.source_id IN (SELECT a.source_id FROM scheduling_appointment a WHERE a.id = ANY(%b))
"""
KEPT = 1000  # contexts per process


@dataclass(slots=True, frozen=True)
class FeedContext:
    """One feed, as digestion sees it.

    ``live_from`` ends its first day (UTC), on which a feed is loaded with what its source knows of the past; None
    where nothing came in yet.
    """

    feed_id: int
    source_id: int
    format: FeedFormat
    reader: ReaderContext
    clinic_ids: dict[str, int]
    rules: SourceRules
    live_from: datetime | None = None


# By all that a context is made of, so that one that is kept can never be outdated.
_Row = tuple[int, int, str, str, str | None, str | None, str | None, date | None]
_kept: dict[_Row, FeedContext] = {}


def load_feeds(
    cursor: Cursor, feed_ids: Collection[int], *, of_appointments: Collection[int] = ()
) -> dict[int, FeedContext]:
    """The contexts of ``feed_ids`` and of the sources of some appointments.

    One query; more where something is new to this process.
    """
    asked = (sorted(feed_ids), list(of_appointments))
    rows = _rows(cursor, asked)
    new = [row for row in rows if row not in _kept]
    if not new:
        return {row[0]: _kept[row] for row in rows}
    rules = load_rules(sorted({row[1] for row in new}))
    contexts = {row: _kept.get(row) or _context(row, rules[row[1]]) for row in rows}
    if _rows(cursor, asked) == rows:  # else a publication came between, and these rules are not those of the row
        if len(_kept) + len(contexts) > KEPT:
            _kept.clear()
        _kept.update(contexts)
    return {row[0]: context for row, context in contexts.items()}


def _rows(cursor: Cursor, asked: tuple[list[int], list[int]]) -> list[_Row]:
    cursor.execute(_FEEDS, asked)
    return cast("list[_Row]", cursor.fetchall())


def _context(row: _Row, rules: SourceRules) -> FeedContext:
    feed_id, source_id, format_, timezone, profile, clinics, _, first_on = row
    codes: list[tuple[str, int, str]] = orjson.loads(clinics or "[]")
    return FeedContext(
        feed_id,
        source_id,
        FeedFormat(format_),
        ReaderContext(
            ZoneInfo(timezone),
            {code: ZoneInfo(zone) for code, _, zone in codes},
            orjson.loads(profile) if profile else {},
        ),
        {code: clinic_id for code, clinic_id, _ in codes},
        rules,
        datetime.combine(first_on + timedelta(days=1), time(), UTC) if first_on else None,
    )
