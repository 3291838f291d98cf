"""How a folded state stands in the appointment's row, and how such rows are written."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from scheduling.folding.state import AppointmentState, LeftSlot, Trouble
from scheduling.sql.copying import Table, jsonb_of
from scheduling.sql.cursors import Cursor

# In the order of AppointmentState's fields, so that a row is a state and a state is a row.
APPOINTMENT_COLUMNS = {
    "status": "text",
    "status_at": "timestamptz",
    "initiator": "text",
    "set_by": "text",
    "reason_flags": "int2",
    "reason_code": "text",
    "reason_text": "text",
    "starts_at": "timestamptz",
    "minutes": "int4",
    "clinic_id": "int8",
    "clinic_code": "text",
    "room": "text",
    "resource": "text",
    "provider_code": "text",
    "provider_name": "text",
    "visit_type": "text",
    "visit_type_name": "text",
    "patient_id": "int8",
    "booked_at": "timestamptz",
    "said_at": "timestamptz",
    "heard_at": "timestamptz",
    "order_key": "bytea",
    "events": "int4",
    "troubles": "text",
    "left": "text",
}
if tuple(APPOINTMENT_COLUMNS) != AppointmentState.__slots__:
    raise TypeError("APPOINTMENT_COLUMNS must list the fields of AppointmentState in their order")

_JSON = ("troubles", "left")
_WRITTEN = {**APPOINTMENT_COLUMNS, **dict.fromkeys(_JSON, "jsonb"), "resource_day": "int8"}
_TYPES = {
    "id": "int8", "source_id": "int8", "namespace": "text", "external_id": "text", "occurrence": "text", **_WRITTEN,
}  # fmt: skip
_STAGE, _NEW = Table("stage_appointment", _TYPES), Table("scheduling_appointment", _TYPES)
_JSON_PLACES = tuple(place for place, name in enumerate(_TYPES) if name in _JSON)
_UPDATE = f"""
UPDATE scheduling_appointment a SET {", ".join(f'"{name}" = s."{name}"' for name in _WRITTEN)}
FROM stage_appointment s WHERE a.id = s.id
"""
_NAMES = ", ".join(f'"{name}"' for name in _TYPES)
_INSERT = f"""
INSERT INTO scheduling_appointment ({_NAMES}) SELECT {_NAMES} FROM stage_appointment
ORDER BY source_id, namespace COLLATE "C", external_id COLLATE "C", occurrence COLLATE "C"
ON CONFLICT (source_id, namespace, external_id, occurrence) DO NOTHING RETURNING id
"""


def load_state(row: Sequence[Any]) -> AppointmentState:
    """The state that stands in a row read in the order of ``APPOINTMENT_COLUMNS``, JSON columns as text."""
    troubles, left = row[-2], row[-1]
    fields: list[Any] = [
        *row[:-2],
        tuple(map(Trouble.load, orjson.loads(troubles))) if troubles else (),
        tuple(map(LeftSlot.load, orjson.loads(left))) if left else (),
    ]
    return AppointmentState(*fields)


def dump_state(state: AppointmentState) -> tuple[Any, ...]:
    """The row that ``load_state`` reads back."""
    return (
        state.status, state.status_at, state.initiator, state.set_by, state.reason_flags, state.reason_code,
        state.reason_text, state.starts_at, state.minutes, state.clinic_id, state.clinic_code, state.room,
        state.resource, state.provider_code, state.provider_name, state.visit_type, state.visit_type_name,
        state.patient_id, state.booked_at, state.said_at, state.heard_at, state.order_key, state.events,
        orjson.dumps([trouble.dump() for trouble in state.troubles]).decode() if state.troubles else None,
        orjson.dumps([slot.dump() for slot in state.left]).decode() if state.left else None,
    )  # fmt: skip


def appointment_row(key: Sequence[Any], state: AppointmentState, resource_day: int | None) -> list[Any]:
    """A row to be written; ``key`` is its id and what names the appointment."""
    row = [*key, *dump_state(state), resource_day]
    for place in _JSON_PLACES:
        if row[place] is not None:
            row[place] = jsonb_of(row[place])
    return row


def update_rows(cursor: Cursor, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows that are there and locked."""
    _STAGE.stage(cursor, rows)
    cursor.execute(_UPDATE)


def insert_rows(cursor: Cursor, rows: Sequence[Sequence[Any]]) -> set[int]:
    """Create rows, given in the order of their keys; returns the ids of those that nobody else created meanwhile."""
    if _NEW.append_new(cursor, rows):
        return {row[0] for row in rows}
    _STAGE.stage(cursor, rows)
    cursor.execute(_INSERT, binary=True)
    return {row[0] for row in cursor.fetchall()}
