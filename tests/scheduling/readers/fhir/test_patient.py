from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from scheduling.facts import ContactPointFact, PatientFact, Problem, ReaderContext
from scheduling.readers.fhir.reader import read

ENDED = {"use": "official", "family": "Was", "period": {"end": "2020"}}
PORTAL = "https://ehr.example/portal"


def read_patient(profile=None, **elements):
    resource = {"resourceType": "Patient", "id": "p7"} | elements
    return read(orjson.dumps(resource), ReaderContext(ZoneInfo("UTC"), profile=profile or {}))


def test_patient_reads_whole():
    reading = read_patient(
        {"patient_authority": "EAST", "portal_extension": PORTAL},
        meta={"lastUpdated": "2026-11-20T10:00:00Z", "security": [{"code": "R"}]},
        identifier=[
            {"system": "urn:mrn", "type": {"coding": [{"code": "MR"}]}, "value": 12345},
            {"system": "urn:old", "value": "9", "use": "old"},
        ],
        name=[{"use": "usual", "given": ["Jo"]}, {"use": "official", "family": "Roe", "given": ["Joan", "B"]}],
        birthDate="1980-02-03",
        gender="female",
        communication=[{"language": {"coding": [{"code": "en"}]}}, {"language": {"text": "es"}, "preferred": True}],
        telecom=[
            {"system": "phone", "value": "555-0101", "use": "mobile", "rank": 1},
            {"system": "phone", "value": "555-0102", "use": "work"},
            {"system": "email", "value": "jo@example.org"},
        ],
        deceasedDateTime="2026-11-19T23:00:00-05:00",
        contact=[
            {"relationship": [{"coding": [{"code": "N"}]}], "name": {"family": "Kin"}},
            {"relationship": [{"coding": [{"code": "GUARD"}]}], "name": {"family": "Roe", "given": ["Max"]}},
        ],
        extension=[
            {"url": PORTAL, "valueBoolean": False},
            {"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "America/Denver"},
        ],
        generalPractitioner=[{"reference": "Practitioner/d2"}],
    )

    assert reading.patient == PatientFact(
        "EAST",
        "p7",
        identifiers=(("urn:mrn", "MR", "12345"),),
        family="Roe",
        given="Joan B",
        born_on=date(1980, 2, 3),
        sex="F",
        language="es",
        zone="America/Denver",
        phones_home=(
            ContactPointFact("phone", "555-0101", "mobile", 1),
            ContactPointFact("email", "jo@example.org"),
        ),
        phones_work=(ContactPointFact("phone", "555-0102", "work"),),
        died=True,
        died_at=datetime(2026, 11, 20, 4, 0, tzinfo=UTC),
        vip="R",
        portal="inactive",
        guardian="Max Roe",
    )
    assert (reading.problems, reading.skipped) == ([], [])


def test_patient_says_nothing_of_what_is_not_there():
    assert read_patient().patient == PatientFact("", "p7")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([{"use": "old", "family": "Old"}, {"family": "New"}], ("New", None)),
        ([{"use": "maiden", "family": "Maid"}], (None, None)),
        (
            [{"use": "official", "family": "Was", "period": {"end": "2020"}}, {"use": "usual", "family": "Is"}],
            ("Is", None),
        ),
        ([{"use": "official", "family": "Was", "period": {"end": "2020"}}], ("Was", None)),
        ([{"text": "Only Text"}], ("Only Text", None)),
        ({"family": ["van", "Dyk"], "given": "Jo"}, ("van Dyk", "Jo")),
    ],
    ids=["old", "maiden only", "ended official", "ended but only", "text", "dstu2"],
)
def test_patient_name_is_the_one_in_force(names, expected):
    patient = read_patient(name=names).patient

    assert (patient.family, patient.given) == expected


@pytest.mark.parametrize(
    ("value", "born_on", "problems"),
    [
        ("1980-02-03", date(1980, 2, 3), []),
        ("1980-02", None, [Problem("bad_date", "Patient.birthDate", "1980-02")]),
        ("1980-02-30", None, [Problem("bad_date", "Patient.birthDate", "1980-02-30")]),
        (1980, None, [Problem("bad_date", "Patient.birthDate", "1980")]),
    ],
    ids=["day", "month", "no such day", "number"],
)
def test_patient_birth_date(value, born_on, problems):
    reading = read_patient(birthDate=value)

    assert (reading.patient.born_on, reading.problems) == (born_on, problems)


@pytest.mark.parametrize(
    ("elements", "died", "died_at", "kinds"),
    [
        ({"deceasedBoolean": True}, True, None, []),
        ({"deceasedBoolean": "false"}, False, None, []),
        ({"deceasedDateTime": "2026-11"}, True, None, []),
        ({"deceasedDateTime": "2026-11-19"}, True, None, []),
        ({"deceasedDateTime": "last week"}, True, None, ["bad_time"]),
        ({"deceasedBoolean": False, "deceasedDateTime": "2026-11-19"}, True, None, []),
        ({"deceasedBoolean": "maybe"}, None, None, []),
    ],
    ids=["yes", "no as text", "month", "day", "unreadable time", "a date outweighs a no", "unclear"],
)
def test_patient_death(elements, died, died_at, kinds):
    reading = read_patient(**elements)

    assert (reading.patient.died, reading.patient.died_at) == (died, died_at)
    assert [problem.kind for problem in reading.problems] == kinds


@pytest.mark.parametrize(
    ("security", "vip"),
    [
        ([{"code": "N"}], ""),
        ([{"code": "R"}, {"code": "V"}], "V"),
        ([{"code": "HTEST"}], None),
        ([], None),
        ({"code": "V"}, "V"),
    ],
    ids=["normal", "highest", "another label", "none", "object for list"],
)
def test_patient_restriction(security, vip):
    assert read_patient(meta={"security": security}).patient.vip == vip


@pytest.mark.parametrize(
    ("profile", "communication", "language"),
    [
        ({}, [{"language": {"coding": [{"code": "es"}]}}], None),
        ({"only_language_is_preferred": True}, [{"language": {"coding": [{"code": "es"}]}}], "es"),
        ({"only_language_is_preferred": True}, [{"language": {"text": "es"}}, {"language": {"text": "en"}}], None),
    ],
    ids=["listed is not preferred", "the only one counts", "one of two does not"],
)
def test_patient_language_is_the_preferred_one(profile, communication, language):
    assert read_patient(profile, communication=communication).patient.language == language


@pytest.mark.parametrize(
    ("contact", "guardian"),
    [
        ({"relationship": [{"text": "Mother"}], "name": {"text": "Ann Roe"}}, "Ann Roe"),
        ({"relationship": [{"coding": [{"code": "GUARD", "display": "guardian"}]}]}, "guardian"),
        ({"relationship": [{"text": "Mother"}], "name": {"text": "Ann"}, "period": {"end": "2020"}}, None),
        ({"relationship": [{"text": "Employer"}], "name": {"text": "Acme"}}, None),
    ],
    ids=["parent", "without a name", "over", "no guardian"],
)
def test_patient_guardian(contact, guardian):
    assert read_patient(contact=[contact]).patient.guardian == guardian


@pytest.mark.parametrize(
    ("value", "portal"),
    [({"valueBoolean": True}, "active"), ({"valueCode": "Inactive"}, "inactive"), ({"valueString": "soon"}, None)],
    ids=["boolean", "code", "another word"],
)
def test_patient_portal(value, portal):
    reading = read_patient({"portal_extension": PORTAL}, extension=[{"url": PORTAL} | value])

    assert reading.patient.portal == portal


def test_patient_that_is_not_active_is_noted():
    reading = read_patient(active=False)

    assert (reading.patient, reading.skipped) == (PatientFact("", "p7"), ["Patient.active is false"])


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        ({"id": None}, Problem("no_patient_id", "Patient.id")),
        ({"_deleted": True}, Problem("patient_deleted", "Patient.id", "p7")),
    ],
    ids=["no id", "deleted"],
)
def test_patient_that_names_nobody_is_a_problem(elements, problem):
    reading = read_patient(**elements)

    assert (reading.patient, reading.problems) == (None, [problem])
