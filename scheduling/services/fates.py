"""Where some messages ended: the ledger's outcomes, counted for given messages only."""

from collections.abc import Sequence

from django.db import connection

from scheduling.services.ledger import OUTCOMES

# As in the ledger: a message with several appointments counts where its first one is.
_FATES = """
SELECT what, count(*) FROM (
    SELECT outcome AS what FROM scheduling_mappedevent WHERE part = 0 AND message_id = ANY(%(ids)s)
    UNION ALL SELECT outcome FROM scheduling_receipt WHERE message_id = ANY(%(ids)s)
    UNION ALL SELECT 'waiting' FROM scheduling_waiting WHERE message_id = ANY(%(ids)s)
) AS found GROUP BY what
"""


def count_fates(message_ids: Sequence[int]) -> dict[str, int]:
    """``received`` and every outcome of these messages, in one statement and so from one snapshot."""
    counts = {"received": len(message_ids), **dict.fromkeys(map(str, OUTCOMES), 0)}
    with connection.cursor() as cursor:
        cursor.execute(_FATES, {"ids": list(message_ids)})
        counts.update(cursor.fetchall())
    return counts
