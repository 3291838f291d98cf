"""What readers keep between messages is never an answer to another question, and never changes one."""

import sys
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from benchmarks.messages import generate
from scheduling.facts import ContactPointFact, PatientFact, Problem, ReaderContext, UnreadableMessageError
from scheduling.readers.csv.reader import read as read_csv
from scheduling.readers.fhir.reader import read as read_fhir
from scheduling.readers.hl7.reader import read as read_hl7
from tests.support.mutation import mutate

DENVER, NEW_YORK, TOKYO = ZoneInfo("America/Denver"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
PID = (
    "PID|1||40021^^^EAST^MR~77^^^EAST^PI||Fernsby^Lorna$Q||19710518|F|||||3035550101||spa||||||||||||||20270301083000|Y"
)
VISIT = "AIS|1||FUP30^Follow-up\rAIL|1||ENT^R4\rAIP|1||881^Abara^Chidi"


def hl7(*, status="Booked", marks=r"^~\&", zone=DENVER, clinics=None, profile=None, pid=PID, visit=VISIT):
    timing = marks[0].join(("", "", "30", "20270310093000"))
    sch = f"SCH||F77|||||||30|min|{timing}||||||||||||||{status}"
    text = "\r".join((rf"MSH|{marks}|A|B|C|D|20270302081500||SIU{marks[0]}S14|C-1|P|2.5", sch, pid, visit))
    return read_hl7(text.encode(), ReaderContext(zone, clinics or {}, profile or {}))


def row(cells, *, zone=DENVER, clinics=None, profile=None, header="appointment_id,patient_id,family,clinic,starts"):
    return read_csv(f"{header}\n{cells}\n".encode(), ReaderContext(zone, clinics or {}, profile or {}))


def fhir(actor):
    body = '{"resourceType":"Appointment","id":"a1","participant":[{"actor":%s}]}' % actor  # noqa: UP031 - braces
    return read_fhir(body.encode(), ReaderContext(DENVER))


CACHES = [
    value
    for name, module in list(sys.modules.items())
    if name.startswith("scheduling.readers")
    for value in vars(module).values()
    if hasattr(value, "cache_clear")
]


def forget():
    """Empty every cache of every reader."""
    for cache in CACHES:
        cache.cache_clear()


def test_repeated_hl7_patient_is_the_same_object():
    first, second = hl7(status="Booked"), hl7(status="Arrived", visit="AIL|1||CARD^R1")

    assert first.patient is second.patient
    assert [first.appointments[0].signals.filler_status, second.appointments[0].signals.filler_status] == [
        "Booked",
        "Arrived",
    ]


def test_repeated_patient_of_another_visit_in_a_row_is_the_same_object():
    first, second = row("V1,4711,Quill,ENT,2027-03-10 09:30"), row("V2,4711,Quill,ENT,2027-03-11 09:30")

    assert first.patient is second.patient
    assert [first.appointments[0].external_id, second.appointments[0].external_id] == ["V1", "V2"]


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"zone": TOKYO}, {"died_at": datetime(2027, 2, 28, 23, 30, tzinfo=UTC)}),
        ({"profile": {"patient_id_type": "PI"}}, {"mrn": "77", "identifiers": (("EAST", "MR", "40021"),)}),
        ({"marks": r"^~\$"}, {"given": "Lorna$Q"}),
        ({"marks": r"$~\&"}, {"authority": "", "mrn": "40021^^^EAST^MR"}),
        ({"visit": "PV1|1|O||||||||||||||VIP"}, {"vip": "VIP"}),
        ({"visit": "PD1||||||||||||Y"}, {"protection": "Y"}),
        ({"visit": "NK1|1|Fernsby^Tom|GRD"}, {"guardian": "Tom Fernsby"}),
        ({"pid": PID.replace("|F|", "|M|")}, {"sex": "M"}),
    ],
    ids=["zone", "profile", "subcomponents", "components", "PV1-16", "PD1", "NK1", "PID"],
)
def test_patient_of_the_same_text_is_read_anew_where_its_meaning_differs(other, found):
    hl7()
    kept = hl7(**other).patient
    forget()
    fresh = hl7(**other).patient

    assert kept == fresh
    assert {name: getattr(kept, name) for name in found} == found


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"zone": TOKYO}, {"starts_at": datetime(2027, 3, 10, 0, 30, tzinfo=UTC)}),
        ({"clinics": {"ENT": NEW_YORK}}, {"starts_at": datetime(2027, 3, 10, 14, 30, tzinfo=UTC)}),
        ({"profile": {"clinic_from": "AIL-3.2"}}, {"clinic_code": "R4"}),
        ({"profile": {"visit_type_from": "AIP-3"}}, {"visit_type": "881"}),
        ({"profile": {"seconds_units": "min"}}, {"minutes": 1}),
        ({"marks": r"@~\&"}, {"clinic_code": "ENT^R4", "room": None}),
        ({"visit": VISIT.replace("R4", "R5")}, {"room": "R5"}),
        ({"visit": f"{VISIT}||20270310100000\rTQ1|1||||||20270310093000"}, {"minutes": 30}),
    ],
    ids=["zone", "clinic's zone", "clinic", "visit type", "units", "delimiters", "AIL", "TQ1"],
)
def test_frame_of_the_same_text_is_read_anew_where_its_meaning_differs(other, found):
    hl7()
    kept = hl7(**other).appointments
    forget()
    fresh = hl7(**other).appointments

    assert kept == fresh
    assert {name: getattr(kept[0], name) for name in found} == found


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"zone": TOKYO}, {"starts_at": datetime(2027, 3, 10, 0, 30, tzinfo=UTC)}),
        ({"clinics": {"ENT": NEW_YORK}}, {"starts_at": datetime(2027, 3, 10, 14, 30, tzinfo=UTC)}),
        ({"profile": {"patient_authority": "PAS"}}, {"patient": ("PAS", "4711")}),
        ({"profile": {"csv": {"columns": {"room": "clinic"}}}}, {"room": "ENT"}),
        ({"profile": {"csv": {"nulls": ["ENT"]}}}, {"clinic_code": ""}),
        ({"header": "appointment_id,patient_id,family,room,starts"}, {"clinic_code": None, "room": "ENT"}),
    ],
    ids=["zone", "clinic's zone", "authority", "columns", "nulls", "header"],
)
def test_row_of_the_same_text_is_read_anew_where_its_meaning_differs(other, found):
    cells = "V1,4711,Quill,ENT,2027-03-10 09:30"
    row(cells)
    kept = row(cells, **other)
    forget()
    fresh = row(cells, **other)

    assert kept == fresh
    assert {name: getattr(kept.appointments[0], name) for name in found} == found


def test_fhir_reference_of_the_same_text_keeps_its_own_type_and_display():
    named = fhir('{"reference":"urn:uuid:7","type":"Practitioner","display":"Dr. Abara"}').appointments[0]
    other = fhir('{"reference":"urn:uuid:7","type":"Practitioner","display":"Dr. Ito"}').appointments[0]
    patient = fhir('{"reference":"urn:uuid:7","type":"Patient","display":"Dr. Ito"}').appointments[0]

    assert [named.provider_name, other.provider_name, patient.provider_name] == ["Dr. Abara", "Dr. Ito", None]
    assert patient.patient == ("", "7")


def test_problems_are_told_with_every_message_and_each_list_is_its_own():
    readings = [hl7(pid=PID.replace("19710518", "someday")) for _ in range(2)]
    rows = [row("V1,4711,Quill,ENT,someday") for _ in range(2)]

    assert readings[0].problems == readings[1].problems == [Problem("bad_date", "PID-7", "someday")]
    assert rows[0].problems == rows[1].problems == [Problem("bad_time", "starts", "someday")]
    rows[0].problems.clear()
    assert row("V1,4711,Quill,ENT,someday").problems == [Problem("bad_time", "starts", "someday")]


def test_text_too_long_is_not_kept():
    long = PID.replace("Lorna", "L" * 150).replace("3035550101", "~".join(["3035550101"] * 190))
    first, second = hl7(pid=long), hl7(pid=long)

    assert first.patient == second.patient
    assert first.patient is not second.patient


@pytest.mark.parametrize("fact", [PatientFact("EAST", "1"), ContactPointFact("phone", "1")], ids=["patient", "contact"])
def test_fact_cannot_be_changed(fact):
    with pytest.raises(AttributeError):
        fact.use = fact.family = "other"


CSV_HEADER = b"appointment_id,patient_id,family,born,mobile,status,clinic,starts,minutes,deceased,portal\n"
CONTEXTS = (
    ReaderContext(DENVER, {"CARD": NEW_YORK}),
    ReaderContext(TOKYO, {}, {"appointment_id": "SCH-1", "clinic_from": "PV1-3", "patient_id_type": "SS"}),
    ReaderContext(DENVER, {"CARD": TOKYO}, {"csv": {"empty": "unsaid"}, "patient_authority": "PAS"}),
)


def rows_to_read():
    clinics, words = ("CARD", "ENT", ""), ("Y", "no", "?", "")
    return [
        CSV_HEADER
        + f"V{n % 40},{n % 12},Quill,1971-05-{n % 31 + 1},303555010{n % 9},Booked,{clinics[n % 3]}"
        f",2027-03-{n % 20 + 1:02d} 09:30,30,{words[n % 4]},{words[n % 3]}\n".encode()
        for n in range(240)
    ]


def resources_to_read():
    return [
        b'{"resourceType":"Appointment","id":"%d","meta":{"versionId":"%d"},"status":"booked","start":'
        b'"2027-03-10T09:30:00Z","end":"2027-03-10T10:00:00Z","serviceType":[{"coding":[{"code":"FUP"}]}],'
        b'"participant":[{"actor":{"reference":"Patient/%d"}},{"actor":{"reference":"Practitioner/%d","display":"Ito"}}'
        b',{"actor":{"reference":"Location/CARD"}}]}' % (n % 40, n, n % 12, n % 5)
        for n in range(240)
    ]


def answer(read, body, context):
    try:
        return repr(read(body, context))
    except UnreadableMessageError as error:
        return repr(error)


@pytest.mark.parametrize(
    ("read", "bodies"),
    [(read_hl7, generate(240)), (read_fhir, resources_to_read()), (read_csv, rows_to_read())],
    ids=["HL7 v2", "FHIR", "CSV"],
)
def test_whatever_was_read_before_a_message_reads_as_if_it_were_the_first(read, bodies):
    random = Random(20261122)
    corpus = [body if random.random() < 0.3 else mutate(random, body, bodies) for body in random.choices(bodies, k=400)]
    asked = [(body, random.choice(CONTEXTS)) for body in corpus for _ in range(2)]

    kept = [answer(read, body, context) for body, context in asked]
    fresh = []
    for body, context in asked:
        forget()
        fresh.append(answer(read, body, ReaderContext(context.zone, context.clinic_zones, context.profile)))

    assert kept == fresh
