"""FHIR AppointmentResponse: one participant's answer to a visit."""

from scheduling.facts import AppointmentFact, ReaderContext, Reading, Signals
from scheduling.readers.fhir.appointment import names_by_resource_id
from scheduling.readers.fhir.common import MAX_NOTE, Resource, note_problem, plain, reference


def read_appointment_response(resource: Resource, reading: Reading, context: ReaderContext) -> None:
    """Add the answer to the visit it refers to.

    The times of a response are a counter-proposal, not the visit's: they are left unsaid.
    """
    if resource.get("_deleted") is True:
        reading.skipped.append("AppointmentResponse was deleted")
        return
    actor = reference(resource.get("actor"))
    is_patient = actor.type == "Patient" and actor.id
    fact = AppointmentFact(
        _visit(resource, reading, context),
        namespace=str(context.profile.get("appointment_namespace", "")),
        signals=Signals(
            trigger="AppointmentResponse",
            filler_status=plain(resource.get("participantStatus")) or "",
            resource_status=actor.type.lower(),
            note=plain(resource.get("comment"), MAX_NOTE) or "",
        ),
        patient=(str(context.profile.get("patient_authority", "")), actor.id) if is_patient else None,
    )
    reading.appointments.append(fact)


def _visit(resource: Resource, reading: Reading, context: ReaderContext) -> str:
    visit = reference(resource.get("appointment"))
    if not visit.id:
        note_problem(reading, "no_appointment_id", "AppointmentResponse.appointment")
    elif not names_by_resource_id(context.profile):
        # The feed names visits by an identifier that this reference does not carry; its id would make a second visit.
        note_problem(reading, "unlinked_reference", "AppointmentResponse.appointment", visit.id)
        return ""
    return visit.id
