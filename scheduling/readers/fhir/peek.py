"""The control id and patients of a FHIR resource, without reading the rest."""

from typing import Any

import orjson

from scheduling.readers.fhir.common import Resource, identifier, objects, reference
from scheduling.readers.fhir.patient_links import merged_ids
from scheduling.readers.fhir.reader import BOM, control_id
from scheduling.readers.shapes import Peek

PATIENT_REFERENCES = {"AppointmentResponse": "actor", "Encounter": "subject"}


def peek(body: bytes) -> Peek:
    """What intake needs at once; a patient's key is the id that other resources refer to it by. Never raises."""
    try:
        resource: Any = orjson.loads(body.removeprefix(BOM))
    except orjson.JSONDecodeError:
        return Peek()
    if type(resource) is not dict:
        return Peek()
    if resource.get("link") is not None and resource.get("resourceType") == "Patient":
        return Peek(control_id(resource), *merged_ids(identifier(resource.get("id")), resource))
    return Peek(control_id(resource), _patient_key(resource))


def _patient_key(resource: Resource) -> str:
    kind = resource.get("resourceType")
    if kind == "Patient":
        return identifier(resource.get("id"))
    if kind == "Appointment":
        actors = (reference(each.get("actor")) for each in objects(resource.get("participant")))
        return next((actor.id for actor in actors if actor.type == "Patient"), "")
    if type(kind) is str and kind in PATIENT_REFERENCES:
        actor = reference(resource.get(PATIENT_REFERENCES[kind]))
        return actor.id if actor.type == "Patient" else ""
    return ""
