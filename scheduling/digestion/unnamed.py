"""Patients whose visits a batch changes without naming them: they are locked too, before any appointment.

A status alone (an encounter, a reply, an appointment folded anew) may lose or free a visit, and whether it is rebooked
elsewhere is a question about all visits of its patient; whoever answers it must hold that patient's row.
"""

from collections.abc import Iterable, Sequence

from scheduling.digestion.reading import ReadMessage, appointment_key
from scheduling.sql.cursors import Cursor

_LOCK = """
SELECT p.id FROM scheduling_patient p WHERE p.id IN (
    SELECT a.patient_id FROM unnest(%b::int8[], %b::text[], %b::text[], %b::text[])
        AS k(source_id, namespace, external_id, occurrence)
    JOIN scheduling_appointment a USING (source_id, namespace, external_id, occurrence)
    UNION ALL
    SELECT a.patient_id FROM scheduling_appointment a WHERE a.id = ANY(%b)
) ORDER BY p.id FOR UPDATE
"""


def lock_unnamed(cursor: Cursor, messages: Iterable[ReadMessage], refolds: Sequence[int]) -> None:
    """Lock the patients of ``refolds`` and of appointments that a message names without their patient."""
    keys = {
        appointment_key(message, fact)
        for message in messages
        if message.reading is not None
        for fact in message.reading.appointments
        if fact.patient is None and fact.external_id
    }
    if not keys and not refolds:
        return
    columns = map(list, zip(*keys, strict=True)) if keys else ([], [], [], [])
    cursor.execute(_LOCK, (*columns, list(refolds)))
