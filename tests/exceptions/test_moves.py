"""What people do to one exception."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEntry, User
from accounts.vocabulary import AuditAction
from exceptions.errors import InvalidMoveError, LiveHoldError, StaleExceptionError
from exceptions.models import History, IntegrationException, Spell
from exceptions.services.end_mutes import end_mutes
from exceptions.services.move_exception import Order, move_exception
from exceptions.services.take_next import take_next
from exceptions.vocabulary import State, Verb

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZZ9 = ("unmapped_status", "S15 ZZ9")


@pytest.fixture
def held(run, change, booked, people):
    run(change(1, booked(ZZ9)))
    return IntegrationException.objects.get()


@pytest.fixture
def counted(run, arrival, people):
    run(arrival("unreadable_message", "no_msh"))
    return IntegrationException.objects.get()


def last():
    return History.objects.values_list("verb", "actor", "from_state", "to_state", "version", "reason", "detail").first()


def test_take_makes_it_mine(held, people):
    move_exception(held, Verb.TAKE, Order(version=1), actor=people.milo, now=NOON + HOUR)

    assert (held.state, held.owner, held.taken_at, held.version) == (State.TAKEN, people.milo, NOON + HOUR, 2)
    assert last() == (Verb.TAKE, people.milo.pk, State.OPEN, State.TAKEN, 2, "", {})
    assert list(AuditEntry.objects.values_list("action", "actor", "subjects", "clinic", "detail")) == [
        (
            AuditAction.CHANGED,
            people.milo.pk,
            [held.pk],
            held.clinic_id,
            {"verb": "take", "from": "open", "to": "taken"},
        )
    ]


def test_let_go_makes_it_nobodys(held, people):
    move_exception(held, Verb.TAKE, actor=people.milo, now=NOON)

    move_exception(held, Verb.RELEASE, actor=people.milo, now=NOON)

    assert (held.state, held.owner, held.taken_at) == (State.OPEN, None, None)


def test_hand_over_to_a_person_keeps_the_team_and_the_state(held, people, place):
    order = Order(owner=people.imani, reason="Same code as last March.")

    move_exception(held, Verb.ASSIGN, order, actor=people.milo, now=NOON)

    assert (held.state, held.owner, held.owner_team) == (State.OPEN, people.imani, place.teams["mapping"])
    assert last()[5:] == (
        "Same code as last March.",
        {"owner": people.imani.pk, "team": place.teams["mapping"].pk},
    )


def test_hand_over_to_a_team_leaves_it_to_nobody_in_person(held, people, place):
    move_exception(held, Verb.TAKE, actor=people.milo, now=NOON)

    move_exception(held, Verb.ASSIGN, Order(team=place.teams["it"]), actor=people.milo, now=NOON)

    assert (held.owner, held.owner_team) == (None, place.teams["it"])


@pytest.mark.parametrize(
    ("until", "is_fine"),
    [
        (NOON, False),
        (NOON + timedelta(microseconds=1), True),
        (NOON + timedelta(days=14), True),
        (NOON + timedelta(days=14, microseconds=1), False),
        (None, False),
    ],
    ids=["now", "a moment", "14 days", "over 14 days", "no end"],
)
def test_every_mute_ends_within_14_days(held, people, until, is_fine):
    order = Order(reason="Ticket with the vendor.", until=until)
    if not is_fine:
        with pytest.raises(InvalidMoveError, match="ends within 14 days"):
            move_exception(held, Verb.MUTE, order, actor=people.milo, now=NOON)
        return

    move_exception(held, Verb.MUTE, order, actor=people.milo, now=NOON)

    assert (held.state, held.muted_until) == (State.MUTED, until)


@pytest.mark.parametrize("taken", [False, True], ids=["nobody's", "taken"])
@pytest.mark.parametrize("by_hand", [False, True], ids=["ran out", "by hand"])
def test_after_a_mute_it_is_where_it_was(held, people, taken, by_hand):
    if taken:
        move_exception(held, Verb.TAKE, actor=people.milo, now=NOON)
    move_exception(held, Verb.MUTE, Order(reason="Wait", until=NOON + HOUR), actor=people.milo, now=NOON)

    if by_hand:
        move_exception(held, Verb.UNMUTE, actor=people.milo, now=NOON)
    else:
        assert end_mutes(NOON + HOUR) == 1
        held.refresh_from_db()

    assert (held.state, held.muted_until) == (State.TAKEN if taken else State.OPEN, None)


def test_mute_runs_out_once_and_not_before(held, people):
    move_exception(held, Verb.MUTE, Order(reason="Wait", until=NOON + HOUR), actor=people.milo, now=NOON)

    assert [end_mutes(NOON + HOUR - timedelta(microseconds=1)), end_mutes(NOON + HOUR), end_mutes(NOON + HOUR)] == [
        0, 1, 0,
    ]  # fmt: skip
    assert last()[:5] == (Verb.MUTE_ENDED, None, State.MUTED, State.OPEN, 3)


def test_closing_a_live_hold_is_refused_with_the_number(held, people, run, change, booked):
    run(change(2, booked(ZZ9)))

    with pytest.raises(LiveHoldError, match="2 visits are still held"):
        move_exception(held, Verb.RESOLVE, Order(reason="Done", version=1), actor=people.milo, now=NOON)
    assert History.objects.filter(verb=Verb.RESOLVE).count() == 0


def test_closing_what_has_cleared_ends_the_spell(held, people, run, change, booked):
    run(change(1, booked(), before=booked(ZZ9)))
    held.refresh_from_db()

    move_exception(held, Verb.RESOLVE, Order(reason="Seen", version=2), actor=people.milo, now=NOON + HOUR)

    assert (held.state, held.resolved_at) == (State.RESOLVED, NOON + HOUR)
    assert list(Spell.objects.values_list("no", "closed_at")) == [(1, NOON + HOUR)]


def test_opening_again_begins_a_spell(counted, people):
    move_exception(counted, Verb.RESOLVE, Order(reason="Fixed"), actor=people.ruth, now=NOON)

    move_exception(counted, Verb.REOPEN, Order(reason="Not fixed"), actor=people.ruth, now=NOON + HOUR)

    assert (counted.state, counted.resolved_at, counted.spell_no, counted.opened_at) == (
        State.REOPENED, None, 2, NOON + HOUR,
    )  # fmt: skip
    assert list(Spell.objects.order_by("no").values_list("no", "closed_at")) == [(1, NOON), (2, None)]


def test_opening_again_is_refused_while_a_newer_twin_is_open(counted, people):
    move_exception(counted, Verb.RESOLVE, Order(reason="Fixed"), actor=people.ruth, now=NOON)
    twin = IntegrationException.objects.get()
    twin.pk, twin.state, twin.resolved_at = None, State.OPEN, None
    twin.save(force_insert=True)

    with pytest.raises(StaleExceptionError, match="A newer exception about the same thing is open"):
        move_exception(counted, Verb.REOPEN, Order(reason="Not fixed"), actor=people.ruth, now=NOON)


def test_comment_changes_the_version_and_nothing_else(held, people):
    move_exception(held, Verb.COMMENT, Order(reason="  Asked the vendor. "), actor=people.imani, now=NOON)

    assert (held.state, held.owner, held.version) == (State.OPEN, None, 2)
    assert last()[5] == "Asked the vendor."


@pytest.mark.parametrize("verb", [Verb.MUTE, Verb.RESOLVE, Verb.COMMENT])
def test_reason_of_blanks_is_no_reason(held, people, verb):
    with pytest.raises(InvalidMoveError, match="Write a few words"):
        move_exception(held, verb, Order(reason="  ", until=NOON + HOUR), actor=people.milo, now=NOON)


def test_hand_over_to_nobody_is_refused(held, people):
    with pytest.raises(InvalidMoveError, match="Choose a person or a team"):
        move_exception(held, Verb.ASSIGN, Order(), actor=people.milo, now=NOON)


def test_move_on_another_version_is_stale(held, people):
    move_exception(held, Verb.TAKE, actor=people.imani, now=NOON)

    with pytest.raises(StaleExceptionError, match="moved this exception meanwhile"):
        move_exception(held, Verb.TAKE, Order(version=1), actor=people.milo, now=NOON)
    assert IntegrationException.objects.get().owner == people.imani


def test_move_out_of_a_wrong_state_says_which(counted, people):
    move_exception(counted, Verb.RESOLVE, Order(reason="Fixed"), actor=people.ruth, now=NOON)

    with pytest.raises(StaleExceptionError, match="It is resolved, so this cannot be done"):
        move_exception(counted, Verb.TAKE, actor=people.ruth, now=NOON)


def test_findings_alone_make_no_form_stale(held, people, run, change, booked):
    run(change(2, booked(ZZ9)))

    move_exception(held, Verb.TAKE, Order(version=1), actor=people.milo, now=NOON)

    assert (held.state, held.live_count) == (State.TAKEN, 2)


def test_next_is_the_worst_that_nobody_has(run, change, booked, arrival, people):
    run(
        change(1, booked(ZZ9)), change(2, booked(("ahead_of_receipt", ""))), change(3, booked(("ahead_of_receipt", "")))
    )
    run(arrival("unreadable_message"))
    every = IntegrationException.objects.all()

    taken = [take_next(every, actor=people.milo, now=NOON) for _ in range(4)]

    assert [one and one.check_id for one in taken] == [
        "ahead_of_receipt", "unmapped_status", "unreadable_message", None,
    ]  # fmt: skip
    assert set(every.values_list("owner", flat=True)) == {people.milo.pk}


def test_person_who_owns_something_cannot_be_deleted(held, people):
    move_exception(held, Verb.TAKE, actor=people.milo, now=NOON)

    with pytest.raises(Exception, match="referenced through protected foreign keys"):
        User.objects.get(pk=people.milo.pk).delete()
