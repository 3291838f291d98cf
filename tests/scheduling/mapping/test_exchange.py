"""A revision as a CSV file: exact both ways, harmless to spreadsheets, strict about everything else."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.mapping.cells import guarded
from scheduling.mapping.errors import ImportRefusedError
from scheduling.mapping.exchange import HEADER, MOST_BYTES, decode, read_revision, write_revision
from scheduling.mapping.rows import PlainRow, Table, ordered
from scheduling.vocabulary import Status
from tests.support.revisions import CLINICS, leads, reason, revisions, rule

HEAD = ",".join(HEADER)
PLAIN = {"table": "rule", "set_by": "person", "initiator_by_reason": "no", "reopens": "yes", "suppresses": "no",
         "counts_as_missed": "no"}  # fmt: skip


def line(**cells):
    """A line of the file: a sound rule about Booked, but for what is given."""
    named = {**PLAIN, "filler_status": "Booked", "status": "booked", **cells}
    out = StringIO()
    csv.writer(out).writerow([named.get(name, "") for name in HEADER])
    return out.getvalue().rstrip()


def text_of(*lines):
    return "\r\n".join([HEAD, *lines, ""])


def refusal(text):
    with pytest.raises(ImportRefusedError) as refused:
        read_revision(text, clinics=CLINICS)
    return [(problem.line, problem.column, problem.text) for problem in refused.value.problems]


@given(revisions())
def test_what_is_written_is_read_back_exactly(rows):
    text = write_revision(rows)

    assert read_revision(decode(text.encode()), clinics=CLINICS) == tuple(ordered(rows))
    assert write_revision(reversed(rows)) == text


@given(revisions())
def test_no_cell_is_a_formula_to_a_spreadsheet(rows):
    cells = [cell for record in csv.reader(StringIO(write_revision(rows)[1:], newline="")) for cell in record]

    assert [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    ] == []


@given(revisions())
def test_semicolons_and_bare_newlines_are_read_too(rows):
    records = csv.reader(StringIO(write_revision(rows)[1:], newline=""))
    out = StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(records)

    assert read_revision(out.getvalue(), clinics=CLINICS) == tuple(ordered(rows))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(A1)", "'=HYPERLINK(A1)"),
        ("-5", "'-5"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        (" =1+1", "' =1+1"),
        ("'quoted", "''quoted"),
        ("(none)", "'(none)"),
        ("007", "'007"),
        ("1E5", "'1E5"),
        ("12/1", "'12/1"),
        ("1234567890123456", "'1234567890123456"),
        ("MAR1", "'MAR1"),
        ("true", "'true"),
        ("22", "22"),
        ("S12", "S12"),
        ("Marked", "Marked"),
        ("Booked", "Booked"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_or_reshape_is_guarded(text, cell):
    assert guarded(text) == cell


def test_any_and_must_be_absent_are_two_different_cells():
    rows = [rule(filler_status="Booked"), rule("missed", filler_status="Booked", event_reason="")]

    (_, any_reason), (_, no_reason) = [
        (row["filler_status"], row["event_reason"]) for row in csv.DictReader(StringIO(write_revision(rows)[1:]))
    ]

    assert (any_reason, no_reason) == ("", "(none)")


def test_every_problem_is_reported_by_line_and_column():
    text = text_of(
        line(status="canceled", reopens="perhaps"),
        line(filler_status="A", clinic="nowhere"),
        "",
        line(filler_status=""),
        line(filler_status="B", note="a\nb*", code="X"),
        line(filler_status="C", status="cancelled", initiator="clinic"),
        "rule,too,short",
        line(table="rules"),
    )

    assert refusal(text) == [
        (2, "status", f"“canceled” is not known here. Write one of: {', '.join(Status.values)}, or leave it empty."),
        (2, "reopens", "Write yes or no."),
        (3, "clinic", "This source has no clinic “nowhere”."),
        (5, "", "A rule must state at least one signal, or it would give every message one meaning."),
        (6, "code", "A rule has no code; leave the cell empty."),
        (8, "status", "A cancellation by the clinic is written as status bumped."),
        (9, "", f"This line has 3 cells, the first line {len(HEADER)}."),
        (10, "table", "Write one of: rule, reason, precedence."),
    ]  # fmt: skip


REASON = {"table": "reason", "filler_status": "", "status": "", "initiator_by_reason": "", "initiator": "patient"}
LEADS = dict.fromkeys([*PLAIN, "filler_status", "status"], "") | {"table": "precedence", "leads": "status"}


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"kind": "cancelled", "status": ""}, "status", "must also say the status"),
        ({"kind": "slot_opened"}, "status", "no event of a visit"),
        ({"status": "bumped"}, "initiator", "clinic's doing"),
        ({"status": "bumped", "initiator": "clinic", "kind": "cancelled"}, "kind", "kind is bumped too"),
        ({"note": "*" * 9}, "note", "at most 8 stars"),
        ({"note": "n" * 101}, "note", "101 characters; at most 100"),
        ({"filler_status": "s" * 201}, "filler_status", "at most 200"),
        ({"trigger": "'"}, "trigger", "blank"),
        ({"remark": "(none)"}, "remark", "apostrophe"),
        ({"remark": "r" * 301}, "remark", "at most 300"),
        ({"set_by": ""}, "set_by", "must not be empty"),
        ({"pack": "redox"}, "pack_row", "belong together"),
        ({"pack_row": "1"}, "pack_row", "belong together"),
        ({"pack": "nix", "pack_row": "1"}, "pack", "no starter pack named nix"),
        ({"pack": "redox", "pack_row": "6"}, "pack", "has no row 6"),
        ({"pack": "redox", "pack_row": "one"}, "pack_row", "whole number"),
        (REASON | {"code": ""}, "code", "must not be empty"),
        (REASON | {"code": "A", "initiator": ""}, "initiator", "must not be empty"),
        (REASON | {"code": "A", "trigger": "S15"}, "trigger", "A reason has no trigger"),
        (LEADS | {"leads": "both"}, "leads", "neither, status, trigger"),
        (LEADS | {"clinic": "nowhere"}, "clinic", "no clinic “nowhere”"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_without_sense_is_refused_in_its_column(cells, column, said):
    ((number, where, text),) = refusal(text_of(line(**cells)))

    assert (number, where) == (2, column)
    assert said in text


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"clinic": "heart"}, "Line 2 is for exactly the same clinic and signals."),
        (REASON | {"code": "A"}, "Line 2 is for exactly the same code."),
        (LEADS, "Line 2 is for exactly the same clinic and trigger."),
    ],
    ids=["rule", "reason", "precedence"],
)
def test_twins_are_refused_whatever_they_say(cells, said):
    assert refusal(text_of(line(**cells), line(filler_status="A") if "code" in cells else "", line(**cells))) == [
        (4, "", said)
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", [(1, name, "This column is missing.") for name in HEADER]),
        (
            HEAD.replace("note,", "notes,"),
            [(1, "notes", "There is no such column."), (1, "note", "This column is missing.")],
        ),
        (f"{HEAD},note", [(1, "note", "This column is there twice.")]),
        (text_of(line(filler_status="a\x00b")), [(2, "", "There is a NUL byte here; text has none.")]),
        ("x" * (MOST_BYTES + 1), [(1, "", "The file is larger than 5 MB.")]),
    ],
    ids=["empty", "unknown column", "column twice", "NUL", "too large"],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(text, problems):
    assert refusal(text) == problems


def test_a_missing_quotation_mark_is_reported_beside_what_came_before():
    problems = refusal(text_of(line(reopens="x"), '"rule,never closed', "more"))

    assert [(number, column) for number, column, _ in problems] == [(2, "reopens"), (3, "")]
    assert "quotation mark" in problems[1][2]


def test_line_numbers_count_line_breaks_inside_cells():
    problems = refusal(text_of(line(remark="one\r\ntwo\nthree"), line(filler_status="A", reopens="x")))

    assert problems == [(5, "reopens", "Write yes or no.")]


def test_at_most_fifty_problems_are_shown_and_all_are_counted():
    with pytest.raises(
        ImportRefusedError, match=r"the file has 60 problems\. Line 2, reopens: Write yes or no\."
    ) as refused:
        read_revision(text_of(*(line(filler_status=str(n), reopens="x") for n in range(60))), clinics=CLINICS)

    assert (len(refused.value.problems), refused.value.total) == (50, 60)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a" * (MOST_BYTES + 1), (1, "", "The file is larger than 5 MB.")),
        ("one\ntwo\nJos\xe9".encode("latin-1"), (3, "", "This is not UTF-8. Save the file as “CSV UTF-8”.")),
        (HEAD.encode("utf-16"), (1, "", "This is not UTF-8. Save the file as “CSV UTF-8”.")),
    ],
    ids=["too large", "Latin-1", "UTF-16"],
)
def test_bytes_that_are_no_text_are_refused(data, problem):
    with pytest.raises(ImportRefusedError) as refused:
        decode(data)

    assert refused.value.problems == (problem,)


def test_columns_may_stand_in_any_order_and_cells_may_be_padded():
    cells = PLAIN | {"status": " booked ", "trigger": " S12 "}
    turned = StringIO()
    csv.writer(turned).writerows([HEADER[::-1], [cells.get(name, "") for name in HEADER[::-1]]])

    assert read_revision(turned.getvalue(), clinics=CLINICS) == (rule("booked", trigger="S12"),)


def test_an_empty_revision_is_a_header():
    assert write_revision([]) == f"\ufeff{HEAD}\r\n"
    assert read_revision(write_revision([]), clinics=()) == ()


def test_rows_of_all_tables_come_back_with_clinic_flags_remark_and_origin():
    rows = (
        rule("cancelled", clinic="heart", filler_status="X", initiator_by_reason=True, remark="=1+1",
             pack="redox", pack_row=1, citation="a, \"b\"\nc"),
        reason("007", text="-late", initiator="patient", set_by="timer", reopens=False, suppresses=True,
               counts_as_missed=True),
        leads("", "status", clinic="skin"),
    )  # fmt: skip

    assert read_revision(write_revision(rows), clinics=CLINICS) == rows


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_precedence_trigger_comes_back_trimmed(text):
    row = PlainRow(Table.PRECEDENCE, (None, text.strip()[:200].strip(), "status"))

    assert read_revision(write_revision([row]), clinics=()) == (row,)
