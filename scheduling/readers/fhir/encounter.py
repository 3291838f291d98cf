"""FHIR Encounter: how far the visit behind an appointment has come."""

from scheduling.facts import AppointmentFact, ReaderContext, Reading, Signals
from scheduling.readers.fhir.appointment import names_by_resource_id
from scheduling.readers.fhir.common import Resource, note_problem, objects, plain, reference


def read_encounter(resource: Resource, reading: Reading, context: ReaderContext) -> None:
    """Add the status to every appointment the Encounter refers to; one without an appointment is not scheduling's."""
    if resource.get("_deleted") is True:
        reading.skipped.append("Encounter was deleted")
        return
    visits = [visit.id for each in objects(resource.get("appointment")) if (visit := reference(each)).id]
    if not visits:
        reading.skipped.append("Encounter refers to no appointment")
        return
    if not names_by_resource_id(context.profile):
        note_problem(reading, "unlinked_reference", "Encounter.appointment", visits[0])
        reading.skipped.append("Encounter refers to appointments by an id this feed does not name them by")
        return
    subject = reference(resource.get("subject") or resource.get("patient"))
    patient = (str(context.profile.get("patient_authority", "")), subject.id) if subject.type == "Patient" else None
    for visit_id in dict.fromkeys(visits):
        reading.appointments.append(
            AppointmentFact(
                visit_id,
                namespace=str(context.profile.get("appointment_namespace", "")),
                signals=Signals(trigger="Encounter", filler_status=plain(resource.get("status")) or ""),
                patient=patient if patient and patient[1] else None,
            )
        )
