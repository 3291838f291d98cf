"""The slots an appointment gave back: remembered in its state, forgotten when it takes them again."""

from datetime import datetime

from scheduling.folding.state import AppointmentState, FoldEvent, LeftSlot
from scheduling.vocabulary import VACATING, EventKind

MAX_LEFT = 10
DEFAULT_MINUTES = 30

Place = tuple[str | None, datetime | None, int | None, int | None, str | None]


def place_of(state: AppointmentState) -> Place:
    """Where and when the visit stands now."""
    return state.resource, state.starts_at, state.minutes, state.clinic_id, state.visit_type


def track_slot(state: AppointmentState, event: FoldEvent, old: Place, *, was_occupying: bool) -> None:
    """Remember the slot the visit gave back, and forget it when the visit takes it again."""
    here = (state.resource, state.starts_at)
    if state.occupies:
        if state.left:
            state.left = tuple(slot for slot in state.left if (slot.resource, slot.starts_at) != here)
        if was_occupying and old[:2] != here:
            _leave(state, event, old, EventKind.RESCHEDULED)
    elif was_occupying or (state.events == 1 and state.status in VACATING):
        if was_occupying and old[:2] != here:
            _leave(state, event, old, EventKind.RESCHEDULED)
        if state.status in VACATING:
            _leave(state, event, place_of(state), event.kind or EventKind.CANCELLED)


def _leave(state: AppointmentState, event: FoldEvent, place: Place, cause: str) -> None:
    resource, starts_at, minutes, clinic_id, visit_type = place
    if resource is None or starts_at is None:
        return
    slot = LeftSlot(
        resource, starts_at, minutes or DEFAULT_MINUTES, clinic_id, visit_type, cause, event.initiator, event.source_at
    )
    others = tuple(s for s in state.left if (s.resource, s.starts_at) != (resource, starts_at))
    state.left = (*others, slot)[-MAX_LEFT:]
