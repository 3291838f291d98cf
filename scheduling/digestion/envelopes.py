"""What was wrong with envelopes and extracts, noted when they came or were concluded, raised by the next batch."""

from scheduling.folding.change import ArrivalFact
from scheduling.sql.cursors import Cursor

_TAKE = """
DELETE FROM scheduling_envelopenote n USING scheduling_feed f WHERE f.id = n.feed_id AND n.id IN (
    SELECT id FROM scheduling_envelopenote ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED
) RETURNING n.kind, f.source_id, n.feed_id, n.message_id, n.received_at
"""
NO_MESSAGE = 0  # in a note: no single message is to blame


def envelope_facts(cursor: Cursor) -> list[ArrivalFact]:
    """Take the notes of envelopes and extracts, whatever feeds the batch is about."""
    cursor.execute(_TAKE, binary=True)
    return [
        ArrivalFact(kind, source_id, feed_id, None, "", None if message_id == NO_MESSAGE else message_id, received_at)
        for kind, source_id, feed_id, message_id, received_at in cursor.fetchall()
    ]
