"""The ledger of some feeds over some UTC days, bounded by the day, for pages (I2).

``services.ledger`` proves the whole of it; this reads the same rows of a few days only, through their block indexes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.urls import reverse

from config.web.svg import Bar, at
from scheduling.services.ledger import OUTCOMES, Line
from scheduling.vocabulary import Outcome

DAYS = 7
BAR_WIDTH = 640.0
# Class of each outcome's part in the ledger's bar, as in the pictures of DESIGN section 10.
BAR_KINDS = {
    Outcome.APPLIED: "bar bar--strong",
    Outcome.SUPERSEDED: "bar",
    Outcome.DUPLICATE: "bar bar--soft",
    Outcome.HELD: "bar bar--warn",
    Outcome.REJECTED: "bar bar--held",
    Outcome.FAILED: "bar bar--held",
    Outcome.WAITING: "unknown",
}
_LEDGER = """
SELECT feed_id, "on", 'received', sum(received) FROM scheduling_intaketally
WHERE feed_id = ANY(%(feeds)s) AND "on" >= %(day)s GROUP BY 1, 2
UNION ALL
SELECT feed_id, (received_at AT TIME ZONE 'UTC')::date, outcome, count(*) FROM scheduling_mappedevent
WHERE feed_id = ANY(%(feeds)s) AND received_at >= %(since)s AND part = 0 GROUP BY 1, 2, 3
UNION ALL
SELECT feed_id, (received_at AT TIME ZONE 'UTC')::date, outcome, count(*) FROM scheduling_receipt
WHERE feed_id = ANY(%(feeds)s) AND received_at >= %(since)s GROUP BY 1, 2, 3
UNION ALL
SELECT feed_id, (received_at AT TIME ZONE 'UTC')::date, 'waiting', count(*) FROM scheduling_waiting
WHERE feed_id = ANY(%(feeds)s) AND received_at >= %(since)s GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Share:
    """One outcome's part of what was received."""

    outcome: Outcome
    count: int
    percent: str
    kind: str
    bar: Bar | None
    url: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    """A ledger as bar and table; ``sentence`` says whether it adds up."""

    received: int
    shares: list[Share]
    difference: int
    sentence: str

    @property
    def bars(self) -> list[Bar]:
        """The parts of the bar that have any width."""
        return [share.bar for share in self.shares if share.bar is not None]


def day_start(day: date) -> datetime:
    """The first moment of a UTC day."""
    return datetime.combine(day, time(), UTC)


def read_days(feed_ids: Collection[int], *, today: date, days: int = 1) -> dict[tuple[int, date], Line]:
    """Lines of the last ``days`` UTC days by (feed id, day), one statement; a day without messages has no line."""
    first = today - timedelta(days=days - 1)
    lines: dict[tuple[int, date], Line] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, {"feeds": list(feed_ids), "day": first, "since": day_start(first)})
        for feed_id, day, what, count in cursor.fetchall():
            line = lines.setdefault((feed_id, day), Line(str(feed_id), day))
            if what == "received":
                line.received = int(count)
            else:
                line.outcomes[what] = line.outcomes.get(what, 0) + int(count)
    return lines


def ledger_view(lines: Iterable[Line], *, feed_key: str = "", on: date | None = None) -> LedgerView:
    """The sum of some lines; with a feed and a day its numbers open the messages behind them."""
    received, counts = 0, defaultdict[str, int](int)
    for line in lines:
        received += line.received
        for outcome, count in line.outcomes.items():
            counts[outcome] += count
    placed = sum(counts.values())
    return LedgerView(
        received, _shares(counts, max(received, placed), feed_key, on), received - placed, _sentence(received, placed)
    )


def _sentence(received: int, placed: int) -> str:
    if received == placed:
        return f"adds up: {received:,} received, {placed:,} placed"
    missing = received - placed
    return f"does not add up: {abs(missing):,} {'are nowhere' if missing > 0 else 'more placed than received'}"


def _shares(counts: dict[str, int], total: int, feed_key: str, on: date | None) -> list[Share]:
    shares, x = [], 0.0
    for outcome in OUTCOMES:
        count = counts.get(outcome, 0)
        # A part that exists is drawn at least 2 units wide, or trouble would be invisible.
        width = max(BAR_WIDTH * count / total, 2) if count and total else 0.0
        bar = (
            Bar(at(min(x, BAR_WIDTH - width)), "0", at(max(width - 1, 1)), "16", BAR_KINDS[outcome]) if width else None
        )
        percent = f"{100 * count / total:.1f}%" if total else "0.0%"
        shares.append(Share(outcome, count, percent, BAR_KINDS[outcome], bar, messages_url(feed_key, outcome, on)))
        x += width
    return shares


def messages_url(feed_key: str, outcome: str, on: date | None) -> str:
    """The address of the messages behind a number; "" where several feeds are summed."""
    if not feed_key:
        return ""
    day = f"&on={on:%Y-%m-%d}" if on else ""
    return f"{reverse('scheduling:feed_messages', args=[feed_key])}?outcome={outcome}{day}"
