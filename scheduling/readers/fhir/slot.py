"""FHIR Slot: a stretch of the template behind the visits."""

from typing import Any

from scheduling.facts import ReaderContext, Reading, SlotFact
from scheduling.readers.fhir.common import (
    Resource,
    code,
    identifier,
    minutes_between,
    moment,
    note_problem,
    plain,
    reference,
)

STATUSES = {
    "free": "open",
    "busy-tentative": "held",
    "busy": "taken",
    "busy-unavailable": "blocked",
    "entered-in-error": "blocked",  # it was never there, so nothing may be offered in it
}


def read_slot(resource: Resource, reading: Reading, context: ReaderContext) -> None:
    """Add the stretch of template this Slot states; a deleted or timeless Slot is noted, for it names no stretch."""
    if resource.get("_deleted") is True:
        reading.skipped.append("Slot was deleted")
        note_problem(reading, "slot_deleted", "Slot.id", resource.get("id"))
        return
    starts_at, ends_at = moment(resource, "start", reading), moment(resource, "end", reading)
    minutes = minutes_between(starts_at, ends_at)
    schedule = reference(resource.get("schedule")).id
    status = STATUSES.get(plain(resource.get("status")) or "")
    if starts_at and ends_at and minutes is None:
        note_problem(reading, "times_disagree", "end", resource["end"])
    if status is None:
        note_problem(reading, "unknown_slot_status", "Slot.status", resource.get("status"))
    if not schedule:
        note_problem(reading, "no_schedule", "Slot.schedule")
    if starts_at is None or minutes is None or status is None or not schedule:
        reading.skipped.append("Slot without schedule, start, end or a known status")
        return
    owner = _owner(schedule, context)
    reading.slots.append(
        SlotFact(
            resource=owner.get("provider") or schedule,
            starts_at=starts_at,
            minutes=minutes,
            status=status,
            clinic_code=owner.get("clinic"),
            provider_code=owner.get("provider"),
            visit_type=code(resource.get("serviceType")) or code(resource.get("appointmentType")),
            external_id=identifier(resource.get("id")),
        )
    )


def _owner(schedule: str, context: ReaderContext) -> dict[str, Any]:
    """Whose schedule it is by the feed's ``schedules`` setting: a Slot itself only names the schedule."""
    owner = context.profile.get("schedules", {}).get(schedule)
    return owner if isinstance(owner, dict) else {}
