"""SCH with its AI*, TQ1, NTE and PV1: what one message states about its appointments."""

from typing import Final

from scheduling.facts import AppointmentFact, PatientFact, ReaderContext
from scheduling.readers.hl7.durations import read_minutes
from scheduling.readers.hl7.location import read_whereabouts
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.sch import Booking, bookings
from scheduling.readers.hl7.segments import Fields, Message
from scheduling.readers.hl7.signals import read_signals
from scheduling.readers.hl7.times import cleared_fields, read_start

# Table 0277: how an appointment stands, which some senders put where its type belongs.
_NO_VISIT_TYPES: Final = frozenset({"normal", "tentative", "complete"})
_NOTHING_CLEARED: Final[frozenset[str]] = frozenset()


def read_appointments(
    message: Message, patient: PatientFact | None, trigger: str, context: ReaderContext, profile: Hl7Profile
) -> list[AppointmentFact]:
    """One fact per appointment of the message; none, with a ``no_sch`` problem, where there is no SCH."""
    if "SCH" not in message.table:
        message.problem("no_sch", "SCH")
        return []
    key = None if patient is None else (patient.authority, patient.mrn)
    return [_read_appointment(booking, key, trigger, context, profile) for booking in bookings(message)]


def _read_appointment(
    booking: Booking, patient: tuple[str, str] | None, trigger: str, context: ReaderContext, profile: Hl7Profile
) -> AppointmentFact:
    message, sch, timing = booking
    external_id, namespace = read_appointment_id(message, profile)
    if not external_id:
        message.problem("no_appointment_id", str(profile.appointment_id[0]))
    where = read_whereabouts(message, context, profile)
    visit_type, visit_type_name = read_visit_type(message, profile)
    return AppointmentFact(
        external_id=external_id,
        namespace=namespace,
        occurrence=message.value(message.single(sch[3])) if sch[3] else "",
        placer_id=message.value(message.single(sch[1])) if sch[1] else "",
        signals=read_signals(message, sch, trigger, profile),
        starts_at=read_start(message, timing, where.zone, profile),
        minutes=read_minutes(message, sch, timing, profile),
        clinic_code=where.clinic_code,
        room=where.room,
        resource=where.resource,
        provider_code=where.provider_code,
        provider_name=where.provider_name,
        visit_type=visit_type,
        visit_type_name=visit_type_name,
        reason_text=_reason_text(message, sch),
        patient=patient,
        cleared=cleared_fields(sch, timing) if '"' in sch[9] or '"' in sch[11] else _NOTHING_CLEARED,
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


def read_visit_type(message: Message, profile: Hl7Profile) -> tuple[str | None, str | None]:
    """(code, name) of the first place that states a type; table 0277's words are no types."""
    for place in profile.visit_type_from:
        raw = message.first(place.segment)[place.field]
        if not raw:
            continue
        code, name = message.coded_pair(raw)
        if code is not None and code.lower() not in _NO_VISIT_TYPES:
            return code, name
    return None, None


def _reason_text(message: Message, sch: Fields) -> str | None:
    """The appointment reason in words (SCH-7), else the event reason in words (SCH-6); a code where no words are."""
    for raw in (sch[7], sch[6]):
        if raw:
            code, text = message.coded_pair(raw)
            if text or code:
                return text or code
    return None
