"""Judging and grouping. No database."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from exceptions.gathering import Member, gather
from exceptions.judging import MAX_RAW, Finding, fingerprint, judge
from exceptions.vocabulary import SubjectKind
from scheduling.folding.change import AppointmentChange, ArrivalFact, BatchChanges
from scheduling.folding.state import AppointmentState, Trouble
from scheduling.vocabulary import Status, TroubleKind

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

troubles = st.builds(
    Trouble,
    st.sampled_from(list(TroubleKind)),
    st.sampled_from(["", "S15 ZZ9", "CAN 08"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
states = st.builds(
    AppointmentState,
    status=st.sampled_from([None, *Status]),
    starts_at=st.sampled_from([None, NOON]),
    clinic_id=st.sampled_from([None, 3, 4]),
    clinic_code=st.sampled_from([None, "IMG"]),
    resource=st.sampled_from([None, "MR2"]),
    visit_type=st.sampled_from([None, "MRKNEE"]),
    patient_id=st.sampled_from([None, 7]),
    said_at=st.just(NOON),
    troubles=st.lists(troubles, max_size=3).map(tuple),
)
histories = st.lists(st.tuples(st.integers(1, 4), states), max_size=12)


def test_no_state_has_no_finding():
    assert judge(1, None) == frozenset()


def test_raw_value_is_cut():
    state = AppointmentState(troubles=(Trouble("unmapped_status", "x" * 999, NOON),))

    assert [finding.raw for finding in judge(1, state)] == ["x" * MAX_RAW]


def test_time_is_no_part_of_what_a_finding_is():
    assert Finding("c", 1, 2, "", at=NOON) == Finding("c", 1, 2, "", at=None)


def test_fingerprint_tells_every_part_apart():
    parts = [
        fingerprint("a", 1, 2, "x"),
        fingerprint("b", 1, 2, "x"),
        fingerprint("a", 2, 2, "x"),
        fingerprint("a", 1, 3, "x"),
        fingerprint("a", 1, None, "x"),
        fingerprint("a", 1, 2, "y"),
        fingerprint("a", 1, 2, "x", 9),
        fingerprint("a", 12, None, "x"),
    ]

    assert len(set(parts)) == len(parts)
    assert {len(part) for part in parts} == {16}


@given(histories)
def test_differences_add_up_to_what_is_wrong_now(history):
    """However states follow each other, the members written are those of the last states (I3)."""
    current: dict[int, AppointmentState] = {}
    members: dict[bytes, set[Member]] = {}
    for subject, state in history:
        change = AppointmentChange(subject, 1, 1, current.get(subject), state, (1,))
        for key, group in gather(BatchChanges(NOON, appointments=[change])).items():
            kept = members.setdefault(key, set())
            assert not kept & set(group.appeared)
            assert group.vanished <= kept
            kept |= set(group.appeared)
            kept -= group.vanished
        current[subject] = state

    expected: dict[bytes, set[Member]] = {}
    for subject, state in current.items():
        for found in judge(1, state):
            key = fingerprint(found.check, 1, found.clinic_id, found.raw)
            expected.setdefault(key, set()).add(Member(SubjectKind.APPOINTMENT, subject, ""))
    assert {key: kept for key, kept in members.items() if kept} == expected


@given(histories)
def test_same_state_twice_brings_nothing(history):
    batch = BatchChanges(NOON, appointments=[AppointmentChange(s, 1, 1, state, state, (1,)) for s, state in history])

    assert gather(batch) == {}


def test_groups_come_sorted_so_that_locks_are_taken_in_one_order():
    arrivals = [ArrivalFact("unreadable_message", 1, 1, None, str(raw), 1, NOON) for raw in range(40)]

    keys = list(gather(BatchChanges(NOON, arrivals=arrivals)))

    assert keys == sorted(keys)


def test_arrivals_are_tallied_by_hour_and_never_in_the_future():
    times = [NOON - timedelta(hours=1, minutes=1), NOON, NOON + timedelta(hours=5)]
    arrivals = [ArrivalFact("batch_count", 1, 1, None, "", number, at) for number, at in enumerate(times)]

    (group,) = gather(BatchChanges(NOON, arrivals=arrivals)).values()

    assert (group.tally.count, group.tally.oldest, group.tally.newest) == (3, times[0], times[2])
    assert group.tally.samples == [0, 1, 2]
    assert dict(group.tally.hours) == {NOON - timedelta(hours=2): 1, NOON: 2}
