"""Tables of scores: rows are read or named by their line."""

from datetime import UTC, datetime, timedelta

import pytest

from recovery.errors import InvalidActError
from recovery.risk.reading import MOST_BYTES, SentScore, read_scores

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
HEAD = "visit,score,model,scored_at"
AT = datetime(2026, 11, 24, 5, tzinfo=UTC)


def read(*lines, head=HEAD):
    return read_scores("\n".join((head, *lines)).encode(), NOW)


def test_row_is_read():
    assert read("V1,0.31,acme-3,2026-11-23T23:00:00-06:00") == (
        [SentScore(2, "V1", None, None, "acme-3", 0.31, AT, "")],
        [],
    )


def test_visit_may_be_named_in_full_and_a_reason_told():
    rows, errors = read(
        "V1,1,acme-3,2026-11-24T05:00:00Z,EPIC,2,Missed 2 of 5",
        head=f"{HEAD},namespace,occurrence,reason",
    )

    assert (rows, errors) == ([SentScore(2, "V1", "EPIC", "2", "acme-3", 1.0, AT, "Missed 2 of 5")], [])


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        (",0.3,acme,2026-11-24T05:00:00Z", "visit", "Name the visit by its id at the source."),
        ("V1,1.01,acme,2026-11-24T05:00:00Z", "score", "Write a number from 0 to 1."),
        ("V1,-0.01,acme,2026-11-24T05:00:00Z", "score", "Write a number from 0 to 1."),
        ("V1,nan,acme,2026-11-24T05:00:00Z", "score", "Write a number from 0 to 1."),
        ("V1,high,acme,2026-11-24T05:00:00Z", "score", "Write a number from 0 to 1."),
        ("V1,0.3,,2026-11-24T05:00:00Z", "model", "Name the model with letters, digits, dots and dashes."),
        ("V1,0.3,baseline-1,2026-11-24T05:00:00Z", "model", "Names that begin with baseline- are the desk's own."),
        ("V1,0.3,acme,yesterday", "scored_at", "Write a moment like 2026-11-24T05:00:00Z."),
        ("V1,0.3,acme,2026-11-24T05:00:00", "scored_at", "The moment needs its offset from UTC."),
        ("V1,0.3,acme,2026-11-24T15:46:01Z", "scored_at", "This lies ahead."),
    ],
    ids=["no visit", "above 1", "below 0", "nan", "word", "no model", "our name", "no moment", "no offset", "ahead"],
)
def test_wrong_row_is_named_by_line_and_column(line, column, sentence):
    rows, errors = read("V0,0.1,acme,2026-11-24T05:00:00Z", line)

    assert ([row.visit for row in rows], [(one.line, one.column, one.sentence) for one in errors]) == (
        ["V0"],
        [(3, column, sentence)],
    )


def test_senders_clock_may_be_a_little_ahead():
    rows, _ = read("V1,0.3,acme,2026-11-24T15:46:00Z")

    assert rows[0].scored_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"visit,score\nV1,0.3\n", "Columns missing: model, scored_at."),
        (f"{HEAD},name\n".encode(), "Columns are only these, each once: "),
        (f"{HEAD}\n".encode(), "Give 1 to 20,000 lines below the names of the columns."),
        (b"\xff\xfe\x00", "Save the file as UTF-8."),
        (f"{HEAD}\nV1,0.3,acme,2026-11-24T05:00:00Z,more\n".encode(), "A line has more cells than there are columns."),
        (b"x" * (MOST_BYTES + 1), "The file is larger than 4 MB."),
    ],
    ids=["missing", "unknown", "empty", "bytes", "cells", "size"],
)
def test_table_that_cannot_be_read_is_refused_whole(body, sentence):
    with pytest.raises(InvalidActError, match=sentence):
        read_scores(body, NOW)
