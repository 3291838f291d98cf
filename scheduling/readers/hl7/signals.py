"""What a message says about how an appointment stands: the signals that mapping decides on."""

from typing import Final

from scheduling.facts import Signals
from scheduling.readers.hl7.elements import LONGEST, NULL, joined_codes
from scheduling.readers.hl7.profile import SCH_25, Hl7Profile
from scheduling.readers.hl7.segments import Fields, Message

MAX_NOTE: Final = 200

# Status of a resource: segment and field, in order of precedence.
RESOURCE_STATUS: Final = (("AIS", 10), ("AIL", 12), ("AIP", 12), ("AIG", 14))


def read_signals(message: Message, sch: Fields, trigger: str, resource_status: str, profile: Hl7Profile) -> Signals:
    """The signals of one appointment: SCH-25, SCH-6, SCH-7, SCH-8, the AI* status and the first note."""
    return Signals(
        trigger,
        _filler_status(message, sch, profile),
        (message.coded(sch[6]) or "") if sch[6] else "",
        (message.coded(sch[7]) or "") if sch[7] else "",
        (message.coded(sch[8]) or "") if sch[8] else "",
        resource_status,
        _note(message) if "NTE" in message.found else "",
    )


def _filler_status(message: Message, sch: Fields, profile: Hl7Profile) -> str:
    """SCH-25, or the first of the feed's other places that says something."""
    for place in profile.status_from:
        raw = sch[25] if place is SCH_25 else message.at(place)
        if not raw or raw == NULL:
            continue
        if place is SCH_25:
            status: str | None = joined_codes(raw[:LONGEST], message.delimiters, profile.status_components)
        else:
            status = message.coded(raw)
        if status:
            return status
    return ""


def read_resource_status(message: Message) -> str:
    """The first status that any AIS, AIL, AIP or AIG states, in that order."""
    for name, field in RESOURCE_STATUS:
        if name not in message.found:
            continue
        for fields in message.all(name):
            if fields[field] and (status := message.coded(fields[field])):
                return status
    return ""


def _note(message: Message) -> str:
    """The first comment (NTE-3) that says something, cut to MAX_NOTE characters; repetitions are its lines."""
    for fields in message.all("NTE"):
        if fields[3] and (note := message.value(fields[3][:MAX_NOTE].replace(message.repetition, "\n"))):
            return note
    return ""
