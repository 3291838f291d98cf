"""One act on many exceptions, and taking it back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.models import Act, History, IntegrationException, Spell
from exceptions.services.act_on_many import MOST_AT_ONCE, UNDO_WITHIN, act
from exceptions.services.move_exception import Order, move_exception
from exceptions.services.take_next import take_next
from exceptions.services.undo_act import undo
from exceptions.vocabulary import Hours, State, Target, Verb
from tests.support.escalation import on_duty, opening_hours, policy, step

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOON = timedelta(seconds=30)
KEPT = (
    "state", "owner_id", "owner_team_id", "taken_at", "taken_until", "muted_at", "muted_until", "waived_until",
    "resolved_at", "opened_at", "spell_no", "next_step_at", "next_step_no",
)  # fmt: skip


@pytest.fixture
def counted(run, arrival, people):
    """Three exceptions that hold nothing."""
    run(*(arrival("unreadable_message", raw) for raw in ("one", "two", "three")))
    return list(IntegrationException.objects.order_by("raw"))


@pytest.fixture
def held(run, change, booked, people):
    run(change(1, booked(("unmapped_status", "S15 ZZ9"))))
    return IntegrationException.objects.get(check_id="unmapped_status")


def facts(exceptions):
    rows = IntegrationException.objects.filter(pk__in=[one.pk for one in exceptions]).order_by("pk")
    return [tuple(getattr(row, name) for name in KEPT) for row in rows]


def outcomes(done):
    return [(outcome[1], outcome[2]) for outcome in done.outcomes]


ORDERS = {
    Verb.TAKE: Order(),
    Verb.ASSIGN: Order(),
    Verb.MUTE: Order(reason="Wait", until=NOON + HOUR),
    Verb.WAIVE: Order(reason="Known", until=NOON + HOUR),
    Verb.RESOLVE: Order(reason="Fixed"),
    Verb.COMMENT: Order(reason="Asked the vendor"),
}


def order_of(verb, people):
    return Order(owner=people.ruth) if verb == Verb.ASSIGN else ORDERS[verb]


@pytest.mark.parametrize("verb", ORDERS)
def test_an_act_moves_each_as_one_move_does(counted, people, verb):
    move_exception(counted[0], verb, order_of(verb, people), actor=people.ruth, now=NOON)

    done = act(counted[1:], verb, order_of(verb, people), actor=people.ruth, now=NOON)

    first, *others = facts(counted)
    assert others == [first, first]
    assert (done.asked, done.done, outcomes(done)) == (2, 2, [("done", ""), ("done", "")])
    assert History.objects.filter(verb=verb, actor=people.ruth).count() == 3


@pytest.mark.parametrize("verb", [Verb.RELEASE, Verb.ASSIGN], ids=["a plan goes on within hours", "a team gets it"])
def test_statements_do_not_grow_with_the_rows(run, change, booked, people, place, verb):
    opening_hours(place.imaging)
    on_duty(place.teams["it"], people.milo)
    policy(step(HOUR, Target.DUTY, Hours.CLINIC))
    run(*(change(number, booked(("unmapped_status", f"ZZ{number}"))) for number in range(12)))
    taken = list(IntegrationException.objects.order_by("id"))
    act(taken, Verb.TAKE, Order(), actor=people.ruth, now=NOON)
    taken = list(IntegrationException.objects.order_by("id"))

    numbers = []
    for some in (taken[:2], taken[2:]):
        with CaptureQueriesContext(connection) as captured:
            act(some, verb, Order(team=place.teams["it"]), actor=people.ruth, now=NOON)
        numbers.append(len(captured))

    assert numbers[0] == numbers[1]
    assert IntegrationException.objects.filter(state=State.OPEN, owner=None).count() == 12


def test_one_refusal_stops_no_other_and_says_why(counted, held, people):
    done = act([held, *counted], Verb.RESOLVE, Order(reason="Fixed"), actor=people.milo, now=NOON)

    assert outcomes(done) == [
        ("refused", "1 visit is still held. It can be closed once the cause is gone."),
        ("done", ""),
        ("done", ""),
        ("done", ""),
    ]
    assert (done.asked, done.done) == (4, 3)
    held.refresh_from_db()
    assert held.state == State.OPEN


def test_what_somebody_moved_since_it_was_seen_is_refused(counted, people):
    seen = [IntegrationException.objects.get(pk=one.pk) for one in counted]
    move_exception(counted[1], Verb.TAKE, actor=people.imani, now=NOON)

    done = act(seen, Verb.TAKE, Order(), actor=people.ruth, now=NOON)

    assert [outcome[1] for outcome in done.outcomes] == ["done", "refused", "done"]
    assert "moved this exception meanwhile" in done.outcomes[1][2]
    counted[1].refresh_from_db()
    assert counted[1].owner == people.imani


def test_one_exception_that_lacks_something_is_invalid(counted, people):
    with pytest.raises(InvalidMoveError, match="Write a few words"):
        act(counted[:1], Verb.RESOLVE, Order(), actor=people.ruth, now=NOON)
    assert Act.objects.count() == 0


def test_more_than_may_be_moved_at_once_is_refused(counted, people):
    with pytest.raises(ValueError, match="At most 500"):
        act(counted[:1] * (MOST_AT_ONCE + 1), Verb.TAKE, Order(), actor=people.ruth, now=NOON)


@pytest.mark.parametrize("verb", [verb for verb in ORDERS if verb != Verb.COMMENT])
def test_undo_puts_everything_back_under_a_new_version(counted, people, verb):
    before = facts(counted)
    done = act(counted, verb, order_of(verb, people), actor=people.ruth, now=NOON)

    undone = undo(done, actor=people.ruth, now=NOON + SOON)

    assert facts(counted) == before
    assert (undone.verb, undone.done) == (Verb.UNDO, 3)
    assert set(IntegrationException.objects.values_list("version", flat=True)) == {3}
    assert History.objects.filter(verb=Verb.UNDO, actor=people.ruth).count() == 3
    assert AuditEntry.objects.filter(detail__undone=verb.value).count() == 1


def test_undo_of_a_take_that_was_next(counted, people):
    taken = take_next(IntegrationException.objects.all(), actor=people.ruth, now=NOON)

    undo(Act.objects.get(), actor=people.ruth, now=NOON + SOON)

    assert taken is not None
    taken.refresh_from_db()
    assert (taken.state, taken.owner) == (State.OPEN, None)


def test_undo_of_closing_opens_the_spell_again(counted, people):
    done = act(counted, Verb.RESOLVE, Order(reason="Fixed"), actor=people.ruth, now=NOON)

    undo(done, actor=people.ruth, now=NOON + SOON)

    assert list(Spell.objects.values_list("no", "closed_at")) == [(1, None)] * 3


def test_undo_of_opening_again_takes_its_spell_away(counted, people):
    act(counted[:1], Verb.RESOLVE, Order(reason="Fixed"), actor=people.ruth, now=NOON - HOUR)
    done = act(counted[:1], Verb.REOPEN, Order(reason="Not fixed"), actor=people.ruth, now=NOON)

    undo(done, actor=people.ruth, now=NOON + SOON)

    counted[0].refresh_from_db()
    assert (counted[0].state, counted[0].resolved_at, counted[0].spell_no) == (State.RESOLVED, NOON - HOUR, 1)
    spells = Spell.objects.filter(exception=counted[0])
    assert list(spells.values_list("no", "closed_at")) == [(1, NOON - HOUR)]


@pytest.mark.parametrize(
    ("after", "is_late"),
    [(UNDO_WITHIN - timedelta(microseconds=1), False), (UNDO_WITHIN, True)],
    ids=["in time", "a minute later"],
)
def test_undo_ends_after_a_minute(counted, people, after, is_late):
    done = act(counted, Verb.TAKE, Order(), actor=people.ruth, now=NOON)

    if is_late:
        with pytest.raises(StaleExceptionError, match="cannot be taken back any more"):
            undo(done, actor=people.ruth, now=NOON + after)
    else:
        assert undo(done, actor=people.ruth, now=NOON + after).done == 3


def test_undo_happens_once_and_is_the_actors_own(counted, people):
    done = act(counted, Verb.TAKE, Order(), actor=people.ruth, now=NOON)

    with pytest.raises(StaleExceptionError):
        undo(done, actor=people.imani, now=NOON + SOON)
    undo(done, actor=people.ruth, now=NOON + SOON)
    with pytest.raises(StaleExceptionError):
        undo(done, actor=people.ruth, now=NOON + SOON)


def test_a_comment_stays_written(counted, people):
    done = act(counted, Verb.COMMENT, Order(reason="Asked the vendor"), actor=people.ruth, now=NOON)

    with pytest.raises(StaleExceptionError):
        undo(done, actor=people.ruth, now=NOON)


def test_undo_leaves_what_another_person_moved(counted, people):
    done = act(counted, Verb.TAKE, Order(), actor=people.ruth, now=NOON)
    theirs = IntegrationException.objects.get(pk=counted[0].pk)
    move_exception(theirs, Verb.ASSIGN, Order(owner=people.imani), actor=people.imani, now=NOON)

    undone = undo(done, actor=people.ruth, now=NOON + SOON)

    assert [outcome[1] for outcome in undone.outcomes] == ["refused", "done", "done"]
    theirs.refresh_from_db()
    assert theirs.owner == people.imani


def test_undo_never_opens_what_the_data_closed(held, people, run, change, booked):
    """The visit is cured after it was taken: putting the take back would bring the exception to life."""
    done = act([held], Verb.TAKE, Order(), actor=people.milo, now=NOON)
    run(change(1, booked(), before=booked(("unmapped_status", "S15 ZZ9"))), now=NOON + SOON / 2)

    undone = undo(done, actor=people.milo, now=NOON + SOON)

    assert outcomes(undone) == [("refused", "It moved on since, so it stays as it is now.")]
    held.refresh_from_db()
    assert held.state == State.CLEARED_UNSEEN


def test_undo_of_opening_again_never_closes_over_a_held_visit(held, people, run, change, booked):
    run(change(1, booked(), before=booked(("unmapped_status", "S15 ZZ9"))))
    held.refresh_from_db()
    act([held], Verb.RESOLVE, Order(reason="Seen"), actor=people.milo, now=NOON)
    done = act([held], Verb.REOPEN, Order(reason="Again"), actor=people.milo, now=NOON)
    run(change(2, booked(("unmapped_status", "S15 ZZ9"))), now=NOON + SOON / 2)

    undone = undo(done, actor=people.milo, now=NOON + SOON)

    assert outcomes(undone) == [("refused", "Visits are held by it now, so it stays open.")]


def test_undo_of_closing_is_refused_while_a_newer_twin_is_open(counted, people):
    done = act(counted[:1], Verb.RESOLVE, Order(reason="Fixed"), actor=people.ruth, now=NOON)
    twin = IntegrationException.objects.get(pk=counted[0].pk)
    twin.pk, twin.state, twin.resolved_at = None, State.OPEN, None
    twin.save(force_insert=True)

    undone = undo(done, actor=people.ruth, now=NOON + SOON)

    assert outcomes(undone) == [
        ("refused", "A newer exception about the same thing is open, so this one stays closed.")
    ]
