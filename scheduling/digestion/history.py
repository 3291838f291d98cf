"""The slow path: read an appointment's stored events, to fold them together with older news."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scheduling.digestion.meaning import raw_of
from scheduling.facts import Signals
from scheduling.folding.state import FoldEvent
from scheduling.sql.cursors import Cursor

_HISTORY = """
SELECT id, appointment_id, order_key, source_at, received_at, mapping, kind, status, initiator, set_by, reason_flags,
    reason_code, reason_text, starts_at, minutes, clinic_id, clinic_code, room, resource, provider_code, provider_name,
    visit_type, visit_type_name, patient_id, cleared, coalesce(problems ? 'bad_start', false), outcome, rule, revision,
    trigger, filler_status, event_reason, appointment_reason, appointment_type, resource_status, note,
    message_id, feed_id, part
FROM scheduling_mappedevent WHERE appointment_id = ANY(%b)
"""


@dataclass(slots=True)
class StoredEvent:
    """An event as it stands in the database, with the signals to map it anew.

    ``means_else``: it was mapped anew and means something else now, not merely the same by another revision's rule.
    """

    id: int
    event: FoldEvent
    signals: Signals
    rule_id: int | None
    revision_id: int | None
    message_id: int
    feed_id: int
    part: int
    means_else: bool = False


def load_history(cursor: Cursor, appointment_ids: Sequence[int]) -> dict[int, list[StoredEvent]]:
    """The stored events of each appointment, in no order."""
    history: dict[int, list[StoredEvent]] = {}
    if not appointment_ids:
        return history
    cursor.execute(_HISTORY, (list(appointment_ids),), binary=True)
    for row in cursor.fetchall():
        history.setdefault(row[1], []).append(_stored(row))
    return history


def _stored(row: Sequence[Any]) -> StoredEvent:
    signals = Signals(*row[29:36])
    cleared = frozenset(row[24].split(",")) if row[24] else frozenset()
    # In the order of FoldEvent's fields.
    fields: list[Any] = [*row[2:13], raw_of(signals), *row[13:24], cleared, row[25], row[26]]
    event = FoldEvent(*fields)
    return StoredEvent(row[0], event, signals, row[27], row[28], *row[36:39])
