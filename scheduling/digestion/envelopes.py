"""What was wrong with envelopes, noted at intake, raised by the next batch."""

from collections.abc import Mapping

from scheduling.digestion.context import FeedContext
from scheduling.folding.change import ArrivalFact
from scheduling.sql.cursors import Cursor

_TAKE = """
DELETE FROM scheduling_envelopenote WHERE id IN (
    SELECT id FROM scheduling_envelopenote WHERE feed_id = ANY(%b) ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED
) RETURNING feed_id, received_at, kind, raw, message_id
"""


def envelope_facts(cursor: Cursor, feeds: Mapping[int, FeedContext]) -> list[ArrivalFact]:
    """Take the notes of these feeds' envelopes."""
    cursor.execute(_TAKE, (sorted(feeds),), binary=True)
    return [
        ArrivalFact(kind, feeds[feed_id].source_id, feed_id, None, "", message_id, received_at)
        for feed_id, received_at, kind, _, message_id in cursor.fetchall()
    ]
