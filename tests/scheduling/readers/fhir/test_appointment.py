from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from scheduling.facts import AppointmentFact, Problem, ReaderContext, Reading, Signals
from scheduling.readers.fhir.reader import read

NEW_YORK = ZoneInfo("America/New_York")


def read_appointment(profile=None, clinics=(), **changes) -> Reading:
    """The reading of a booked visit with these elements changed; None takes an element away."""
    resource = {
        "resourceType": "Appointment",
        "id": "a1",
        "meta": {"versionId": "3", "lastUpdated": "2026-11-20T15:04:05.123-05:00"},
        "status": "booked",
        "start": "2026-11-24T09:00:00-05:00",
        "end": "2026-11-24T09:30:00-05:00",
        "participant": [
            {"actor": {"reference": "Patient/p7", "display": "Jo Roe"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/d2", "display": "Dr Ito"}, "status": "needs-action"},
            {"actor": {"reference": "Location/c3"}, "status": "accepted"},
        ],
    } | changes
    body = orjson.dumps({key: value for key, value in resource.items() if value is not None})
    context = ReaderContext(NEW_YORK, clinic_zones=dict.fromkeys(clinics, NEW_YORK), profile=profile or {})
    return read(body, context)


def one(reading: Reading) -> AppointmentFact:
    (fact,) = reading.appointments
    return fact


def test_appointment_reads_whole():
    reading = read_appointment(
        profile={"patient_authority": "EAST", "sequence": "versionId"},
        status="cancelled",
        cancelationReason={"coding": [{"system": "x"}, {"code": "pat"}], "text": "Patient"},
        reasonCode=[{"coding": [{"code": "R1", "display": "Cough"}], "text": "Bad cough"}],
        appointmentType={"coding": [{"code": "FOLLOWUP"}]},
        serviceType=[{"coding": [{"code": "52", "display": "General"}]}],
        identifier=[{"type": {"coding": [{"code": "PLAC"}]}, "value": "PL9"}],
        comment="  c" * 200,
    )

    assert reading == Reading(
        control_id="Appointment/a1/3",
        trigger="Appointment",
        source_at=datetime(2026, 11, 20, 20, 4, 5, 123000, UTC),
        sequence=3,
        appointments=[
            AppointmentFact(
                "a1",
                placer_id="PL9",
                signals=Signals(
                    "Appointment", "cancelled", "pat", "R1", "FOLLOWUP", "accepted", ("  c" * 200).strip()[:200]
                ),
                starts_at=datetime(2026, 11, 24, 14, 0, tzinfo=UTC),
                minutes=30,
                clinic_code="c3",
                resource="d2",
                provider_code="d2",
                provider_name="Dr Ito",
                visit_type="52",
                visit_type_name="General",
                reason_text="Bad cough",
                patient=("EAST", "p7"),
            )
        ],
    )


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({}, ("", "a1")),
        ({"appointment_namespace": "EPIC"}, ("EPIC", "a1")),
        ({"appointment_id": "identifier"}, ("urn:one", "I1")),
        ({"appointment_id": "identifier:urn:two"}, ("urn:two", "I2")),
        ({"appointment_id": ["identifier:FILL", "id"]}, ("urn:two", "I2")),
        ({"appointment_id": ["identifier:urn:none", "id"]}, ("", "a1")),
        ({"appointment_id": "identifier:urn:none"}, ("", "")),
    ],
    ids=["id", "namespace", "first identifier", "by system", "by type", "falls back", "none"],
)
def test_appointment_is_named_as_the_feed_says(profile, expected):
    identifiers = [
        {"system": "urn:one", "value": "I1"},
        {"system": "urn:two", "value": "I2", "type": {"coding": [{"code": "FILL"}]}},
    ]

    reading = read_appointment(profile, identifier=identifiers)

    assert (one(reading).namespace, one(reading).external_id) == expected
    assert [problem.kind for problem in reading.problems] == ([] if expected[1] else ["no_appointment_id"])


@pytest.mark.parametrize(
    ("changes", "starts_at", "minutes", "problems"),
    [
        ({"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T10:00:00Z"}, (9, 0), 60, []),
        ({"start": "2026-11-24T09:00:00+05:30"}, (3, 30), 660, []),
        ({"end": None, "minutesDuration": "20"}, (14, 0), 20, []),
        ({"minutesDuration": 15}, (14, 0), 30, []),
        ({"minutesDuration": 45}, (14, 0), 30, [Problem("times_disagree", "minutesDuration", "45")]),
        (
            {"end": "2026-11-24T09:00:00-05:00", "minutesDuration": 15},
            (14, 0),
            15,
            [Problem("times_disagree", "end", "2026-11-24T09:00:00-05:00")],
        ),
        ({"start": "2026-11-24T09:00:00"}, None, None, [Problem("time_without_zone", "start", "2026-11-24T09:00:00")]),
        ({"start": "2026-11-24"}, None, None, [Problem("date_only", "start", "2026-11-24")]),
        ({"start": 7}, None, None, [Problem("bad_time", "start", "7")]),
        ({"start": None, "end": None}, None, None, []),
    ],
    ids=[
        "utc",
        "offset",
        "duration as text",
        "shorter duration is legal",
        "longer duration disagrees",
        "ends at its start",
        "no zone",
        "date only",
        "number",
        "no times",
    ],
)
def test_appointment_times(changes, starts_at, minutes, problems):
    reading = read_appointment(**changes)

    expected = datetime(2026, 11, 24, starts_at[0], starts_at[1], tzinfo=UTC) if starts_at else None
    assert (one(reading).starts_at, one(reading).minutes, reading.problems) == (expected, minutes, problems)


@pytest.mark.parametrize(
    ("actors", "clinics", "expected"),
    [
        (["Location/1", "Location/2"], [], ("1", "2", "2", None)),
        (["Location/1", "Location/2"], ["2"], ("2", "1", "1", None)),
        (["PractitionerRole/r1", "Location/1"], [], ("1", None, "r1", "r1")),
        (["Device/mri", "Location/1"], [], ("1", None, "mri", None)),
        (["https://ehr.example/r4/Location/1/_history/4"], [], ("1", None, None, None)),
        (["#room", "urn:uuid:55"], [], (None, None, None, None)),
    ],
    ids=["first is the clinic", "known one is the clinic", "role", "device", "absolute", "names nothing"],
)
def test_appointment_places(actors, clinics, expected):
    fact = one(read_appointment(clinics=clinics, participant=[{"actor": {"reference": actor}} for actor in actors]))

    assert (fact.clinic_code, fact.room, fact.resource, fact.provider_code) == expected


def test_appointment_with_two_patients_is_nobodys():
    actors = [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}, {"actor": {"reference": "Patient/p2"}}]

    reading = read_appointment(participant=actors)

    assert (one(reading).patient, one(reading).signals.resource_status) == (None, "")
    assert reading.problems == [Problem("several_patients", "Appointment.participant", "p1 p2")]


def test_appointment_that_was_deleted_says_so():
    body = b'{"resourceType":"Appointment","id":"a1","meta":{"lastUpdated":"2026-11-20T10:00:00Z"},"_deleted":true}'

    reading = read(body, ReaderContext(NEW_YORK))

    assert reading.appointments == [AppointmentFact("a1", signals=Signals("Appointment", "deleted"))]
    assert reading.source_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": ["booked"], "participant": "Patient/1", "start": {}, "end": []},
        {"participant": {"actor": {"reference": "Patient/p7"}, "status": "accepted"}},
        {"participant": [None, 3, {"actor": None}, {"actor": [{"reference": "Patient/p7"}]}]},
        {"identifier": "x", "reasonCode": "R", "serviceType": {"coding": {"code": 5}}, "meta": []},
    ],
    ids=["wrong everywhere", "object for list", "list for object", "scalars for concepts"],
)
def test_appointment_of_odd_types_still_reads(changes):
    assert one(read_appointment(**changes)).external_id == "a1"
