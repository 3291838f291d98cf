from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.readers.csv.note import RowNote, take_note, write_note

TAKEN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_note_is_one_readable_line():
    note = RowNote("full", TAKEN, "9f86", 2118, control="V 1/2", patient="4711")

    assert write_note(note) == (
        b"#desk kind=full taken_at=2026-11-22T03:00:00Z extract=9f86 rows=2118 control=V%201%2F2 patient=4711\n"
    )


@given(st.text(), st.text(), st.integers(0, 10**8))
def test_note_comes_back_as_written(control, patient, rows):
    note = RowNote("delta", TAKEN, "x", rows, control=control, patient=patient)

    assert take_note(write_note(note) + b"h\nr\n") == (note, b"h\nr\n")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"#VISIT,STATUS\n1,2\n", (RowNote(), b"#VISIT,STATUS\n1,2\n")),
        (b"", (RowNote(), b"")),
        (b"#desk ", (RowNote(), b"")),
        (b"#desk taken_at=now rows=many =5 kind\nh\n", (RowNote(), b"h\n")),
        (b"#desk taken_at=2026-11-22T03:00:00 rows=9999999999999\nh\n", (RowNote(), b"h\n")),
        (b"#desk control=%ff%00 other=1\nh\n", (RowNote(control="\ufffd\x00"), b"h\n")),
    ],
    ids=["a header", "empty", "bare mark", "unreadable", "no zone", "bytes"],
)
def test_note_that_cannot_be_read_counts_as_absent(message, expected):
    assert take_note(message) == expected


@given(st.binary())
def test_note_never_raises(message):
    take_note(b"#desk " + message)
