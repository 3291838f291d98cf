"""Patient records as registers: order, repetition and batching of statements change nothing (I3)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.facts import ContactPointFact, PatientFact
from scheduling.folding.order import order_key
from scheduling.patients.merge import get, merge, merge_edge, pack, stated, unpack
from scheduling.patients.state import ASPECTS, BIT, PatientState

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
KEYS = [order_key(NINE + timedelta(minutes=minute), None, f"C{minute}", b"d" * 16) for minute in range(6)]
VALUES = {
    "name": st.sampled_from([("Quill", "Ada"), ("Okoro", ""), ("", "")]),
    "born_on": st.sampled_from([None, date(1980, 1, 2)]),
    "phones_home": st.sampled_from([[], [["phone", "home", "3125550142", None, None]]]),
    "death": st.sampled_from([(False, None), (True, NINE), (True, None)]),
    "vip": st.sampled_from(["", "Y"]),
    "identifiers": st.sampled_from([[["SSA", "SS", "1"]], [["SSA", "SS", "2"]]]),
}
# One key stands for one message, which says one thing.
statements = st.dictionaries(
    st.sampled_from(KEYS), st.fixed_dictionaries({}, optional=VALUES).filter(bool), min_size=1, max_size=6
).map(lambda said: list(said.items()))


def all_of(said) -> PatientState:
    state = PatientState()
    for key, values in said:
        state = merge(state, values, key).state
    return state


@given(statements, st.data())
def test_any_order_and_repetition_gives_the_same_record(said, data):
    again = data.draw(st.lists(st.sampled_from(said), max_size=4))

    assert all_of(data.draw(st.permutations([*said, *again]))) == all_of(said)


@given(statements)
def test_newest_statement_of_each_aspect_wins(said):
    state = all_of(said)

    for aspect in VALUES:
        newest = max(((key, values[aspect]) for key, values in said if aspect in values), default=None)
        assert newest is None or get(state, aspect) == newest[1]


@given(statements)
def test_first_statement_makes_what_merging_into_nothing_makes(said):
    key, values = said[0]

    assert merge(None, values, key).state == merge(PatientState(), values, key).state


@given(st.lists(st.tuples(st.integers(1, 2**15 - 1), st.binary(max_size=300)), max_size=5))
def test_entries_come_back_as_they_were_packed(entries):
    assert unpack(pack(entries)) == entries


@given(statements)
def test_entries_are_newest_first_and_name_each_aspect_once(said):
    entries = unpack(all_of(said).as_of)

    assert [key for _, key in entries] == sorted((key for _, key in entries), reverse=True)
    assert sum(mask for mask, _ in entries) == sum({BIT[aspect] for _, values in said for aspect in values})


def test_merge_says_what_changed_and_what_was_old_news():
    state = merge(PatientState(), {"name": ("Quill", "Ada"), "vip": ""}, KEYS[2]).state

    merged = merge(state, {"name": ("Old", "Name"), "sex": "F"}, KEYS[1])

    assert (merged.changed, merged.outdated) == (("sex",), ("name",))
    assert (merged.state.family, merged.state.sex) == ("Quill", "F")


def test_same_value_said_again_later_is_no_change_but_moves_the_clock():
    state = merge(PatientState(), {"vip": "Y"}, KEYS[1]).state

    merged = merge(state, {"vip": "Y"}, KEYS[3])

    assert (merged.changed, merged.outdated) == ((), ())
    assert merge(merged.state, {"vip": ""}, KEYS[2]).state.vip == "Y"


def test_aspects_keep_their_places():
    """The bits are stored: a name may be added at the end, never moved."""
    assert ASPECTS[:5] == ("name", "born_on", "sex", "language", "zone")
    assert len(ASPECTS) == 15


def test_stated_leaves_out_what_a_message_does_not_say():
    assert stated(PatientFact("NSD", "N-1")) == {}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({"family": "Quill"}, {"name": ("Quill", "")}),
        ({"given": ""}, {"name": ("", "")}),
        ({"born_on": date(1980, 1, 2)}, {"born_on": date(1980, 1, 2)}),
        ({"cleared": frozenset({"born_on"})}, {"born_on": None}),
        ({"died": True}, {"death": (True, None)}),
        ({"died": False}, {"death": (False, None)}),
        ({"died_at": NINE}, {"death": (True, NINE)}),
        ({"cleared": frozenset({"died_at"})}, {"death": (False, None)}),
        ({"phones_home": ()}, {"phones_home": []}),
        (
            {"phones_work": (ContactPointFact("phone", "312", "work", 1, date(2027, 1, 1)),)},
            {"phones_work": [["phone", "work", "312", 1, "2027-01-01"]]},
        ),
        ({"identifiers": (("SSA", "SS", "1"),)}, {"identifiers": [["SSA", "SS", "1"]]}),
        ({"vip": ""}, {"vip": ""}),
    ],
    ids=["family", "empty given", "birth", "cleared birth", "died", "lives", "died at", "cleared death", "no phones",
         "a phone with an end", "identifiers", "empty vip"],
)  # fmt: skip
def test_stated_gives_what_a_message_says(fact, expected):
    assert stated(PatientFact("NSD", "N-1", **fact)) == expected


@given(st.permutations([(KEYS[1], 1), (KEYS[2], 2), (KEYS[3], 3), (KEYS[3], 3)]))
def test_newest_merge_wins_in_any_order(edges):
    state = PatientState()
    for key, survivor in edges:
        state = merge_edge(state, survivor, key)

    assert (state.merged_into, state.merge_key) == (3, KEYS[3])
