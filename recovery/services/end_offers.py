"""Offers to somebody who has died end in the batch that tells of the death, so that their slot is free for the next."""

from recovery.services.read_persons import Persons
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import Cursor

# The batch has locked the patients, whom whoever accepts or offers locks first.
_END = """
WITH held AS (
    SELECT i.id FROM recovery_queueitem i
    WHERE i.id IN (
        SELECT item_id FROM recovery_offer WHERE patient_id = ANY(%b::int8[]) AND state IN ('live', 'pending')
    )
    ORDER BY i.id FOR UPDATE
), ended AS (
    UPDATE recovery_offer o SET state = 'withdrawn', why = 'The patient has died.', settled_at = %b
    FROM held WHERE o.item_id = held.id AND o.patient_id = ANY(%b::int8[]) AND o.state IN ('live', 'pending')
    RETURNING o.id, o.item_id
), freed AS (
    UPDATE recovery_queueitem i SET next_step = 'next_person', not_before = NULL, version = version + 1
    WHERE i.state = 'open' AND i.id IN (SELECT item_id FROM ended) AND NOT EXISTS (
        SELECT 1 FROM recovery_offer o
        WHERE o.item_id = i.id AND o.state IN ('live', 'pending') AND o.id NOT IN (SELECT id FROM ended)
    )
)
INSERT INTO recovery_itemevent (item_id, kind, at, reason, detail)
SELECT item_id, 'answered', %b, 'withdrawn', jsonb_build_object('offer', id, 'state', 'withdrawn') FROM ended
ORDER BY id
"""


def end_offers_of_dead(cursor: Cursor, changes: BatchChanges, persons: Persons) -> None:
    """Withdraw what is offered to people of whose death this batch tells; nothing is sent where nobody died."""
    died = [
        change.patient_id
        for change in changes.patients
        if change.after.died and (change.before is None or not change.before.died)
    ]
    if died:
        everyone = persons.everyone(died)
        cursor.execute(_END, (everyone, changes.now, everyone, changes.now))
