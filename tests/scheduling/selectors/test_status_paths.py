"""Observed changes of status: counts, medians, scope, order, and what is left out."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from accounts.vocabulary import Role
from scheduling.folding.fold import fold
from scheduling.folding.state import FoldEvent
from scheduling.folding.transitions import is_impossible
from scheduling.models import Appointment, MappedEvent
from scheduling.selectors import status_paths
from scheduling.selectors.status_paths import TooMuchToCountError, Window, bounded_time, examples_of, moves_of
from scheduling.vocabulary import EventKind, MappingOutcome, Outcome, Status, TroubleKind
from tests.support.desk import DAY, HOUR
from tests.support.histories import tell
from tests.support.messages import siu

MONTH = 30 * DAY


@pytest.fixture
def window(desk, person):
    """Make windows: ``window()`` is the whole source's last 30 days."""

    def make(*, since=MONTH, clinic=None, user=None):
        return Window(desk.source, user or person(Role.MAPPING), desk.now - since, clinic)

    return make


def counts(moves):
    return {(move.before, move.after): move.count for move in moves}


def test_counts_medians_and_shares_of_a_known_history(desk, window):
    for number, hours in enumerate((10, 20, 30, 40), start=1):
        tell(desk, f"V{number}", [(5 * DAY, "booked"), (5 * DAY - hours * HOUR, "confirmed")])
    tell(desk, "V5", [(5 * DAY, "booked"), (2 * DAY, "cancelled")])

    moves = moves_of(window())

    assert counts(moves) == {(None, "booked"): 5, ("booked", "confirmed"): 4, ("booked", "cancelled"): 1}
    confirmed = next(move for move in moves if move.after == "confirmed")
    # Between 20 and 30 h, and nine tenths of the way from the first to the fourth.
    assert [confirmed.median, confirmed.slow] == pytest.approx([25 * 3600, 37 * 3600])
    assert confirmed.share == 0.8
    assert (confirmed.first_at, confirmed.last_at) == (desk.now - 5 * DAY + 10 * HOUR, desk.now - 5 * DAY + 40 * HOUR)
    first = next(move for move in moves if move.before is None)
    assert (first.median, first.slow, first.share) == (None, None, 1)


def test_time_is_counted_from_when_the_earlier_status_began(desk, window):
    tell(desk, "V1", [(4 * DAY, "booked"), (3 * DAY, "booked"), (2 * DAY, None), (DAY, "confirmed")])

    moves = moves_of(window())

    assert counts(moves) == {(None, "booked"): 1, ("booked", "confirmed"): 1}
    assert next(move.median for move in moves if move.after == "confirmed") == 3 * 86400


def test_a_time_given_without_a_status_books_the_visit(desk, window):
    tell(desk, "V1", [(3 * DAY, "confirmed")])
    tell(desk, "V2", [(3 * DAY, None)], kind=EventKind.CREATED)
    MappedEvent.objects.filter(appointment=tell(desk, "V3", [(3 * DAY, "confirmed"), (DAY, None)]), status=None).update(
        kind=EventKind.RESCHEDULED
    )

    assert counts(moves_of(window())) == {(None, "confirmed"): 2, (None, "booked"): 1, ("confirmed", "booked"): 1}


def test_what_began_before_the_window_is_no_first_word(desk, window):
    tell(desk, "V1", [(40 * DAY, "booked"), (35 * DAY, "confirmed"), (DAY, "checked_in")])
    tell(desk, "V2", [(40 * DAY, "booked"), (DAY, "booked")])

    moves = moves_of(window())

    assert counts(moves) == {("confirmed", "checked_in"): 1}
    assert moves[0].median == 34 * 86400


def test_events_of_one_time_stand_in_the_order_of_their_keys(desk, window):
    tell(desk, "V1", [(DAY, "booked"), (DAY, "confirmed"), (DAY, "checked_in")])

    moves = moves_of(window())

    assert counts(moves) == {(None, "booked"): 1, ("booked", "confirmed"): 1, ("confirmed", "checked_in"): 1}
    assert {move.median for move in moves} == {None, 0}


def test_held_events_are_left_out_and_late_ones_are_not(desk, window):
    visit = tell(desk, "V1", [(4 * DAY, "booked"), (3 * DAY, "missed"), (2 * DAY, "confirmed"), (DAY, "checked_in")])
    events = MappedEvent.objects.filter(appointment=visit)
    events.filter(status="missed").update(outcome=Outcome.HELD, mapping=MappingOutcome.CONFLICT)
    events.filter(status="confirmed").update(outcome=Outcome.SUPERSEDED)

    assert counts(moves_of(window())) == {
        (None, "booked"): 1,
        ("booked", "confirmed"): 1,
        ("confirmed", "checked_in"): 1,
    }


def test_a_message_sent_twice_counts_once(desk, window):
    booked = siu("S12", visit="V1", at=desk.now - DAY, starts_at=desk.now + DAY)
    desk.take(booked, booked, siu("S15", visit="V1", at=desk.now - HOUR, status="Cancelled"))
    desk.take(booked)

    assert counts(moves_of(window())) == {(None, "booked"): 1, ("booked", "cancelled"): 1}


def test_impossible_changes_come_first_and_are_those_the_fold_holds(desk, window):
    for number in range(3):
        tell(desk, f"V{number}", [(2 * DAY, "booked"), (DAY, "cancelled")])
    tell(desk, "W", [(2 * DAY, "cancelled"), (DAY, "completed"), (HOUR, "booked")])

    moves = moves_of(window())

    assert [(move.before, move.after, move.is_impossible) for move in moves] == [
        ("cancelled", "completed", True),
        ("completed", "booked", True),
        (None, "booked", False),
        ("booked", "cancelled", False),
        (None, "cancelled", False),
    ]


def test_random_histories_give_the_changes_that_the_fold_goes_through(desk, window):
    chance = random.Random(3)
    expected: Counter[tuple[str | None, str]] = Counter()
    impossible = 0
    for number in range(60):
        days = sorted((chance.uniform(0.1, 50) for _ in range(chance.randint(1, 7))), reverse=True)
        told = [(timedelta(days=day), chance.choice(Status.values)) for day in days]
        tell(desk, f"V{number}", told)
        walked = changes(told)
        expected.update((before, after) for ago, before, after in walked if ago <= MONTH)
        held = [ago for ago, before, after in walked if is_impossible(before, after)]
        impossible += sum(ago <= MONTH for ago in held)
        assert has_trouble(desk, told[:2]) == is_impossible(told[0][1], told[:2][-1][1])

    moves = moves_of(window())

    assert counts(moves) == dict(expected)
    assert sum(move.count for move in moves if move.is_impossible) == impossible > 0


def changes(told):
    """(how long ago, before, after) of each change, by a plain walk."""
    before, found = None, []
    for ago, status in told:
        if status != before:
            found.append((ago, before, status))
            before = status
    return found


def has_trouble(desk, told):
    """Whether the fold holds a visit with these events for an impossible change."""
    events = [
        FoldEvent(str(number).encode(), desk.now - ago, desk.now - ago, kind=EventKind.CHANGED, status=status)
        for number, (ago, status) in enumerate(told)
    ]
    return TroubleKind.IMPOSSIBLE_TRANSITION in {trouble.kind for trouble in fold(events).troubles}


def test_scope_and_clinic_narrow_to_the_visits_of_a_clinic(desk, window, person, other_clinic):
    tell(desk, "V1", [(DAY, "booked")])
    tell(desk, "V2", [(DAY, "requested")], clinic="DERM")
    unknown = tell(desk, "V3", [(DAY, "pending")])
    Appointment.objects.filter(pk=unknown).update(clinic=None)
    card, derm = desk.clinics["CARD"], desk.clinics["DERM"]

    def seen(**asked):
        return {move.after for move in moves_of(window(**asked))}

    assert seen() == {"booked", "requested", "pending"}
    assert seen(user=person(Role.MAPPING, source=desk.source)) == {"booked", "requested", "pending"}
    assert seen(user=person(Role.ACCESS, clinic=derm)) == {"requested"}
    assert seen(clinic=card.pk) == {"booked"}
    assert seen(clinic=card.pk, user=person(Role.ACCESS, clinic=derm)) == set()
    assert seen(user=person(Role.MAPPING, source=other_clinic.source)) == set()
    assert seen(user=person()) == set()


def test_another_source_is_not_counted(desk, window, other_source, person):
    tell(desk, "V1", [(DAY, "booked")])

    assert moves_of(Window(other_source, person(Role.MAPPING), desk.now - MONTH)) == []


def test_examples_are_the_newest_visits_each_once_and_bounded(desk, window):
    back_and_forth = tell(
        desk, "V", [(4 * DAY, "booked"), (3 * DAY, "confirmed"), (2 * DAY, "booked"), (HOUR, "confirmed")]
    )
    others = [tell(desk, f"W{n}", [(5 * DAY, "booked"), (DAY + n * HOUR, "confirmed")]) for n in range(25)]

    found = examples_of(window(), "booked", "confirmed")

    assert [example.appointment_id for example in found] == [back_and_forth, *others[:19]]
    assert (found[0].began_at, found[0].at) == (desk.now - 2 * DAY, desk.now - HOUR)


def test_examples_of_a_first_word_have_no_beginning(desk, window):
    visit = tell(desk, "V1", [(DAY, "booked")])

    assert [tuple(example) for example in examples_of(window(), None, "booked")] == [(visit, None, desk.now - DAY)]


def test_a_statement_that_takes_too_long_is_ended_with_a_sentence(db, monkeypatch):
    monkeypatch.setattr(status_paths, "MOST_TIME", timedelta(milliseconds=50))

    with pytest.raises(TooMuchToCountError, match="Choose fewer days"), bounded_time(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")


def test_the_bound_ends_with_its_block(db):
    with bounded_time(), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("8s",)

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("8s",)
