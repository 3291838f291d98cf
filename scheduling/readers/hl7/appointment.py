"""SCH with its AI*, TQ1, NTE and PV1: what one message states about its appointments."""

from scheduling.facts import AppointmentFact, PatientFact
from scheduling.readers.hl7.frame import Frame, known_frame, read_frame
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.sch import bookings
from scheduling.readers.hl7.segments import Fields, Message
from scheduling.readers.hl7.signals import read_signals
from scheduling.readers.zones import Zones


def read_appointments(
    message: Message, patient: PatientFact | None, trigger: str, zones: Zones, profile: Hl7Profile
) -> list[AppointmentFact]:
    """One fact per appointment of the message; none, with a ``no_sch`` problem, where there is no SCH."""
    if "SCH" not in message.found:
        message.problem("no_sch", "SCH")
        return []
    key = None if patient is None else (patient.authority, patient.mrn)
    known = known_frame(message, zones, profile)
    if known is not None:
        external_id = _read_id(message, profile)
        return [_fact(message, message.first("SCH"), external_id, known, key, trigger, profile)]
    facts = []
    for part, sch, timing in bookings(message):
        external_id = _read_id(part, profile)
        frame = read_frame(part, sch, timing, zones, profile)
        facts.append(_fact(part, sch, external_id, frame, key, trigger, profile))
    return facts


def _read_id(message: Message, profile: Hl7Profile) -> tuple[str, str]:
    """(id, namespace); an appointment without an id is a problem."""
    found = read_appointment_id(message, profile)
    if not found[0]:
        message.problem("no_appointment_id", str(profile.appointment_id[0]))
    return found


def _fact(
    message: Message,
    sch: Fields,
    external_id: tuple[str, str],
    frame: Frame,
    patient: tuple[str, str] | None,
    trigger: str,
    profile: Hl7Profile,
) -> AppointmentFact:
    where = frame.where
    return AppointmentFact(
        external_id[0],
        external_id[1],
        message.value(message.single(sch[3])) if sch[3] else "",
        message.value(message.single(sch[1])) if sch[1] else "",
        read_signals(message, sch, trigger, frame.resource_status, profile),
        frame.starts_at,
        frame.minutes,
        where.clinic_code,
        where.room,
        where.resource,
        where.provider_code,
        where.provider_name,
        frame.visit_type,
        frame.visit_type_name,
        _reason_text(message, sch) if sch[7] or sch[6] else None,
        patient,
        frame.cleared,
    )


def read_appointment_id(message: Message, profile: Hl7Profile) -> tuple[str, str]:
    """(id, namespace) by the feed's order of candidates; the namespace is EI.2, else the universal id EI.3."""
    for place in profile.appointment_id:
        raw = message.first(place.segment)[place.field]
        if not raw:
            continue
        parts = message.components(raw)
        if external_id := message.value(parts[(place.component or 1) - 1]):
            if profile.ignore_namespace or not (parts[1] or parts[2]):
                return external_id, ""
            return external_id, message.named(parts[1]) or message.value(parts[2])
    return "", ""


def _reason_text(message: Message, sch: Fields) -> str | None:
    """The appointment reason in words (SCH-7), else the event reason in words (SCH-6); a code where no words are."""
    for raw in (sch[7], sch[6]):
        if raw:
            code, text = message.coded_pair(raw)
            if text or code:
                return text or code
    return None
