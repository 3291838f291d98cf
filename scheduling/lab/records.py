"""The patient records that a message names, as far as they exist."""

from scheduling.digestion.reading import PatientKey, ReadMessage
from scheduling.models import Patient

NEW_PATIENT = -1  # stands for a record that a batch would create; the next is -2


def patients_of(message: ReadMessage, source_id: int) -> tuple[dict[int, Patient], dict[PatientKey, int]]:
    """The records that the message names by row id, and row ids by key; a record yet to be made gets a stand-in."""
    reading = message.reading
    keys = {fact.patient for fact in reading.appointments if fact.patient} if reading else set()
    if reading is not None and reading.patient is not None and reading.patient.mrn:
        keys.add((reading.patient.authority, reading.patient.mrn))
    rows: dict[int, Patient] = {}
    known: dict[PatientKey, int] = {}
    for count, (authority, mrn) in enumerate(sorted(keys)):
        row = Patient.objects.filter(source_id=source_id, authority=authority, mrn=mrn).first()
        if row is not None:
            rows[row.pk] = row
        known[source_id, authority, mrn] = row.pk if row is not None else NEW_PATIENT - count
    return rows, known


def is_restricted(message: ReadMessage, patient: Patient | None) -> bool:
    """Whether the patient must be masked: by what is on file, or by what this message says."""
    said = message.reading.patient if message.reading is not None else None
    says_so = said is not None and (said.protection == "Y" or bool(said.vip))
    return says_so or (patient is not None and patient.is_restricted)
