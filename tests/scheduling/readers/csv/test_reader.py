from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.facts import (
    AppointmentFact,
    ContactPointFact,
    PatientFact,
    Problem,
    ReaderContext,
    Reading,
    Signals,
    UnreadableMessageError,
)
from scheduling.readers.csv.envelope import vanished_message
from scheduling.readers.csv.reader import read

NEW_YORK = ZoneInfo("America/New_York")
TAKEN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SETTINGS = {
    "columns": {
        "appointment_id": "VISIT_ID",
        "status": "STATUS",
        "reason": "WHY",
        "starts": "START",
        "ends": "END",
        "minutes": "MIN",
        "clinic": "DEPT",
        "provider": "DR",
        "patient_id": "MRN",
        "changed_at": "UPDATED",
    },
    "formats": {"datetime": "%m/%d/%Y %H:%M", "date": "%m/%d/%Y"},
}


def read_row(settings=None, above="", **cells) -> Reading:
    """The reading of a row with these cells; without settings the columns are our own words and times are ISO."""
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells.values()]
    body = f"{above}{','.join(cells)}\n{','.join(quoted)}\n".encode()
    context = ReaderContext(
        NEW_YORK,
        clinic_zones={"WEST": ZoneInfo("America/Denver")},
        profile={"csv": settings or {}, "patient_authority": "EAST"},
    )
    return read(body, context)


def visit(**cells) -> AppointmentFact:
    (fact,) = read_row(appointment_id="V1", **cells).appointments
    return fact


def patient(**cells) -> PatientFact:
    found = read_row(patient_id="7", appointment_id="V1", **cells).patient
    assert found is not None
    return found


def test_row_reads_whole():
    reading = read_row(
        SETTINGS | {"namespace": "PAS", "trigger": "import"},
        **{"VISIT_ID": "V1", "Status ": "Sch", "WHY": "", "START": "11/24/2026 09:00", "MIN": "30", "DEPT": "WEST"},
        DR="D2",
        MRN="7",
        UPDATED="11/20/2026 10:00",
        END="",
        provider_name="Ito, A",
        room="4",
        visit_type="NEW",
        visit_type_name="New visit",
        reason_text="Cough",
        note="n" * 300,
        appointment_reason="R1",
        resource_status="ok",
        occurrence="2",
    )

    assert reading == Reading(
        control_id="V1/11/20/2026 10:00",
        trigger="import",
        source_at=datetime(2026, 11, 20, 15, 0, tzinfo=UTC),
        appointments=[
            AppointmentFact(
                "V1",
                namespace="PAS",
                occurrence="2",
                signals=Signals("import", "Sch", "", "R1", "NEW", "ok", "n" * 200),
                starts_at=datetime(2026, 11, 24, 16, 0, tzinfo=UTC),
                minutes=30,
                clinic_code="WEST",
                room="4",
                resource="D2",
                provider_code="D2",
                provider_name="Ito, A",
                visit_type="NEW",
                visit_type_name="New visit",
                reason_text="Cough",
                patient=("EAST", "7"),
            )
        ],
        patient=PatientFact("EAST", "7"),
    )


def test_row_reads_its_patient_whole():
    fact = patient(
        family="Roe",
        given="Jo",
        born="1980-02-03",
        sex="Female",
        language="es",
        guardian="Max",
        mobile="555-0101",
        home_phone="",
        work_phone="555-0102",
        email="jo@example.org",
        portal="Y",
        opt_out_text="Y",
        deceased="N",
        restricted="Y",
        zone="America/Denver",
    )

    assert fact == PatientFact(
        "EAST",
        "7",
        family="Roe",
        given="Jo",
        born_on=date(1980, 2, 3),
        sex="F",
        language="es",
        zone="America/Denver",
        phones_home=(ContactPointFact("phone", "555-0101", "mobile"), ContactPointFact("email", "jo@example.org")),
        phones_work=(ContactPointFact("phone", "555-0102", "work"),),
        died=False,
        vip="R",
        portal="active",
        consents=(("text", "", False),),
        guardian="Max",
    )


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        ("clears", PatientFact("EAST", "7", family="", phones_home=())),
        ("unsaid", PatientFact("EAST", "7")),
    ],
)
def test_blank_cell_clears_only_what_does_not_protect(empty, expected):
    cells = dict.fromkeys(("family", "mobile", "deceased", "restricted", "opt_out_text", "portal", "born"), "")

    assert read_row({"empty": empty}, appointment_id="V1", patient_id="7", **cells).patient == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"deceased": "yes"}, PatientFact("EAST", "7", died=True)),
        ({"deceased": "2026-11-01"}, PatientFact("EAST", "7", died=True)),
        ({"restricted": "0"}, PatientFact("EAST", "7", vip="")),
        ({"restricted": "VVIP"}, PatientFact("EAST", "7", vip="VVIP")),
        ({"opt_out_text": "N"}, PatientFact("EAST", "7")),
        ({"portal": "Inactive"}, PatientFact("EAST", "7", portal="inactive")),
        ({"family": "NULL", "sex": "X"}, PatientFact("EAST", "7", family="", sex="X")),
    ],
    ids=["died", "date of death", "not restricted", "own code", "no opt-out is no consent", "portal", "words"],
)
def test_patient_cells(cells, expected):
    assert patient(**cells) == expected


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"born": "long ago"}, Problem("bad_date", "born", "long ago")),
        ({"portal": "soon"}, Problem("unknown_word", "portal", "soon")),
        ({"deceased": "perhaps"}, Problem("bad_date", "deceased", "perhaps")),
    ],
)
def test_patient_cell_that_cannot_be_read_is_a_problem(cells, problem):
    assert read_row(patient_id="7", appointment_id="V1", **cells).problems == [problem]


@pytest.mark.parametrize(
    ("cells", "starts_at"),
    [
        ({"starts": "2026-11-24 09:00"}, datetime(2026, 11, 24, 14, 0, tzinfo=UTC)),
        ({"starts": "2026-11-24T09:00:00Z"}, datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
        ({"starts": "2026-11-24 09:00", "clinic": "WEST"}, datetime(2026, 11, 24, 16, 0, tzinfo=UTC)),
        ({"date": "2026-11-24", "time": "9:05 PM"}, datetime(2026, 11, 25, 2, 5, tzinfo=UTC)),
        ({"date": "2026-11-24", "time": "21:05:00"}, datetime(2026, 11, 25, 2, 5, tzinfo=UTC)),
        ({"starts": "2026-07-01 09:00"}, datetime(2026, 7, 1, 13, 0, tzinfo=UTC)),
    ],
    ids=["source zone", "own offset", "clinic zone", "date and time", "24 hours", "summer"],
)
def test_start_is_read_in_the_clinics_zone(cells, starts_at):
    assert visit(**cells).starts_at == starts_at


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"starts": "2026-11-01 01:30"}, Problem("ambiguous_local_time", "starts", "2026-11-01 01:30")),
        ({"starts": "2026-03-08 02:30"}, Problem("impossible_local_time", "starts", "2026-03-08 02:30")),
        ({"date": "2026-03-08", "time": "02:30"}, Problem("impossible_local_time", "time", "2026-03-08 02:30")),
        ({"starts": "24.11.2026"}, Problem("bad_time", "starts", "24.11.2026")),
        ({"starts": "2026-11-24"}, Problem("date_only", "starts", "2026-11-24")),
        ({"date": "2026-11-24", "time": ""}, Problem("date_only", "date", "2026-11-24")),
    ],
    ids=["twice", "never", "never, in two cells", "another format", "day", "day without time"],
)
def test_start_that_is_no_moment_is_a_problem(cells, problem):
    reading = read_row(appointment_id="V1", **cells)

    assert (reading.appointments[0].starts_at, reading.problems) == (None, [problem])


def test_start_left_blank_is_cleared():
    assert visit(starts="").cleared == frozenset({"starts_at"})
    assert visit(status="x").cleared == frozenset()


@pytest.mark.parametrize(
    ("cells", "minutes", "kinds"),
    [
        ({"minutes": "30"}, 30, []),
        ({"minutes": "30.0"}, 30, []),
        ({"minutes": "0"}, None, ["bad_duration"]),
        ({"minutes": "half an hour"}, None, ["bad_duration"]),
        ({"ends": "2026-11-24 09:45"}, 45, []),
        ({"ends": "2026-11-24 09:45", "minutes": "45"}, 45, []),
        ({"ends": "2026-11-24 09:45", "minutes": "30"}, 45, ["times_disagree"]),
        ({"ends": "2026-11-24 09:00", "minutes": "30"}, 30, ["times_disagree"]),
        ({}, None, []),
    ],
)
def test_minutes(cells, minutes, kinds):
    reading = read_row(appointment_id="V1", starts="2026-11-24 09:00", **cells)

    assert reading.appointments[0].minutes == minutes
    assert [problem.kind for problem in reading.problems] == kinds


@pytest.mark.parametrize(
    ("settings", "note", "updated", "expected"),
    [
        ({}, "", "2026-11-20T10:00:00Z", ("V1/2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC))),
        ({}, "", "", ("", None)),
        ({}, "#desk kind=delta taken_at=2026-11-22T03:00:00Z control=c\n", "", ("c", TAKEN)),
        (
            {},
            "#desk kind=delta taken_at=2026-11-22T03:00:00Z control=c\n",
            "2026-11-20T10:00:00Z",
            ("c", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ),
        (
            {"extract": "full"},
            "#desk kind=full taken_at=2026-11-22T03:00:00Z control=c\n",
            "2026-11-20T10:00:00Z",
            ("c", TAKEN),
        ),
        (
            {"extract": "full"},
            "",
            "2026-11-20T10:00:00Z",
            ("V1/2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ),
    ],
    ids=["dates itself", "no date at all", "delta without", "delta with", "full", "full without note"],
)
def test_row_holds_as_of(settings, note, updated, expected):
    reading = read_row(settings, note, appointment_id="V1", changed_at=updated)

    assert (reading.control_id, reading.source_at) == expected


def test_vanished_visit_reads_as_a_fact_whatever_the_feeds_columns_are():
    body = vanished_message('V"1,2', TAKEN, "9f86", "PAS")

    reading = read(body, ReaderContext(NEW_YORK, profile={"csv": SETTINGS | {"encoding": "cp1252"}}))

    assert reading == Reading(
        'V"1,2/vanished/2026-11-22T03:00:00Z',
        "vanished",
        TAKEN,
        appointments=[AppointmentFact('V"1,2', namespace="PAS", signals=Signals("vanished"))],
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no_row"),
        (b"appointment_id,status\n", "no_row"),
        (b"one,two\n1,2\n", "unknown_header"),
        (b"appointment_id,family,status\nV1,Roe, Jo,Sch\n", "row_width"),
        (b"appointment_id,family,status\nV1,Roe\n", "row_width"),
        (b"#desk kind=vanished\nappointment_id,namespace\n\n", "no_row"),
    ],
    ids=["empty", "header only", "other columns", "unquoted comma", "cut off", "nothing vanished"],
)
def test_row_whose_cells_cannot_be_told_apart_is_refused(body, reason):
    with pytest.raises(UnreadableMessageError) as error:
        read(body, ReaderContext(NEW_YORK))

    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("settings", "body", "family", "problems"),
    [
        ({}, "appointment_id,patient_id,family\nV1,7,Müller\n".encode(), "Müller", []),
        ({}, "appointment_id,patient_id,family\nV1,7,Müller\n".encode("cp1252"), "Müller", ["bad_charset"]),
        ({"encoding": "latin-1"}, "appointment_id,patient_id,family\nV1,7,Müller\n".encode("latin-1"), "Müller", []),
        ({"delimiter": "|"}, b"appointment_id|patient_id|family\nV1|7|Roe, Jo|\n", "Roe, Jo", []),
        ({"quote": ""}, b'appointment_id,patient_id,family\nV1,7,"Roe\n', '"Roe', []),
        ({}, b'appointment_id,patient_id,family\nV1,7,"Roe\nJo"\n', "Roe\nJo", []),
        ({}, "appointment_id,patient_id,family\nV1,7,Ro\u2028e\x00\n".encode(), "Ro\u2028e", []),
        ({"columns": {"room": "RM"}}, b"appointment_id,patient_id,family\nV1,7,Roe\n", "Roe", ["missing_column"]),
    ],
    ids=["utf-8", "no utf-8", "latin-1", "pipes", "no quotes", "line break", "odd characters", "column gone"],
)
def test_row_is_taken_apart_as_the_feed_says(settings, body, family, problems):
    reading = read(body, ReaderContext(NEW_YORK, profile={"csv": settings}))

    assert reading.patient is not None
    assert (reading.patient.family, [problem.kind for problem in reading.problems]) == (family, problems)


def test_row_without_a_visit_says_so_and_keeps_its_patient():
    reading = read_row(appointment_id="", patient_id="7")

    assert (reading.appointments[0].external_id, reading.patient) == ("", PatientFact("EAST", "7"))
    assert reading.problems == [Problem("no_appointment_id", "appointment_id")]


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"appointment_id,starts,minutes,born,deceased\n", b"#desk kind=full\n"]),
)
def test_reader_reads_or_refuses_any_bytes(body, start):
    try:
        assert isinstance(read(start + body, ReaderContext(NEW_YORK)), Reading)
    except UnreadableMessageError as error:
        refusal = error.reason
        assert refusal in {"no_row", "unknown_header", "row_width"}


@given(st.lists(st.text(max_size=12), min_size=8, max_size=8))
def test_reader_reads_any_cells(cells):
    fields = ("appointment_id", "starts", "ends", "minutes", "changed_at", "patient_id", "born", "deceased")

    reading = read_row(**dict(zip(fields, cells, strict=True)))

    assert len(reading.appointments) == 1
