"""Two revisions side by side, and two people's edits of one."""

import pytest

from scheduling.mapping.comparing import Comparison, Difference, Whose, compare_rows, compare_three
from tests.support.revisions import leads, reason, rule

BOOKED = rule(filler_status="Booked")
ANYWHERE = rule("cancelled", filler_status="X")
AT_HEART = rule("missed", filler_status="X", clinic="heart")
SILENT = rule("missed", filler_status="X", event_reason="")


def test_rows_are_told_apart_by_clinic_and_signals_where_any_is_not_nothing():
    compared = compare_rows([ANYWHERE], [ANYWHERE, AT_HEART, SILENT])

    assert compared == Comparison(added=(SILENT, AT_HEART), removed=(), changed=(), unchanged=1)


def test_a_changed_row_names_its_columns_with_both_values():
    new = rule("missed", filler_status="Booked", counts_as_missed=True)

    compared = compare_rows([BOOKED, reason("A", text="Old")], [reason("A", text="New"), new])

    assert [row.differences for row in compared.changed] == [
        (Difference("status", "booked", "missed"), Difference("counts_as_missed", old=False, new=True)),
        (Difference("text", "Old", "New"),),
    ]
    assert (compared.added, compared.removed, compared.unchanged, compared.is_same) == ((), (), 0, False)


def test_other_signals_are_a_removed_and_an_added_row():
    moved = rule(filler_status="booked")

    compared = compare_rows([BOOKED, leads("", "status")], [moved, leads("", "status")])

    assert (compared.added, compared.removed, compared.unchanged) == ((moved,), (BOOKED,), 1)


def test_a_trigger_and_a_reason_of_one_name_are_two_rows():
    compared = compare_rows([reason("S15")], [leads("S15", "trigger")])

    assert (compared.added, compared.removed) == ((leads("S15", "trigger"),), (reason("S15"),))


def test_the_order_of_rows_says_nothing():
    rows = [SILENT, AT_HEART, ANYWHERE, BOOKED, reason("A"), leads("S15", "status")]

    assert compare_rows(rows, rows[::-1]) == Comparison((), (), (), unchanged=6)
    assert compare_rows(rows, rows[::-1]).is_same


BOOKED_B = rule(filler_status="Booked", remark="b")
MISSED, ARRIVED = rule("missed", filler_status="Booked"), rule("checked_in", filler_status="Booked")


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "whose"),
    [
        (BOOKED, BOOKED, BOOKED, None),
        (BOOKED, BOOKED, MISSED, Whose.MINE),
        (BOOKED, MISSED, BOOKED, Whose.THEIRS),
        (BOOKED, MISSED, MISSED, Whose.EQUAL),
        (BOOKED, MISSED, ARRIVED, Whose.CLASH),
        (None, None, BOOKED, Whose.MINE),
        (None, BOOKED, None, Whose.THEIRS),
        (None, BOOKED, BOOKED, Whose.EQUAL),
        (None, BOOKED, MISSED, Whose.CLASH),
        (BOOKED, BOOKED, None, Whose.MINE),
        (BOOKED, None, BOOKED, Whose.THEIRS),
        (BOOKED, None, None, Whose.EQUAL),
        (BOOKED, None, MISSED, Whose.CLASH),
        (BOOKED, MISSED, None, Whose.CLASH),
    ],
    ids=str,
)
def test_every_edited_row_says_whose_edit_it_is(base, theirs, mine, whose):
    edited = compare_three(*([row] if row else [] for row in (base, theirs, mine)))

    assert [(row.base, row.theirs, row.mine, row.whose) for row in edited] == (
        [(base, theirs, mine, whose)] if whose else []
    )


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "clashes"),
    [
        (BOOKED, MISSED, ARRIVED, ("status",)),
        (BOOKED, MISSED, BOOKED_B, ()),
        (BOOKED, rule("missed", filler_status="Booked", remark="a"), BOOKED_B, ("remark",)),
        (None, MISSED, BOOKED_B, ("status", "remark")),
        (leads("S15", "status"), None, leads("S15", "trigger"), ("leads",)),
    ],
    ids=["one column", "different columns", "one of two", "added twice", "removed against changed"],
)  # fmt: skip
def test_a_clash_names_the_columns_nobody_can_merge(base, theirs, mine, clashes):
    (edited,) = compare_three(*([row] if row else [] for row in (base, theirs, mine)))

    assert (edited.whose, edited.clashes) == (Whose.CLASH, clashes)


def test_edits_of_different_rows_are_told_row_by_row():
    other = reason("A")

    edited = compare_three([BOOKED, ANYWHERE], [BOOKED, ANYWHERE, other], [MISSED, ANYWHERE])

    assert [(row.whose, (row.mine or row.theirs)) for row in edited] == [(Whose.MINE, MISSED), (Whose.THEIRS, other)]
