"""What the patient page prints."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from scheduling.models import Appointment, Patient
from scheduling.selectors.appointment_rows import AppointmentRow, appointment_rows, listed
from scheduling.selectors.patient_facts import (
    AspectFact,
    ConsentLine,
    VersionLine,
    aspect_facts,
    consent_ledger,
    version_lines,
)
from scheduling.selectors.people import PersonLabel, label_of
from scheduling.selectors.places import Places

MOST_VISITS = 50
MOST_RETIRED = 20


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Everything the page prints."""

    patient: Patient
    zone: ZoneInfo
    who: PersonLabel
    aspects: list[AspectFact]
    consents: list[ConsentLine]
    versions: list[VersionLine]
    retired: list[Patient]
    visits: list[AppointmentRow]
    sentence: str


def patient_page(request: HttpRequest, patient: Patient, *, now: datetime) -> PatientPage:
    """Fill the page; visits of records merged into this one are listed too. Seven queries."""
    retired = list(Patient.objects.visible_to(request.user).filter(merged_into=patient)[:MOST_RETIRED])
    places = Places.visible_to(request.user)
    visits = Appointment.objects.visible_to(request.user).filter(patient__in=[patient, *retired])
    newest = list(listed(visits).order_by("-starts_at", "-id")[:MOST_VISITS])
    consents = consent_ledger(patient)
    return PatientPage(
        patient,
        places.zone(newest[0].clinic_id) if newest else patient.source.zone,
        label_of(patient),
        aspect_facts(patient),
        consents,
        version_lines(patient),
        retired,
        appointment_rows(newest, places, now=now, query="", current=None),
        _sentence(patient, consents),
    )


def _sentence(patient: Patient, consents: list[ConsentLine]) -> str:
    """What anybody who wants to contact this person must know first."""
    if patient.merged_into_id:
        return "This record was merged into another one. Use that one."
    if patient.died:
        return "The source says that this person has died. Nobody is contacted."
    if patient.is_restricted:
        return "Restricted by the source. Seeing more takes a reason, which is kept."
    current: dict[tuple[str, str], ConsentLine] = {}
    for line in reversed(consents):
        current[line.line.channel, line.line.topic] = line
    refused = [line.line.channel for line in current.values() if not line.line.is_allowed]
    if refused:
        return f"Has refused contact by {' and '.join(sorted(set(refused)))}."
    return (
        "Nothing the source said stands against contact."
        if patient.phones_home or patient.phones_work
        else ("The source has given no way to reach this person.")
    )
