"""FHIR Appointment: one visit as it stands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

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


class Places(NamedTuple):
    """Where and with whom a visit is, and what its slot belongs to: the provider, else the room, else a device."""

    clinic: str | None
    room: str | None
    provider: Reference
    resource: str | None


def read_appointment(resource: Resource, reading: Reading, context: ReaderContext) -> None:
    """Add the visit that this Appointment states; a deleted one is the visit's last word."""
    actors = _actors(resource)
    namespace, external_id = _name(resource, reading, context.profile)
    patient, attendance = _patient(actors, reading, context.profile)
    starts_at, minutes = _times(resource, reading)
    places = _places(actors, context)
    service, type_, reason = resource.get("serviceType"), resource.get("appointmentType"), _reason(resource)
    reading.appointments.append(
        AppointmentFact(
            external_id,
            namespace,
            placer_id=_placer_id(resource),
            signals=_signals(resource, attendance),
            starts_at=starts_at,
            minutes=minutes,
            clinic_code=places.clinic,
            room=places.room,
            resource=places.resource,
            provider_code=places.provider.id or None,
            provider_name=places.provider.display or None,
            visit_type=code(service) or code(type_),
            visit_type_name=label(service) or label(type_),
            reason_text=label(reason) or code(reason) or plain(resource.get("description")),
            patient=patient,
        )
    )


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


def _name(resource: Resource, reading: Reading, profile: Mapping[str, Any]) -> tuple[str, str]:
    namespace, external_id = appointment_id_of(resource, profile)
    if not external_id:
        note_problem(reading, "no_appointment_id", "Appointment.id")
    return namespace, external_id


def _placer_id(resource: Resource) -> str:
    for each in objects(resource.get("identifier")):
        if "type" in each and code(each["type"]) == "PLAC":
            return identifier(each.get("value"))
    return ""


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


def _times(resource: Resource, reading: Reading) -> tuple[datetime | None, int | None]:
    """(start, minutes); the span between start and end leads over the stated minutes."""
    starts_at = moment(resource, "start", reading)
    ends_at = moment(resource, "end", reading)
    span, stated = minutes_between(starts_at, ends_at), positive(resource.get("minutesDuration"))
    if starts_at and ends_at and span is None:
        note_problem(reading, "times_disagree", "end", resource["end"])
    elif span and stated and stated > span:  # less is legal: the visit may take less than it is booked for
        note_problem(reading, "times_disagree", "minutesDuration", stated)
    return starts_at, span or stated


def _places(actors: Actors, context: ReaderContext) -> Places:
    wanted = context.profile.get("clinic_actor", "Location")
    provider, device, locations = NOWHERE, None, []
    for actor, _ in actors:
        if not actor.id:
            continue
        if actor.type == wanted:
            locations.append(actor.id)
        if provider is NOWHERE and actor.type in PROVIDERS:
            provider = actor
        elif device is None and actor.type == "Device":
            device = actor.id
    clinic = next((place for place in locations if place in context.clinic_zones), locations[0] if locations else None)
    room = next((place for place in locations if place != clinic), None)
    return Places(clinic, room, provider, provider.id or room or device)
