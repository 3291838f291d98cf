"""HL7 v2 to facts: the one entry point. Pure: no database, no clock, no settings."""

from typing import Final
from zoneinfo import ZoneInfo

from scheduling.facts import Problem, ReaderContext, Reading
from scheduling.readers.hl7.appointment import read_appointments
from scheduling.readers.hl7.charset import decode
from scheduling.readers.hl7.delimiters import read_delimiters
from scheduling.readers.hl7.elements import LONGEST, event_type
from scheduling.readers.hl7.merges import read_merges
from scheduling.readers.hl7.patient import read_patient
from scheduling.readers.hl7.profile import Hl7Profile, kept_profile
from scheduling.readers.hl7.segments import MAX_SEGMENTS, Message
from scheduling.readers.hl7.slots import SLOT_STATUS, read_slots
from scheduling.readers.hl7.times import read_source_at
from scheduling.readers.zones import Zones, kept_zones

MERGES: Final = frozenset({"A18", "A30", "A34", "A36", "A39", "A40"})
PATIENT_TRIGGERS: Final = frozenset({"A04", "A08", "A28", "A31"}) | MERGES
_REQUESTS: Final = frozenset({"SRM", "SRR", "SQM", "SQR", "ACK"})


def read(body: bytes, context: ReaderContext) -> Reading:
    """Everything one message states.

    Whatever is odd inside becomes a problem or a skipped note of the reading. Raises UnreadableMessageError ``no_msh``,
    ``short_msh`` or ``bad_delimiters`` only where the message cannot be taken apart at all.
    """
    text, problems = decode(body)
    message = _take_apart(text)
    profile, zones = _settings_of(context)
    msh = message.first("MSH")
    code, trigger = _event_of(message, msh[9])
    is_patient_event = code == "ADT"
    reading = Reading(
        control_id=message.value(message.single(msh[10])),
        trigger=trigger,
        source_at=read_source_at(message, context.zone, profile, is_patient_event=is_patient_event),
        sequence=int(msh[13]) if msh[13].isascii() and msh[13].isdigit() and len(msh[13]) <= 15 else None,
        problems=message.problems,
        skipped=message.skipped,
    )
    if not reading.control_id:
        message.problem("no_control_id", "MSH-10")
    if problems:
        message.problems.extend(problems)
    if code == "SIU" or (trigger[:1] == "S" and code not in _REQUESTS and "SCH" in message.found):
        _read_scheduling(message, reading, zones, profile)
    elif is_patient_event and trigger in PATIENT_TRIGGERS:
        _read_patient_event(message, reading, context.zone, profile)
    else:
        message.skip(f"{code}^{trigger}"[:20])
    return reading


def _settings_of(context: ReaderContext) -> tuple[Hl7Profile, Zones]:
    """The feed's settings and zones, looked up once a context."""
    settings: tuple[Hl7Profile, Zones] | None = context.compiled.get("hl7v2")
    if settings is None:
        settings = context.compiled["hl7v2"] = kept_profile(context.profile), kept_zones(context)
    return settings


def _take_apart(text: str) -> Message:
    """The message's segments, up to a second MSH and MAX_SEGMENTS at most."""
    delimiters = read_delimiters(text)
    lines = text.split("\r", MAX_SEGMENTS)
    late: list[Problem] = []
    if len(lines) > MAX_SEGMENTS:
        lines.pop()
        late.append(Problem("too_many_segments", "", str(MAX_SEGMENTS)))
    # MSH-2 itself holds the escape character; only one behind it means that something is escaped.
    message = Message(lines, delimiters, is_escaped=text.find(delimiters.escape, 9) > 0)
    if len(message.found["MSH"]) > 1:
        second = next(number for number, line in enumerate(lines) if number and message.name_of(line) == "MSH")
        message = Message(lines[:second], delimiters, is_escaped=bool(message.escape))
        late.append(Problem("second_message", "MSH"))
    message.problems.extend(late)
    return message


def _event_of(message: Message, msh_9: str) -> tuple[str, str]:
    """(message code, trigger) of MSH-9, else the trigger of EVN-1."""
    code, trigger = event_type(msh_9[:LONGEST], message.delimiters)
    if not trigger and "EVN" in message.found:
        event = message.components(message.first("EVN")[1])  # "A08", or "ADT^A08" from some
        trigger = message.value(event[1] or event[0]).upper()
    return code, trigger


def _read_scheduling(message: Message, reading: Reading, zones: Zones, profile: Hl7Profile) -> None:
    """SIU: the patient, and either appointments or slots."""
    if len(message.found.get("PID", ())) > 1:
        message.problem("repeated_segment", "PID")
    reading.patient = read_patient(message, zones.source, profile)
    if reading.trigger in SLOT_STATUS:
        reading.slots = read_slots(message, reading.trigger, zones, profile)
    else:
        reading.appointments = read_appointments(message, reading.patient, reading.trigger, zones, profile)


def _read_patient_event(message: Message, reading: Reading, zone: ZoneInfo, profile: Hl7Profile) -> None:
    """ADT: the patient; of a merge every patient, and whom they survive."""
    if "PID" not in message.found:
        message.problem("no_pid", "PID")
    elif reading.trigger in MERGES:
        if survivors := read_merges(message, zone, profile):
            reading.patient, reading.further_patients = survivors[0], tuple(survivors[1:])
    else:
        reading.patient = read_patient(message, zone, profile)
