from zoneinfo import ZoneInfo

import orjson
import pytest

from scheduling.facts import AppointmentFact, Problem, ReaderContext, Signals
from scheduling.readers.fhir.reader import read


def read_response(profile=None, **changes):
    resource = {
        "resourceType": "AppointmentResponse",
        "id": "r1",
        "appointment": {"reference": "Appointment/a1"},
        "actor": {"reference": "Patient/p7"},
        "participantStatus": "declined",
        "start": "2026-11-25T09:00:00Z",
        "comment": "cannot come",
    } | changes
    return read(orjson.dumps(resource), ReaderContext(ZoneInfo("UTC"), profile=profile or {}))


def test_response_of_the_patient_is_told_of_the_visit_without_its_proposed_time():
    reading = read_response({"patient_authority": "EAST", "appointment_namespace": "E"})

    signals = Signals("AppointmentResponse", "declined", resource_status="patient", note="cannot come")
    assert reading.appointments == [AppointmentFact("a1", "E", signals=signals, patient=("EAST", "p7"))]
    assert reading.problems == []


def test_response_of_the_provider_names_no_patient():
    (fact,) = read_response(actor={"reference": "Practitioner/d2"}).appointments

    assert (fact.signals.resource_status, fact.patient) == ("practitioner", None)


@pytest.mark.parametrize(
    ("profile", "changes", "problem"),
    [
        ({}, {"appointment": {"display": "MRI"}}, Problem("no_appointment_id", "AppointmentResponse.appointment")),
        (
            {"appointment_id": "identifier"},
            {},
            Problem("unlinked_reference", "AppointmentResponse.appointment", "a1"),
        ),
    ],
    ids=["no reference", "visits go by another name"],
)
def test_response_that_cannot_be_linked_names_no_visit(profile, changes, problem):
    reading = read_response(profile, **changes)

    assert [fact.external_id for fact in reading.appointments] == [""]
    assert reading.problems == [problem]


def test_response_that_was_deleted_is_skipped():
    reading = read_response(_deleted=True)

    assert (reading.appointments, reading.skipped) == ([], ["AppointmentResponse was deleted"])
