"""Reads one FHIR resource. Bundles and ndjson are split at intake, so a message is one resource.

Settings of the feed (all optional): ``appointment_id``, ``appointment_namespace``, ``patient_authority``,
``clinic_actor``, ``schedules``, ``portal_extension``, ``only_language_is_preferred``, ``source_time`` (``none`` for a
server whose meta.lastUpdated is the time of asking), ``sequence`` (``versionId`` where versions are known to count up).
"""

from collections.abc import Callable
from typing import Any

import orjson

from scheduling.facts import ReaderContext, Reading, UnreadableMessageError
from scheduling.readers.fhir.appointment import read_appointment
from scheduling.readers.fhir.appointment_response import read_appointment_response
from scheduling.readers.fhir.common import MAX_ID, Resource, instant, note_problem, objects, plain, positive
from scheduling.readers.fhir.encounter import read_encounter
from scheduling.readers.fhir.patient import read_patient
from scheduling.readers.fhir.resource_types import RESOURCE_TYPES
from scheduling.readers.fhir.schedule import read_schedule
from scheduling.readers.fhir.slot import read_slot

ResourceReader = Callable[[Resource, Reading, ReaderContext], None]

RESOURCES: dict[str, ResourceReader] = {
    "Appointment": read_appointment,
    "AppointmentResponse": read_appointment_response,
    "Encounter": read_encounter,
    "Patient": read_patient,
    "Schedule": read_schedule,
    "Slot": read_slot,
}
BOM = b"\xef\xbb\xbf"


def read(body: bytes, context: ReaderContext) -> Reading:
    """Read one resource into facts; raises UnreadableMessageError when it is no resource at all.

    A resource of FHIR that scheduling has no use for reads as nothing, with a note.
    """
    resource = load(body)
    kind = resource_type(resource)
    meta = _meta(resource)
    reading = Reading(_control_id(resource, meta), kind, None)
    _set_order(reading, meta, context)
    read_resource = RESOURCES.get(kind)
    if read_resource is None:
        reading.skipped.append(f"{kind} is not used")
    else:
        read_resource(resource, reading, context)
    return reading


def load(body: bytes) -> Resource:
    """The JSON object of the body, or UnreadableMessageError. Of a key given twice the last one stands."""
    try:
        resource: Any = orjson.loads(body.removeprefix(BOM))
    except orjson.JSONDecodeError as error:
        sentence = f"The message is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        raise UnreadableMessageError("not_json", sentence) from None
    if type(resource) is not dict:
        raise UnreadableMessageError("not_a_resource", "The message is JSON but not an object, so no FHIR resource.")
    return resource


def resource_type(resource: Resource) -> str:
    """The resourceType, or UnreadableMessageError if FHIR has no such type or it is an envelope inside an envelope."""
    kind = resource.get("resourceType")
    if type(kind) is not str or not kind:
        raise UnreadableMessageError("no_resource_type", "The message has no resourceType, so it is no FHIR resource.")
    if kind not in RESOURCE_TYPES:
        raise UnreadableMessageError("unknown_resource_type", "Its resourceType is not the name of a FHIR R4 resource.")
    if kind == "Bundle":
        raise UnreadableMessageError("nested_bundle", "It is a Bundle inside a Bundle, which is not unpacked.")
    return kind


def control_id(resource: Resource) -> str:
    """``Type/id/version``, the version being versionId, else lastUpdated; empty where there is neither.

    Without a version every update of a resource would share one id, which would then look reused.
    """
    return _control_id(resource, _meta(resource))


def _meta(resource: Resource) -> Resource:
    return next(iter(objects(resource.get("meta"))), {})


def _control_id(resource: Resource, meta: Resource) -> str:
    version = plain(meta.get("versionId")) or plain(meta.get("lastUpdated"))
    if not version:
        return ""
    return f"{plain(resource.get('resourceType')) or ''}/{plain(resource.get('id')) or ''}/{version}"[:MAX_ID]


def _set_order(reading: Reading, meta: Resource, context: ReaderContext) -> None:
    if context.profile.get("source_time") != "none":
        reading.source_at, kind = instant(meta.get("lastUpdated"))
        if kind:
            note_problem(reading, kind, "meta.lastUpdated", meta["lastUpdated"])
    if context.profile.get("sequence") == "versionId":
        reading.sequence = positive(meta.get("versionId"))
