"""S23 and S24: stretches of a provider template that were blocked or opened."""

from typing import Final

from scheduling.facts import SlotFact
from scheduling.readers.hl7.appointment import read_appointment_id
from scheduling.readers.hl7.durations import read_minutes
from scheduling.readers.hl7.frame import read_visit_type
from scheduling.readers.hl7.location import read_whereabouts
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.sch import bookings
from scheduling.readers.hl7.segments import Message
from scheduling.readers.hl7.times import read_start
from scheduling.readers.zones import Zones

SLOT_STATUS: Final = {"S23": "blocked", "S24": "open"}


def read_slots(message: Message, trigger: str, zones: Zones, profile: Hl7Profile) -> list[SlotFact]:
    """One slot per SCH; one that lacks its resource, start or length is an ``incomplete_slot`` problem instead."""
    if "SCH" not in message.found:
        message.problem("no_sch", "SCH")
        return []
    slots: list[SlotFact] = []
    for part, sch, timing in bookings(message):
        where = read_whereabouts(part, zones, profile)
        starts_at = read_start(part, timing, where.zone, profile)
        minutes = read_minutes(part, sch, timing, profile)
        if where.resource is None or starts_at is None or minutes is None:
            lacking = "AIP-3" if where.resource is None else "SCH-11" if starts_at is None else "SCH-9"
            message.problem("incomplete_slot", lacking)
            continue
        slots.append(
            SlotFact(
                resource=where.resource,
                starts_at=starts_at,
                minutes=minutes,
                status=SLOT_STATUS[trigger],
                clinic_code=where.clinic_code,
                provider_code=where.provider_code,
                visit_type=read_visit_type(part, profile)[0],
                external_id=read_appointment_id(part, profile)[0],
            )
        )
    return slots
