"""Message conservation (I2): what was received is somewhere, and only once.

``received`` is the tally of intake and of nothing else; the outcomes are counted from the rows they left. Beside the
sum, every stored message must still be stored, so that deleting any one row shows.
"""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from scheduling.vocabulary import Outcome

OUTCOMES = (
    Outcome.APPLIED,
    Outcome.SUPERSEDED,
    Outcome.DUPLICATE,
    Outcome.HELD,
    Outcome.REJECTED,
    Outcome.FAILED,
    Outcome.WAITING,
)

# One message may carry several appointments; it is counted where its first one is. A day is a UTC day.
_LEDGER = """
WITH counted AS (
    SELECT feed_id, "on" AS day, 'received' AS what, sum(received) AS n FROM scheduling_intaketally GROUP BY 1, 2
    UNION ALL
    SELECT feed_id, (received_at AT TIME ZONE 'UTC')::date, 'stored', count(*) FROM scheduling_message GROUP BY 1, 2
    UNION ALL
    SELECT feed_id, (received_at AT TIME ZONE 'UTC')::date, outcome, count(*) FROM scheduling_mappedevent
    WHERE part = 0 GROUP BY 1, 2, 3
    UNION ALL
    SELECT feed_id, (received_at AT TIME ZONE 'UTC')::date, outcome, count(*) FROM scheduling_receipt GROUP BY 1, 2, 3
    UNION ALL
    SELECT feed_id, (received_at AT TIME ZONE 'UTC')::date, 'waiting', count(*) FROM scheduling_waiting GROUP BY 1, 2
)
SELECT f.key, c.day, c.what, sum(c.n) FROM counted c JOIN scheduling_feed f ON f.id = c.feed_id
WHERE %(feed)s::text IS NULL OR f.key = %(feed)s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


# A later part of a message is no outcome of its own; its appointment remembers how many events it was folded from.
_MISFOLDED = """
SELECT s.key, count(*) FROM scheduling_appointment a JOIN accounts_source s ON s.id = a.source_id
LEFT JOIN (SELECT appointment_id, count(*) AS n FROM scheduling_mappedevent GROUP BY 1) e ON e.appointment_id = a.id
WHERE a.floor_key IS NULL AND a.events <> coalesce(e.n, 0) GROUP BY 1 ORDER BY 1
"""


@dataclass(slots=True)
class Line:
    """One feed on one UTC day."""

    feed: str
    on: date
    received: int = 0
    stored: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))

    @property
    def difference(self) -> int:
        """Received messages that are nowhere (positive), or outcomes nobody received (negative)."""
        return self.received - sum(self.outcomes.values())

    @property
    def adds_up(self) -> bool:
        """Whether every received message is stored and has exactly one outcome."""
        return self.difference == 0 and self.stored == self.received


def read_ledger(feed: str | None = None) -> list[Line]:
    """Every line of the ledger, or of one feed's, in one statement and so from one snapshot."""
    lines: dict[tuple[str, date], Line] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, {"feed": feed})
        for key, day, what, count in cursor.fetchall():
            line = lines.setdefault((key, day), Line(key, day))
            match what:
                case "received":
                    line.received += int(count)
                case "stored":
                    line.stored += int(count)
                case _:
                    line.outcomes[what] = line.outcomes.get(what, 0) + int(count)
    return list(lines.values())


def misfolded() -> dict[str, int]:
    """Per source: appointments that were folded from another number of events than are stored; none when all is well.

    Appointments below whose floor events were removed on purpose are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MISFOLDED)
        return {key: int(count) for key, count in cursor.fetchall()}


def totals(lines: list[Line]) -> dict[str, dict[str, int]]:
    """Per feed: ``received`` and every outcome, summed over days."""
    sums: dict[str, dict[str, int]] = {}
    for line in lines:
        total = sums.setdefault(line.feed, dict.fromkeys(("received", *OUTCOMES), 0))
        total["received"] += line.received
        for outcome, count in line.outcomes.items():
            total[outcome] += count
    return sums
