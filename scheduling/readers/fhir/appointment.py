"""FHIR Appointment: one visit as it stands."""

from collections.abc import Mapping
from typing import Any

from scheduling.facts import AppointmentFact, ReaderContext, Reading, Signals
from scheduling.readers.fhir.common import (
    MAX_NOTE,
    NOWHERE,
    Reference,
    Resource,
    code,
    identifier,
    label,
    minutes_between,
    moment,
    note_problem,
    objects,
    plain,
    positive,
    reference,
)

PROVIDERS = ("Practitioner", "PractitionerRole")
Actors = list[tuple[Reference, str]]  # each participant with its own status


def read_appointment(resource: Resource, reading: Reading, context: ReaderContext) -> None:
    """Add the visit that this Appointment states; a deleted one is the visit's last word."""
    actors = _actors(resource)
    fact = _named(resource, reading, context.profile)
    fact.patient, attendance = _patient(actors, reading, context.profile)
    fact.signals = _signals(resource, attendance)
    _set_times(fact, resource, reading)
    _set_places(fact, actors, context)
    fact.visit_type = code(resource.get("serviceType")) or code(resource.get("appointmentType"))
    fact.visit_type_name = label(resource.get("serviceType")) or label(resource.get("appointmentType"))
    reason = _reason(resource)
    fact.reason_text = label(reason) or code(reason) or plain(resource.get("description"))
    reading.appointments.append(fact)


def names_by_resource_id(profile: Mapping[str, Any]) -> bool:
    """Whether the feed names visits by resource id, the only name that references from other resources carry."""
    return _candidates(profile)[:1] == ("id",)


def appointment_id_of(resource: Resource, profile: Mapping[str, Any]) -> tuple[str, str]:
    """The visit's (namespace, id) by the feed's ``appointment_id``: ``id``, ``identifier``, ``identifier:<system>``.

    After the colon stands the identifier's system or its type code (``FILL``); the first candidate present wins.
    """
    namespace = str(profile.get("appointment_namespace", ""))
    for candidate in _candidates(profile):
        source, _, wanted = candidate.partition(":")
        if source == "id" and (found := identifier(resource.get("id"))):
            return namespace, found
        if source == "identifier":
            for each in objects(resource.get("identifier")):
                system = plain(each.get("system")) or ""
                found = identifier(each.get("value"))
                if found and (not wanted or wanted in {system, code(each.get("type"))}):
                    return namespace or system, found
    return namespace, ""


def _candidates(profile: Mapping[str, Any]) -> tuple[str, ...]:
    chosen = profile.get("appointment_id", "id")
    return (chosen,) if isinstance(chosen, str) else tuple(chosen)


def _named(resource: Resource, reading: Reading, profile: Mapping[str, Any]) -> AppointmentFact:
    namespace, external_id = appointment_id_of(resource, profile)
    if not external_id:
        note_problem(reading, "no_appointment_id", "Appointment.id")
    placer = next(
        (each.get("value") for each in objects(resource.get("identifier")) if code(each.get("type")) == "PLAC"), None
    )
    return AppointmentFact(external_id, namespace=namespace, placer_id=identifier(placer))


def _signals(resource: Resource, attendance: str) -> Signals:
    cancelled = resource.get("cancelationReason") or resource.get("cancellationReason")  # R5 spells it with two l
    return Signals(
        trigger="Appointment",
        filler_status="deleted" if resource.get("_deleted") is True else plain(resource.get("status")) or "",
        event_reason=code(cancelled) or "",
        appointment_reason=code(_reason(resource)) or "",
        appointment_type=code(resource.get("appointmentType")) or "",
        resource_status=attendance,
        note=plain(resource.get("comment"), MAX_NOTE) or "",
    )


def _reason(resource: Resource) -> Any:
    return resource.get("reasonCode") or resource.get("reason")  # STU3 named it `reason`


def _actors(resource: Resource) -> Actors:
    return [
        (actor, plain(participant.get("status")) or "")
        for participant in objects(resource.get("participant"))
        if (actor := reference(participant.get("actor"))) != NOWHERE
    ]


def _patient(actors: Actors, reading: Reading, profile: Mapping[str, Any]) -> tuple[tuple[str, str] | None, str]:
    """The one patient and their participation status; with two different patients there is no telling whose it is."""
    found = {actor.id: status for actor, status in actors if actor.type == "Patient" and actor.id}
    if len(found) > 1:
        note_problem(reading, "several_patients", "Appointment.participant", " ".join(found))
        return None, ""
    for patient_id, status in found.items():
        return (str(profile.get("patient_authority", "")), patient_id), status
    return None, ""


def _set_times(fact: AppointmentFact, resource: Resource, reading: Reading) -> None:
    fact.starts_at = moment(resource, "start", reading)
    ends_at = moment(resource, "end", reading)
    span, stated = minutes_between(fact.starts_at, ends_at), positive(resource.get("minutesDuration"))
    fact.minutes = span or stated
    if fact.starts_at and ends_at and span is None:
        note_problem(reading, "times_disagree", "end", resource["end"])
    elif span and stated and stated > span:  # less is legal: the visit may take less than it is booked for
        note_problem(reading, "times_disagree", "minutesDuration", stated)


def _set_places(fact: AppointmentFact, actors: Actors, context: ReaderContext) -> None:
    provider = next((actor for actor, _ in actors if actor.type in PROVIDERS and actor.id), NOWHERE)
    places = [actor.id for actor, _ in actors if actor.type == context.profile.get("clinic_actor", "Location")]
    places = [place for place in places if place]
    clinic = next((place for place in places if place in context.clinic_zones), places[0] if places else None)
    devices = (actor.id for actor, _ in actors if actor.type == "Device" and actor.id)
    fact.clinic_code = clinic
    fact.room = next((place for place in places if place != clinic), None)
    fact.provider_code = provider.id or None
    fact.provider_name = provider.display or None
    fact.resource = fact.provider_code or fact.room or next(devices, None)
