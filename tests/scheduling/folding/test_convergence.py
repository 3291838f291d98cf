"""The fold depends on the set of events alone (I3), and what was folded may be folded on."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from scheduling.folding.fold import fold
from scheduling.folding.order import order_key
from scheduling.folding.state import AppointmentState, FoldEvent, LeftSlot, Trouble
from scheduling.vocabulary import EventKind, MappingOutcome, Status

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STARTS = [NINE + timedelta(hours=hours) for hours in (4, 5, 50)]


@st.composite
def fold_events(draw: st.DrawFn) -> FoldEvent:
    at = NINE + draw(st.integers(0, 4)) * MINUTE
    sequence = draw(st.sampled_from([None, None, None, 1, 2]))
    digest = blake2b(draw(st.binary(max_size=2)), digest_size=16).digest()
    mapping = draw(st.sampled_from([*[MappingOutcome.MAPPED] * 5, *MappingOutcome]))
    is_mapped = mapping == MappingOutcome.MAPPED
    clinic = draw(st.sampled_from([(None, None), ("CARD", 1), ("DERM", 2), ("NEW", None)]))
    return FoldEvent(
        order_key(at, sequence, "", digest),
        at,
        at + draw(st.sampled_from([timedelta(0), MINUTE, -5 * MINUTE, -6 * MINUTE])),
        mapping,
        kind=draw(st.sampled_from([None, EventKind.CHANGED, EventKind.CREATED, EventKind.RESCHEDULED])),
        status=draw(st.sampled_from([None, *Status])) if is_mapped else None,
        raw="" if is_mapped else draw(st.sampled_from(["ZZ9", "ZZ8"])),
        starts_at=draw(st.sampled_from([None, *STARTS])),
        minutes=draw(st.sampled_from([None, 20, 30])),
        clinic_code=clinic[0],
        clinic_id=clinic[1],
        room=draw(st.sampled_from([None, "R1", ""])),
        resource=draw(st.sampled_from([None, "OKAFOR", "LIU", ""])),
        patient_id=draw(st.sampled_from([None, 7, 8, 9])),
        cleared=draw(st.sampled_from([frozenset(), frozenset({"starts_at"}), frozenset({"minutes"})])),
        has_bad_start=draw(st.sampled_from([False, False, False, True])),
    )


def distinct(events: list[FoldEvent]) -> list[FoldEvent]:
    """One event per key: two messages with one digest say the same."""
    return list({event.order_key: event for event in events}.values())


several = st.lists(fold_events(), max_size=9).map(distinct)
aliases = st.sampled_from([{}, {7: 8}, {8: 7}, {7: 9, 8: 9}])


@given(several, aliases, st.data())
def test_any_permutation_and_repetition_gives_the_same_state(events, same_person, data):
    again = data.draw(st.lists(st.sampled_from(events), max_size=3)) if events else []
    shuffled = data.draw(st.permutations([*events, *again]))

    assert fold(shuffled, aliases=same_person) == fold(events, aliases=same_person)


@given(several, aliases, st.integers(0, 5))
def test_folding_on_equals_folding_all(events, same_person, minute):
    old = [event for event in events if event.source_at < NINE + minute * MINUTE]
    new = [event for event in events if event.source_at >= NINE + minute * MINUTE]

    folded_on = fold(new, fold(old, aliases=same_person), aliases=same_person)

    assert folded_on == fold(events, aliases=same_person)


@given(several)
def test_merge_of_strangers_changes_nothing(events):
    assert fold(events, aliases={1: 2}) == fold(events)


@given(several)
def test_every_event_has_an_outcome(events):
    fold(events)

    assert {event.outcome for event in events} <= {"applied", "held"}


@given(several)
def test_troubles_and_slots_come_back_as_they_were_stored(events):
    state: AppointmentState = fold(events)

    assert tuple(Trouble.load(trouble.dump()) for trouble in state.troubles) == state.troubles
    assert tuple(LeftSlot.load(slot.dump()) for slot in state.left) == state.left


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_moment_comes_back_to_the_microsecond(at):
    trouble = Trouble("unmapped_status", "ZZ9", at)

    assert Trouble.load(trouble.dump()) == trouble
