from zoneinfo import ZoneInfo

import orjson
import pytest

from scheduling.facts import AppointmentFact, Problem, ReaderContext, Signals
from scheduling.readers.fhir.reader import read

SIGNALS = Signals("Encounter", "finished")


def read_encounter(profile=None, **changes):
    resource = {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "subject": {"reference": "Patient/p7"},
        "appointment": [{"reference": "Appointment/a1"}],
    } | changes
    return read(orjson.dumps(resource), ReaderContext(ZoneInfo("UTC"), profile=profile or {}))


@pytest.mark.parametrize(
    ("appointment", "ids"),
    [
        ([{"reference": "Appointment/a1"}], ["a1"]),
        ({"reference": "Appointment/a1"}, ["a1"]),
        (
            [{"reference": "Appointment/a1"}, {"reference": "x/Appointment/a2"}, {"reference": "Appointment/a1"}],
            ["a1", "a2"],
        ),
    ],
    ids=["list", "object", "several, one twice"],
)
def test_encounter_tells_its_status_of_every_appointment(appointment, ids):
    reading = read_encounter({"patient_authority": "EAST"}, appointment=appointment)

    assert reading.appointments == [AppointmentFact(each, signals=SIGNALS, patient=("EAST", "p7")) for each in ids]


def test_encounter_of_a_group_names_no_patient():
    (fact,) = read_encounter(subject={"reference": "Group/g1"}).appointments

    assert fact.patient is None


@pytest.mark.parametrize("changes", [{"appointment": []}, {"appointment": None}, {"appointment": [{"display": "x"}]}])
def test_encounter_without_appointment_is_skipped(changes):
    reading = read_encounter(**changes)

    assert (reading.appointments, reading.skipped) == ([], ["Encounter refers to no appointment"])


def test_encounter_is_skipped_where_visits_go_by_another_name():
    reading = read_encounter({"appointment_id": ["identifier", "id"]})

    assert reading.appointments == []
    assert reading.problems == [Problem("unlinked_reference", "Encounter.appointment", "a1")]


def test_encounter_that_was_deleted_is_skipped():
    assert read_encounter(_deleted=True).skipped == ["Encounter was deleted"]
