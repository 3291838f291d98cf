"""Where and with whom a visit is: AIL, AIP, AIG and PV1."""

from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from scheduling.readers.hl7.elements import LONGEST, designated, staff
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.segments import Message
from scheduling.readers.zones import Zones

_LOCATIONS: Final = frozenset({("AIL", 3), ("PV1", 3)})


class Whereabouts(NamedTuple):
    """Where and with whom a visit is, and the zone its local times are in."""

    clinic_code: str | None
    room: str | None
    resource: str | None
    provider_code: str | None
    provider_name: str | None
    zone: ZoneInfo


def read_whereabouts(message: Message, zones: Zones, profile: Hl7Profile) -> Whereabouts:
    """Clinic, room, provider and what the slot belongs to.

    The slot belongs to the provider, else to the room, else to the equipment (AIG-3). A room names a resource together
    with its clinic, because rooms are numbered per clinic. Only the first LONGEST characters of each field are read.
    """
    clinic, room = _read_clinic(message, profile)
    provider, provider_name = _read_provider(message)
    resource = provider or (f"{clinic or ''}/{room}" if room else None)
    if not resource and "AIG" in message.found:
        resource = message.coded(message.first("AIG")[3]) or None
    return Whereabouts(clinic, room, resource, provider, provider_name, zones.of(clinic))


def _read_clinic(message: Message, profile: Hl7Profile) -> tuple[str | None, str | None]:
    """(clinic, room): the clinic from the first of the feed's places that says one, the room beside it or in AIL-3."""
    clinic = room = ""
    for place in profile.clinic_from:
        raw = message.first(place.segment)[place.field]
        if raw and (clinic := designated(raw[:LONGEST], message.delimiters, place.component or 1)):
            if (place.segment, place.field) in _LOCATIONS:
                room = designated(raw[:LONGEST], message.delimiters, 2)
            break
    if not room and "AIL" in message.found:
        room = designated(message.first("AIL")[3][:LONGEST], message.delimiters, 2)
    return clinic or None, room or None


def _read_provider(message: Message) -> tuple[str | None, str | None]:
    """(id, name) of the first AIP that names someone, else of the attending doctor (PV1-7)."""
    for fields in message.all("AIP"):
        if fields[3] and (found := staff(fields[3][:LONGEST], message.delimiters))[0]:
            return found
    attending = message.first("PV1")[7]
    return staff(attending[:LONGEST], message.delimiters) if attending else (None, None)
