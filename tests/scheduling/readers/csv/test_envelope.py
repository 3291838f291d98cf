import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.facts import Problem
from scheduling.readers.csv.envelope import MAX_RECORD_LINES, split, vanished_message
from scheduling.readers.csv.note import RowNote, take_note
from scheduling.readers.shapes import Arrival, Envelope, ExtractInfo

HEADER = b"appointment_id,patient_id,changed_at\n"
TAKEN = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NIGHTLY = Arrival("visits_20261122T0300.csv", datetime(2026, 11, 22, 9, 0, tzinfo=UTC), ZoneInfo("America/New_York"))
FROM_NAME = {"extract": "full", "taken_at_from": r"_(?P<taken_at>\d{8}T\d{4})"}


def split_csv(body: bytes, settings=None, arrival: Arrival = NIGHTLY) -> Envelope:
    return split(body, {"csv": settings or {}}, arrival)


def extract_of(envelope: Envelope) -> ExtractInfo:
    assert envelope.extract is not None
    return envelope.extract


def rows_of(envelope: Envelope) -> list[bytes]:
    """What follows note and header in each message."""
    return [take_note(message)[1].partition(b"\n")[2] for message in envelope.messages]


def test_row_that_dates_itself_is_the_same_message_in_every_delta():
    first = split_csv(HEADER + b"V1,7,2026-11-20 10:00\nV2,8,2026-11-20 11:00\n")
    second = split_csv(HEADER + b"V2,8,2026-11-20 11:00\r\n")

    assert (
        first.messages[1]
        == second.messages[0]
        == (b"#desk kind=delta control=V2%2F2026-11-20%2011:00 patient=8\n" + HEADER + b"V2,8,2026-11-20 11:00\n")
    )
    assert extract_of(first).id != extract_of(second).id


@pytest.mark.parametrize(
    ("settings", "row"),
    [
        (FROM_NAME, b"V1,7,\n"),
        (FROM_NAME, b"V1,7,2026-11-20 10:00\n"),
        (FROM_NAME | {"extract": "delta"}, b"V1,7,\n"),
    ],
    ids=["full", "full whose rows have dates", "delta without dates"],
)
def test_row_dated_by_its_extract_says_so(settings, row):
    envelope = split_csv(HEADER + row, settings)

    note = RowNote(settings["extract"], TAKEN, extract_of(envelope).id, 1, "V1/2026-11-22T08:00:00Z", "7")
    assert [take_note(message)[0] for message in envelope.messages] == [note]
    assert extract_of(envelope)._replace(id="") == (settings["extract"], TAKEN, 1, "")


@pytest.mark.parametrize(
    ("settings", "first", "last", "expected"),
    [
        ({"taken_at_from": "modified"}, b"", b"", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)),
        ({"taken_at_from": r"_(?P<taken_at>\d{8}T\d{4})"}, b"", b"", TAKEN),
        ({"taken_at_from": r"-(?P<taken_at>\d{8})"}, b"", b"", None),
        ({"header_record": r"^HDR,(?P<taken_at>\S+)"}, b"HDR,2026-11-22T08:00:00Z\n", b"", TAKEN),
        ({"trailer_record": r"^TRL,(?P<taken_at>\d+)"}, b"", b"TRL,202611220300\n", TAKEN),
        ({"trailer_record": r"^TRL,(?P<taken_at>\d+)", **FROM_NAME}, b"", b"TRL,202611220400\n", TAKEN.replace(hour=9)),
        ({}, b"", b"", None),
        (
            {"taken_at_from": r"(?P<taken_at>.*)", "taken_at_formats": "visits_%Y%m%dT%H%M.csv"},
            b"",
            b"",
            TAKEN,
        ),
    ],
    ids=["modified", "name", "name does not say", "header", "trailer", "records before name", "nothing says", "format"],
)
def test_full_extract_was_taken_at(settings, first, last, expected):
    envelope = split_csv(first + HEADER + b"V1,7,\n" + last, settings | {"extract": "full"})

    assert extract_of(envelope).taken_at == expected
    assert rows_of(envelope) == [b"V1,7,\n"]
    assert envelope.problems == ([] if expected else [Problem("no_taken_at", "extract", NIGHTLY.file_name)])


@pytest.mark.parametrize(
    ("trailer", "declared", "problems"),
    [
        (b"TRL,2\n", 2, []),
        (b"TRL,3\n", 3, [Problem("batch_count", "rows", "3 declared, 2 found")]),
        (b"", None, []),
    ],
    ids=["right", "wrong", "missing"],
)
def test_trailer_declares_the_rows(trailer, declared, problems):
    envelope = split_csv(HEADER + b"V1,7,1\nV2,7,1\n" + trailer, {"trailer_record": r"^TRL,(?P<rows>\d+)"})

    assert (len(envelope.messages), envelope.declared, envelope.problems) == (2, declared, problems)


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"V1,7,1\nV2,7,1\n", [b"V1,7,1\n", b"V2,7,1\n"]),
        (b"V1,7,1\r\nV2,7,1", [b"V1,7,1\n", b"V2,7,1\n"]),
        (b"V1,7,1\rV2,7,1\r", [b"V1,7,1\n", b"V2,7,1\n"]),
        (b"V1,7,1\n\n , ,\n,,\nV2,7,1\n", [b"V1,7,1\n", b"V2,7,1\n"]),
        (b'V1,"7\n8",1\nV2,7,1\n', [b'V1,"7\n8",1\n', b"V2,7,1\n"]),
        (b'V1,"a ""b""\r\nc",1\nV2,7,1\n', [b'V1,"a ""b""\r\nc",1\n', b"V2,7,1\n"]),
        (b'V1,5" nail,1\nV2,7,1\n', [b'V1,5" nail,1\n', b"V2,7,1\n"]),
        (b'V1,7,"1\n2"', [b'V1,7,"1\n2"\n']),
    ],
    ids=["lf", "crlf", "cr", "blank rows", "line break", "quotes inside", "a stray quote", "line break at the end"],
)
def test_rows_are_told_apart(body, rows):
    envelope = split_csv(HEADER + body)

    assert (rows_of(envelope), envelope.problems) == (rows, [])


def test_quote_that_never_closes_costs_one_row():
    body = b'V0,"7,1\n' + b"".join(b"V%d,7,1\n" % number for number in range(1, MAX_RECORD_LINES + 5))

    envelope = split_csv(HEADER + body)

    assert len(envelope.messages) == MAX_RECORD_LINES + 5
    assert envelope.problems == [Problem("unclosed_quote", "line 2")]


@pytest.mark.parametrize(
    ("body", "settings"),
    [
        (b"\xef\xbb\xbf" + HEADER + "V1,Jürgen,1\n".encode(), {}),
        ((HEADER.decode() + "V1,Jürgen,1\n").encode("utf-16"), {}),
        ((HEADER.decode() + "V1,Jürgen,1\n").encode("utf-16-le"), {"encoding": "utf-16-le"}),
    ],
    ids=["mark", "utf-16 with mark", "utf-16 by setting"],
)
def test_message_is_written_in_the_feeds_encoding(body, settings):
    envelope = split_csv(body, settings)

    assert envelope.messages == [
        b"#desk kind=delta control=V1%2F1 patient=J%C3%BCrgen\n" + HEADER + "V1,Jürgen,1\n".encode()
    ]


def test_header_is_one_line():
    envelope = split_csv(b'"appointment_id","the\npatient","changed_at"\nV1,7,1\n')

    assert envelope.messages == [
        b'#desk kind=delta control=V1%2F1\n"appointment_id","the patient","changed_at"\nV1,7,1\n'
    ]


def test_file_without_header_takes_the_feeds_own():
    envelope = split_csv(b"V1;7\n", {"header": ["appointment_id", "patient_id"], "delimiter": ";"})

    assert rows_of(envelope) == [b"V1;7\n"]
    assert b"\nappointment_id;patient_id\n" in envelope.messages[0]


@pytest.mark.parametrize("body", [b"", b"\n\n", b"one,two\n1,2\n"], ids=["empty", "blank", "other columns"])
def test_header_that_names_no_visit_is_a_problem(body):
    assert split_csv(body).problems == [Problem("unknown_header", "header")]


def test_vanished_message_is_the_same_for_the_same_visit_and_extract():
    message = vanished_message("V1", TAKEN, "9f86", "PAS")

    assert message == (
        b"#desk kind=vanished taken_at=2026-11-22T08:00:00Z extract=9f86"
        b" control=V1%2Fvanished%2F2026-11-22T08:00:00Z\nappointment_id,namespace,occurrence\nV1,PAS,\n"
    )


@given(st.binary(max_size=300))
def test_split_takes_any_bytes(body):
    envelope = split_csv(HEADER + body)

    assert len(envelope.messages) == extract_of(envelope).rows


def test_a_blank_line_inside_a_quoted_cell_is_kept_and_one_between_rows_is_none():
    body = HEADER + b'"A","B","0\n\n1"\n\n"C","D","E"\n\n'

    assert [list(csv.reader(io.StringIO(row.decode(), newline=""))) for row in rows_of(split_csv(body))] == [
        [["A", "B", "0\n\n1"]], [["C", "D", "E"]],
    ]  # fmt: skip


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL, CELL).filter(lambda row: any(cell.strip(' ,"\n\t') for cell in row)), max_size=8))
def test_split_finds_every_row_that_was_written(rows):
    file = io.StringIO()
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)

    envelope = split_csv(HEADER + file.getvalue().encode())

    assert [next(csv.reader(io.StringIO(row.decode(), newline=""))) for row in rows_of(envelope)] == [
        list(row) for row in rows
    ]
