"""How a folded state stands in the appointment's row."""

from collections.abc import Sequence
from typing import Any

import orjson

from scheduling.folding.state import AppointmentState, LeftSlot, Trouble

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
