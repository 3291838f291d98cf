"""What a set of events says about one visit: facts, statuses, slots left, and what cannot be trusted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduling.folding.fold import fold
from scheduling.folding.order import source_time
from scheduling.folding.slots import MAX_LEFT
from scheduling.folding.state import AppointmentState, LeftSlot, Trouble
from scheduling.vocabulary import EventKind, MappingOutcome, Outcome, Status, TroubleKind

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
START = NINE + timedelta(hours=51)
MINUTE = timedelta(minutes=1)


def kinds(state: AppointmentState) -> list[tuple[str, str]]:
    return [(trouble.kind, trouble.raw) for trouble in state.troubles]


def outcomes(*events) -> list[str]:
    return [event.outcome for event in events]


def test_a_booking_is_the_whole_state(booking):
    assert fold([booking]) == AppointmentState(
        status=Status.BOOKED,
        status_at=NINE,
        starts_at=START,
        minutes=30,
        clinic_id=1,
        clinic_code="CARD",
        resource="OKAFOR",
        visit_type="ECHO",
        patient_id=7,
        booked_at=NINE,
        said_at=NINE,
        heard_at=NINE,
        order_key=booking.order_key,
        events=1,
    )
    assert booking.outcome == Outcome.APPLIED


def test_no_events_leave_the_base_as_it_is(booking):
    base = fold([booking])

    assert fold([], base) == base
    assert fold([]) == AppointmentState()


def test_base_is_not_changed_in_place(booking, event):
    base = fold([booking])
    before = fold([booking])

    fold([event(1, Status.CANCELLED)], base)

    assert base == before


def test_what_an_event_does_not_say_stays(booking, event):
    state = fold([booking, event(1, room="R4")])

    assert (state.status, state.starts_at, state.room, state.minutes) == (Status.BOOKED, START, "R4", 30)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"room": ""}, "room"),
        ({"visit_type": ""}, "visit_type"),
        ({"cleared": frozenset({"minutes"})}, "minutes"),
        ({"cleared": frozenset({"starts_at"})}, "starts_at"),
    ],
    ids=["empty room", "empty type", "cleared minutes", "cleared start"],
)
def test_explicit_null_empties_a_fact(booking, event, said, name):
    booking.room = "R4"

    assert getattr(fold([booking, event(1, **said)]), name) is None


def test_cleared_names_of_other_fields_are_left_alone(booking, event):
    assert fold([booking, event(1, cleared=frozenset({"status", "patient_id"}))]).patient_id == 7


def test_earlier_event_does_not_overwrite_a_newer_one(booking, event):
    late = event(-5, Status.CANCELLED, room="R9")

    state = fold([booking, late])

    assert (state.status, state.room, state.booked_at) == (Status.BOOKED, "R9", NINE - 5 * MINUTE)


def test_same_event_twice_counts_once(booking):
    twin = type(booking)(**{name: getattr(booking, name) for name in booking.__slots__})
    twin.received_at = NINE + MINUTE

    state = fold([twin, booking])

    assert (state.events, state.heard_at) == (1, NINE)
    assert outcomes(booking, twin) == [Outcome.APPLIED, Outcome.DUPLICATE]


def test_events_up_to_the_floor_are_superseded(booking, event):
    cancelled, confirmed = event(1, Status.CANCELLED), event(2, Status.CONFIRMED)

    state = fold([cancelled, confirmed], fold([booking]), floor=cancelled.order_key)

    assert outcomes(cancelled, confirmed) == [Outcome.SUPERSEDED, Outcome.APPLIED]
    assert (state.status, state.events, state.troubles) == (Status.CONFIRMED, 3, ())


@pytest.mark.parametrize(
    ("mapping", "kind"),
    [
        (MappingOutcome.UNMAPPED, TroubleKind.UNMAPPED),
        (MappingOutcome.AMBIGUOUS, TroubleKind.AMBIGUOUS),
        (MappingOutcome.CONFLICT, TroubleKind.CONFLICT),
    ],
)
def test_status_without_a_certain_meaning_holds_the_visit(booking, event, mapping, kind):
    odd = event(1, mapping=mapping, raw="S15 ZZ9", starts_at=START + timedelta(days=1), room="R9")

    state = fold([booking, odd])

    assert odd.outcome == Outcome.HELD
    assert state.troubles == (Trouble(kind, "S15 ZZ9", NINE + MINUTE),)
    assert (state.status, state.starts_at, state.room) == (Status.BOOKED, START, "R9")


def test_later_certain_event_does_not_end_a_hold_for_meaning(booking, event):
    """I4: the unmapped event may have been the cancellation; only a person can say."""
    state = fold([booking, event(1, mapping=MappingOutcome.UNMAPPED, raw="ZZ9"), event(2, Status.CONFIRMED)])

    assert kinds(state) == [(TroubleKind.UNMAPPED, "ZZ9")]


def test_two_events_with_one_unmapped_code_are_one_trouble_dated_by_the_first(booking, event):
    odd = [event(minute, mapping=MappingOutcome.UNMAPPED, raw="ZZ9") for minute in (1, 2)]

    assert fold([booking, *odd]).troubles == (Trouble(TroubleKind.UNMAPPED, "ZZ9", NINE + MINUTE),)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(timedelta(minutes=5), []), (timedelta(minutes=5, microseconds=1), [(TroubleKind.AHEAD, "")])],
    ids=["five minutes", "a moment more"],
)
def test_source_time_more_than_five_minutes_ahead_is_held(booking, event, ahead, expected):
    early = event(10, Status.CANCELLED, received_at=NINE + 10 * MINUTE - ahead)

    state = fold([booking, early])

    assert kinds(state) == expected
    assert state.status == (Status.BOOKED if expected else Status.CANCELLED)
    assert early.outcome == (Outcome.HELD if expected else Outcome.APPLIED)


def test_news_outdates_a_source_time_ahead(booking, event):
    early = event(10, Status.CANCELLED, received_at=NINE)

    assert kinds(fold([booking, early, event(11, Status.CONFIRMED)])) == []
    assert kinds(fold([booking, early, event(11, room="R2")])) == [(TroubleKind.AHEAD, "")]
    assert kinds(fold([booking, early, event(9, Status.CONFIRMED)])) == [(TroubleKind.AHEAD, "")]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"status": Status.CANCELLED}, {"status": Status.CONFIRMED}, True),
        ({"starts_at": START}, {"starts_at": START + MINUTE}, True),
        ({"status": Status.CONFIRMED}, {"status": Status.CONFIRMED}, False),
        ({"status": Status.CANCELLED}, {"room": "R2"}, False),
        ({"room": "R1"}, {"room": "R2"}, False),
        ({"status": Status.CANCELLED, "sequence": 1}, {"status": Status.CONFIRMED, "sequence": 2}, False),
        ({"status": Status.CANCELLED, "sequence": 1}, {"status": Status.CONFIRMED}, True),
        ({"status": Status.CANCELLED, "sequence": 1}, {"status": Status.CONFIRMED, "sequence": 1}, True),
        ({"status": Status.CANCELLED}, {"kind": EventKind.RESCHEDULED}, True),
        ({"status": Status.BOOKED}, {"kind": EventKind.RESCHEDULED}, False),
        ({"resource": "LIU"}, {"resource": "OKAFOR"}, True),
        ({"status": Status.CANCELLED}, {"mapping": MappingOutcome.UNMAPPED, "raw": "ZZ9"}, None),
    ],
    ids=[
        "statuses",
        "starts",
        "same status",
        "one says nothing",
        "only rooms",
        "numbered",
        "one numbered",
        "same number",
        "cancelled and moved",
        "booked and moved",
        "resources",
        "unmapped",
    ],
)
def test_events_of_one_moment_that_nothing_orders_and_that_disagree_are_held(booking, event, one, other, expected):
    state = fold([booking, event(1, **one), event(1, **other)])

    found = [kind for kind, _ in kinds(state)]
    assert (TroubleKind.EQUAL_TIME in found) is bool(expected)


def test_events_a_microsecond_apart_do_not_disagree(booking, event):
    first, second = event(1, Status.CONFIRMED), event(1, Status.CANCELLED)
    second.source_at += timedelta(microseconds=1)
    second.order_key = (int.from_bytes(second.order_key[:8]) + 1).to_bytes(8) + second.order_key[8:]

    assert source_time(second.order_key) == second.source_at
    assert kinds(fold([booking, first, second])) == []


def test_news_about_the_status_settles_a_disagreement(booking, event):
    torn = [event(1, Status.CONFIRMED), event(1, Status.CANCELLED)]

    assert kinds(fold([booking, *torn])) == [(TroubleKind.EQUAL_TIME, "")]
    assert kinds(fold([booking, *torn, event(2, Status.BOOKED)])) == []


def test_numbers_order_events_of_one_moment(booking, event):
    second, first = event(1, Status.CANCELLED, sequence=2), event(1, Status.CONFIRMED, sequence=1)

    assert fold([booking, second, first]).status == Status.CANCELLED


def test_impossible_change_is_held_until_a_possible_one(booking, event):
    done, missed = event(1, Status.COMPLETED), event(2, Status.MISSED)

    state = fold([booking, done, missed])

    assert kinds(state) == [(TroubleKind.IMPOSSIBLE_TRANSITION, "completed to missed")]
    assert kinds(fold([booking, done, missed, event(3, Status.BOOKED)])) == []


def test_one_id_for_two_patients_is_held(booking, event):
    other = event(1, patient_id=8)

    state = fold([booking, other])

    assert (state.patient_id, kinds(state)) == (8, [(TroubleKind.REUSED_ID, "")])


@pytest.mark.parametrize(
    "aliases", [{7: 8}, {8: 7}, {7: 9, 8: 9}], ids=["old into new", "new into old", "into a third"]
)
def test_merged_patients_are_one(booking, event, aliases):
    assert fold([booking, event(1, patient_id=8)], aliases=aliases).troubles == ()


def test_latest_change_of_person_dates_the_reuse(booking, event):
    """So that a merge of the records before it cannot change the picture."""
    events = [booking, event(1, patient_id=8), event(2, patient_id=9)]

    assert fold(events).troubles == (Trouble(TroubleKind.REUSED_ID, "", NINE + 2 * MINUTE),)
    assert fold(events, aliases={7: 8}) == fold(events)


def test_event_without_a_patient_changes_none(booking, event):
    assert fold([booking, event(1, room="R1")]).patient_id == 7


def test_clinic_nobody_knows_is_held_until_one_is_named(booking, event):
    lost = event(1, clinic_code="NEW", clinic_id=None)

    assert kinds(fold([booking, lost])) == [(TroubleKind.UNKNOWN_CLINIC, "NEW")]
    assert fold([booking, lost]).clinic_id is None
    assert kinds(fold([booking, lost, event(2, room="R1")])) == [(TroubleKind.UNKNOWN_CLINIC, "NEW")]
    assert kinds(fold([booking, lost, event(2, clinic_code="CARD", clinic_id=1)])) == []


def test_start_that_happens_twice_or_never_is_held_until_a_certain_one(booking, event):
    unsure = event(1, has_bad_start=True)

    assert kinds(fold([booking, unsure])) == [(TroubleKind.AMBIGUOUS_LOCAL_TIME, "")]
    assert kinds(fold([booking, unsure, event(2, Status.CONFIRMED)])) == [(TroubleKind.AMBIGUOUS_LOCAL_TIME, "")]
    assert kinds(fold([booking, unsure, event(2, starts_at=START)])) == []


def left(cause: EventKind, minute: int, starts_at: datetime = START) -> LeftSlot:
    fields: dict[str, Any] = {"clinic_id": 1, "visit_type": "ECHO", "initiator": None}
    return LeftSlot("OKAFOR", starts_at, 30, cause=cause, vacated_at=NINE + minute * MINUTE, **fields)


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (Status.CANCELLED, EventKind.CANCELLED),
        (Status.BUMPED, EventKind.BUMPED),
        (Status.ENTERED_IN_ERROR, EventKind.DELETED),
    ],
)
def test_visit_given_up_leaves_its_slot(booking, event, status, cause):
    assert fold([booking, event(1, status)]).left == (left(cause, 1),)


@pytest.mark.parametrize("status", [Status.MISSED, Status.COMPLETED, Status.CONFIRMED, Status.LEFT_UNSEEN])
def test_visit_that_was_not_given_up_leaves_no_slot(booking, event, status):
    assert fold([booking, event(1, status)]).left == ()


def test_moved_visit_leaves_its_old_slot_and_back_takes_it_again(booking, event):
    there = event(1, kind=EventKind.RESCHEDULED, starts_at=START + MINUTE)
    back = event(2, kind=EventKind.RESCHEDULED, starts_at=START)

    assert fold([booking, there]).left == (left(EventKind.RESCHEDULED, 1),)
    assert fold([booking, there, back]).left == (left(EventKind.RESCHEDULED, 2, START + MINUTE),)


def test_cancellation_that_names_another_time_leaves_both(booking, event):
    state = fold([booking, event(1, Status.CANCELLED, starts_at=START + MINUTE)])

    assert state.left == (left(EventKind.RESCHEDULED, 1), left(EventKind.CANCELLED, 1, START + MINUTE))


def test_booking_anew_takes_the_slot_again(booking, event):
    assert fold([booking, event(1, Status.CANCELLED), event(2, Status.BOOKED)]).left == ()


def test_first_heard_of_as_cancelled_leaves_its_slot(booking, event):
    booking.status, booking.kind = Status.CANCELLED, EventKind.CANCELLED

    assert fold([booking]).left == (left(EventKind.CANCELLED, 0),)


def test_visit_without_a_resource_leaves_nothing(booking, event):
    booking.resource = None

    assert fold([booking, event(1, Status.CANCELLED)]).left == ()


def test_only_the_last_slots_left_are_kept(booking, event):
    moves = [event(n, kind=EventKind.RESCHEDULED, starts_at=START + n * MINUTE) for n in range(1, MAX_LEFT + 4)]

    kept = fold([booking, *moves]).left

    assert len(kept) == MAX_LEFT
    assert [slot.starts_at for slot in kept] == [START + n * MINUTE for n in range(3, MAX_LEFT + 3)]


def test_moved_visit_stands_again_as_booked(booking, event):
    moved = event(2, kind=EventKind.RESCHEDULED, starts_at=START + MINUTE)

    assert fold([booking, event(1, Status.CONFIRMED), moved]).status == Status.BOOKED


def test_reason_and_initiator_belong_to_the_status(booking, event):
    gone = event(1, Status.CANCELLED, initiator="patient", reason_code="PT01", reason_text="Conflict", reason_flags=1)

    state = fold([booking, gone, event(2, Status.BOOKED)])

    assert (state.initiator, state.reason_code, state.reason_text, state.reason_flags) == (None, None, None, 0)
