"""Says what is wrong with a FHIR resource, for people.

Only the page that explains a rejected message imports this module: the models take a quarter of a second to load.
"""

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scheduling.facts import UnreadableMessageError
from scheduling.readers.fhir.reader import load, resource_type

MAX_SENTENCES = 50


def explain(body: bytes) -> list[str]:
    """One sentence per fault, each with its path and none with the value itself; empty if it is valid R4B."""
    try:
        resource = load(body)
        kind = resource_type(resource)
    except UnreadableMessageError as error:
        return [error.sentence]
    try:
        model = get_fhir_model_class(kind)
    except ValueError:
        return [f"{kind} is not part of FHIR R4B, so its content is not checked."]
    try:
        model.model_validate(resource)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        return list(dict.fromkeys(_sentence(kind, fault) for fault in faults))[:MAX_SENTENCES]
    return []


def _sentence(kind: str, fault: ErrorDetails) -> str:
    """``Appointment.participant[0].status: Field required``."""
    path = kind
    for step in fault["loc"]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return f"{path}: {fault['msg'].removeprefix('Value error, ')}"
