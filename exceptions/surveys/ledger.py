"""The survey of the ledger: whether today and yesterday (UTC) add up, feed by feed (I2)."""

from datetime import UTC, datetime

from exceptions.checks.freshness import DayFacts, find_differences
from exceptions.surveys.looking import Looked
from scheduling.models import Feed
from scheduling.selectors.feed_ledger import read_days
from scheduling.sql.cursors import Cursor

DAYS = 2


def look(cursor: Cursor, now: datetime) -> Looked:
    """Judge the two days of every feed; one statement counts them, so from one snapshot."""
    sources = dict(Feed.objects.order_by("id").values_list("id", "source_id"))
    lines = read_days(list(sources), today=now.astimezone(UTC).date(), days=DAYS)
    days = [DayFacts(feed_id, sources[feed_id], on, line.difference) for (feed_id, on), line in sorted(lines.items())]
    return Looked(list(find_differences(days)))
