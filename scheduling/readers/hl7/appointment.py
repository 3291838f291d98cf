"""SCH with its AI*, TQ1, NTE and PV1: what one message states about its appointments."""

from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from scheduling.facts import AppointmentFact, PatientFact, ReaderContext, Signals
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.sch import appointment_segments
from scheduling.readers.hl7.segments import NULL, Message
from scheduling.readers.hl7.times import read_minutes, read_start

MAX_NOTE: Final = 200

# Status of a resource: segment and field, in order of precedence.
RESOURCE_STATUS: Final = (("AIS", 10), ("AIL", 12), ("AIP", 12), ("AIG", 14))
# Table 0277: how an appointment stands, which some senders put where its type belongs.
_NO_VISIT_TYPES: Final = frozenset({"normal", "tentative", "complete"})


class Place(NamedTuple):
    """Where and with whom a visit is, and the zone its local times are in."""

    clinic_code: str | None
    room: str | None
    resource: str | None
    provider_code: str | None
    provider_name: str | None
    zone: ZoneInfo


def read_appointments(
    message: Message, patient: PatientFact | None, trigger: str, context: ReaderContext, profile: Hl7Profile
) -> list[AppointmentFact]:
    """One fact per appointment of the message; none, with a ``no_sch`` problem, where there is no SCH."""
    if "SCH" not in message.table:
        message.problem("no_sch", "SCH")
        return []
    key = None if patient is None else (patient.authority, patient.mrn)
    return [_read_appointment(part, sch, key, trigger, context, profile) for part, sch in appointment_segments(message)]


def _read_appointment(
    message: Message,
    sch: list[str],
    patient: tuple[str, str] | None,
    trigger: str,
    context: ReaderContext,
    profile: Hl7Profile,
) -> AppointmentFact:
    external_id, namespace = read_appointment_id(message, sch, profile)
    if not external_id:
        message.problem("no_appointment_id", profile.appointment_id[0])
    place = read_place(message, context, profile)
    visit_type, visit_type_name = read_visit_type(message, sch, profile)
    return AppointmentFact(
        external_id=external_id,
        namespace=namespace,
        occurrence=message.value(message.first(sch[3])),
        placer_id=message.value(message.first(sch[1])),
        signals=_read_signals(message, sch, trigger, profile),
        starts_at=read_start(message, sch, place.zone, profile),
        minutes=read_minutes(message, sch, profile),
        clinic_code=place.clinic_code,
        room=place.room,
        resource=place.resource,
        provider_code=place.provider_code,
        provider_name=place.provider_name,
        visit_type=visit_type,
        visit_type_name=visit_type_name,
        reason_text=_reason_text(message, sch),
        patient=patient,
        cleared=_cleared(message, sch),
    )


def read_appointment_id(message: Message, sch: list[str], profile: Hl7Profile) -> tuple[str, str]:
    """(id, namespace) by the feed's order of candidates; the namespace is EI.2, else the universal id EI.3."""
    for place in profile.appointment_id:
        raw = sch[int(place[4:].partition(".")[0])] if place.startswith("SCH-") else message.at(place)
        if not raw:
            continue
        if message.component not in raw and message.repetition not in raw:
            parts = [raw, "", ""]
        else:
            parts = message.components(raw)
        if external_id := message.value(parts[0]):
            namespace = "" if profile.ignore_namespace else message.named(parts[1]) or message.value(parts[2])
            return external_id, namespace
    return "", ""


def _read_signals(message: Message, sch: list[str], trigger: str, profile: Hl7Profile) -> Signals:
    coded = message.coded
    return Signals(
        trigger,
        _filler_status(message, sch, profile),
        coded(sch[6]) or "",
        coded(sch[7]) or "",
        coded(sch[8]) or "",
        _resource_status(message),
        _note(message),
    )


def _filler_status(message: Message, sch: list[str], profile: Hl7Profile) -> str:
    """SCH-25, or the first of the feed's other places that says something.

    OpTime sends two statuses in one field (``Sch^Scheduled^SCHEDULING^In Fac^Arrived^PROGRESS``): both codes are
    passed, joined as ``Sch&In Fac``. An alternate code that only repeats the first is left out.
    """
    for place in profile.status_from:
        raw = sch[25] if place == "SCH-25" else message.at(place)
        if not raw or raw == NULL:
            continue
        if message.component not in raw or place != "SCH-25":
            status = message.coded(raw)
        else:
            parts = message.components(raw)
            codes = [message.value(parts[number - 1]) for number in profile.status_components]
            distinct = {code.lower(): code for code in reversed(codes) if code}
            status = "&".join(reversed(distinct.values())) or message.coded(raw)
        if status:
            return status
    return ""


def _resource_status(message: Message) -> str:
    """The first status that any AIS, AIL, AIP or AIG states, in that order."""
    for name, field in RESOURCE_STATUS:
        if name in message.table:
            for fields in message.every(name):
                if status := message.coded(fields[field]):
                    return status
    return ""


def _note(message: Message) -> str:
    """The first comment that says something, cut to MAX_NOTE characters."""
    for fields in message.every("NTE"):
        raw = fields[3].replace(message.repetition, " ")[: 2 * MAX_NOTE]
        if note := message.value(raw[:MAX_NOTE] if len(raw) > MAX_NOTE else raw):
            return note
    return ""


def read_visit_type(message: Message, sch: list[str], profile: Hl7Profile) -> tuple[str | None, str | None]:
    """(code, name) of the first place that states a type; table 0277's words are no types."""
    for place in profile.visit_type_from:
        raw = sch[8] if place == "SCH-8" else message.at(place)
        if not raw:
            continue
        parts = message.components(raw)
        code, name = message.text(parts[0]), message.text(parts[1])
        if (code or name) and (code or name or "").lower() not in _NO_VISIT_TYPES:
            return code if code is not None else name, name
    return None, None


def _reason_text(message: Message, sch: list[str]) -> str | None:
    """The appointment reason in words (SCH-7), else the event reason in words (SCH-6); a code where no words are."""
    for raw in (sch[7], sch[6]):
        if raw:
            parts = message.components(raw)
            if text := message.text(parts[1] or parts[0]):
                return text
    return None


def _cleared(message: Message, sch: list[str]) -> frozenset[str]:
    """Explicit nulls of fields that are no texts."""
    if NULL not in sch[11] and sch[9] != NULL:
        return frozenset()
    cleared = {"minutes"} if sch[9] == NULL else set()
    if sch[11] == NULL or message.components(sch[11])[3] == NULL:
        cleared.add("starts_at")
    return frozenset(cleared)


def read_place(message: Message, context: ReaderContext, profile: Hl7Profile) -> Place:
    """Clinic, room, provider and what the slot belongs to, from AIL, AIP, AIG and PV1.

    A room names a resource together with its clinic, because rooms are numbered per clinic.
    """
    clinic_code, room = _read_clinic(message, profile)
    provider_code, provider_name = _read_provider(message)
    resource = provider_code or (f"{clinic_code or ''}/{room}" if room else None)
    if not resource and "AIG" in message.table:
        resource = message.coded(message.fields("AIG")[3])
    zone = context.clinic_zones.get(clinic_code, context.zone) if clinic_code else context.zone
    return Place(clinic_code, room, resource or None, provider_code, provider_name, zone)


def _read_clinic(message: Message, profile: Hl7Profile) -> tuple[str | None, str | None]:
    """(clinic, room): the clinic from the first place of the feed's that says one, the room beside it."""
    clinic: str | None = None
    room: str | None = None
    for place in profile.clinic_from:
        raw = message.at(place)
        if raw and (clinic := message.named(message.first(raw))):
            if place[:5] in {"AIL-3", "PV1-3"}:
                room = message.text(message.components(message.at(place[:5]))[1])
            break
    if room is None and "AIL" in message.table:
        room = message.text(message.components(message.fields("AIL")[3])[1])
    return clinic or None, room


def _read_provider(message: Message) -> tuple[str | None, str | None]:
    """(id, name) of the first AIP that names someone, else of the attending doctor (PV1-7)."""
    for fields in message.every("AIP"):
        if fields[3]:
            code, name = _person(message, fields[3])
            if code:
                return code, name
    raw = message.fields("PV1")[7] if "PV1" in message.table else ""
    return _person(message, raw) if raw else (None, None)


def _person(message: Message, raw: str) -> tuple[str | None, str | None]:
    """(id, "given family") of an XCN field."""
    parts = message.components(raw)
    family = message.value(parts[1].partition(message.subcomponent)[0])
    return message.text(parts[0]), f"{message.value(parts[2])} {family}".strip() or None
