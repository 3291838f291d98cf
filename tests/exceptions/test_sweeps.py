"""What the sweeps do when something is wrong, and what the lifecycle's new moves refuse."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.models import History, IntegrationException, Notice, Spell, StepRun
from exceptions.selectors.blocks import blocking_for
from exceptions.selectors.timer_lag import lag_by_source, timer_lag
from exceptions.services.audit_timers import audit_timers
from exceptions.services.end_takes import end_takes
from exceptions.services.end_waivers import end_waivers
from exceptions.services.move_exception import Order, move_exception
from exceptions.services.route_exceptions import give, item_of, load_plan
from exceptions.services.run_steps import run_steps
from exceptions.vocabulary import Channel, Severity, State, SubjectKind, Target, Verb
from tests.support.escalation import policy, step

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)
ZZ9 = ("unmapped_status", "ZZ9")


@pytest.fixture
def told_at_once(people):
    """A plan whose one step tells Milo as soon as something blocking opens."""
    return policy(step(timedelta(0), Target.PERSON, person=people.milo))


@pytest.fixture
def held(run, change, booked, people, told_at_once):
    run(change(1, booked(ZZ9)))
    return IntegrationException.objects.get()


def codes(run, change, booked, size):
    run(*(change(number, booked(("unmapped_status", f"ZZ{number:03}"))) for number in range(size)))


def test_step_runs_once_however_often_the_sweep_comes(held, people):
    assert [run_steps(NOON), run_steps(NOON), run_steps(NOON + HOUR)] == [1, 0, 0]

    assert list(StepRun.objects.values_list("spell_no", "no", "due_at", "ran_at", "told")) == [
        (1, 0, NOON, NOON, [people.milo.pk])
    ]
    kept = History.objects.get(verb=Verb.TOLD)
    assert (kept.actor, kept.version, kept.detail) == (None, 1, {"step": 0, "people": [people.milo.pk]})


def test_step_is_no_move_so_no_form_goes_stale(held, people):
    run_steps(NOON)

    move_exception(held, Verb.TAKE, Order(version=1), actor=people.milo, now=NOON)

    assert held.state == State.TAKEN


def test_number_that_was_run_is_passed_over(held, people):
    run_steps(NOON)
    IntegrationException.objects.update(next_step_no=0, next_step_at=NOON)

    assert run_steps(NOON + HOUR) == 0
    assert StepRun.objects.count() == 1
    held.refresh_from_db()
    assert (held.next_step_no, held.next_step_at) == (1, None)


def test_bad_plan_stops_nobody_and_is_an_exception_of_its_own(run, change, booked, people, told_at_once, place):
    codes(run, change, booked, 3)
    bad = IntegrationException.objects.get(raw="ZZ001")
    IntegrationException.objects.filter(pk=bad.pk).update(policy={"steps": "none"}, next_step_at=NOON - HOUR)

    assert run_steps(NOON) == 2

    bad.refresh_from_db()
    assert bad.next_step_at == NOON + HOUR
    failed = IntegrationException.objects.get(check_id="step_failed")
    assert (failed.source, failed.raw, failed.owner_team) == (place.lakeview, "ValueError", place.teams["it"])
    assert set(StepRun.objects.values_list("exception__raw", flat=True)) == {"ZZ000", "ZZ002"}


@pytest.mark.parametrize("size", [1, 40], ids=["one", "forty"])
def test_sweep_costs_the_same_however_much_is_due(run, change, booked, people, told_at_once, size):
    codes(run, change, booked, size)

    with CaptureQueriesContext(connection) as queries:
        assert run_steps(NOON) == size
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 17


def test_sweep_without_anything_due_asks_once(held):
    run_steps(NOON)

    with CaptureQueriesContext(connection) as queries:
        run_steps(NOON + HOUR)
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1


def test_flood_is_told_of_once(run, change, booked, people, told_at_once):
    for start in range(0, 300, 100):
        run(*(change(number, booked(ZZ9)) for number in range(start, start + 100)))
        run_steps(NOON + start * SECOND)

    assert IntegrationException.objects.get().live_count == 300
    assert Notice.objects.filter(channel=Channel.IN_APP).count() == 1


@pytest.mark.parametrize(
    ("lag", "stuck"), [(59, 0), (60, 0), (61, 1)], ids=["before a minute", "at a minute", "after it"]
)
def test_timers_are_stuck_after_a_minute(held, place, lag, stuck):
    now = NOON + lag * SECOND

    assert audit_timers(now) == stuck

    assert timer_lag(now) == lag * SECOND
    assert lag_by_source(now) == {place.lakeview.pk: lag * SECOND}
    found = IntegrationException.objects.filter(check_id="timers_stuck")
    assert [(one.source, one.owner_team) for one in found] == [(place.lakeview, place.teams["it"])] * stuck


def test_stuck_timers_are_raised_once_and_close_by_themselves(held, people):
    later = NOON + 5 * MINUTE
    audit_timers(later)
    audit_timers(later + MINUTE)
    assert IntegrationException.objects.get(check_id="timers_stuck").occurrences == 1

    run_steps(later + MINUTE)
    audit_timers(later + 2 * MINUTE)

    stuck = IntegrationException.objects.get(check_id="timers_stuck")
    assert (stuck.state, timer_lag(later + 2 * MINUTE)) == (State.RESOLVED, timedelta(0))
    assert [(row.verb, row.actor, row.reason) for row in stuck.history.all()] == [
        (Verb.RESOLVE, None, "The timers run again."),
        (Verb.OPENED, None, ""),
    ]


def test_stuck_timers_of_later_happen_again_in_the_same_exception(held, people):
    audit_timers(NOON + 5 * MINUTE)
    run_steps(NOON + 5 * MINUTE)
    audit_timers(NOON + 6 * MINUTE)
    IntegrationException.objects.filter(pk=held.pk).update(next_step_at=NOON + HOUR)

    audit_timers(NOON + 2 * HOUR)

    stuck = IntegrationException.objects.get(check_id="timers_stuck")
    assert (stuck.state, stuck.spell_no) == (State.REOPENED, 2)


@pytest.mark.parametrize("clock", ["taken_until", "muted_until", "waived_until"])
def test_every_end_counts_for_the_lag(held, people, clock):
    state = {"taken_until": State.TAKEN, "muted_until": State.MUTED}.get(clock, State.OPEN)
    IntegrationException.objects.update(next_step_at=None, state=state, **{clock: NOON})

    assert timer_lag(NOON + HOUR) == HOUR


def test_late_acknowledgement_never_undoes_a_resolution(run, arrival, people):
    run(arrival("unreadable_message"))
    found = IntegrationException.objects.get()
    late = IntegrationException.objects.get()
    move_exception(found, Verb.RESOLVE, Order(reason="Fixed", version=1), actor=people.ruth, now=NOON)

    with pytest.raises(StaleExceptionError, match="moved this exception meanwhile"):
        move_exception(late, Verb.TAKE, Order(version=1), actor=people.ruth, now=NOON + SECOND)
    with pytest.raises(StaleExceptionError, match="It is resolved"):
        move_exception(late, Verb.TAKE, actor=people.ruth, now=NOON + SECOND)

    found.refresh_from_db()
    assert (found.state, found.owner, found.version) == (State.RESOLVED, None, 2)


@pytest.mark.parametrize(
    ("until", "is_fine"),
    [(NOON, False), (NOON + timedelta(days=7), True), (NOON + timedelta(days=7, microseconds=1), False), (None, False)],
    ids=["now", "seven days", "longer", "no end"],
)
def test_every_waiver_ends_within_seven_days(held, people, until, is_fine):
    order = Order(reason="Accepted", until=until)
    if not is_fine:
        with pytest.raises(InvalidMoveError, match="A waiver ends within 7 days"):
            move_exception(held, Verb.WAIVE, order, actor=people.milo, now=NOON)
        return

    move_exception(held, Verb.WAIVE, order, actor=people.milo, now=NOON)

    assert (held.state, held.waived_until, held.next_step_at) == (State.OPEN, until, None)


def test_waiver_ends_once_and_the_next_step_is_due(held, people):
    move_exception(held, Verb.WAIVE, Order(reason="Accepted", until=NOON + HOUR), actor=people.milo, now=NOON)

    assert [end_waivers(NOON + HOUR - SECOND), end_waivers(NOON + HOUR), end_waivers(NOON + HOUR)] == [0, 1, 0]
    held.refresh_from_db()
    assert (held.waived_until, held.next_step_at) == (None, NOON + HOUR)


def test_waiver_releases_no_hold_but_other_blocks(held, people, run, change, booked):
    # A visit without a patient blocks decisions and holds nothing.
    run(change(2, booked(patient_id=None)))
    visits = [(SubjectKind.APPOINTMENT, 1), (SubjectKind.APPOINTMENT, 2)]
    before = blocking_for(visits)
    for one in IntegrationException.objects.all():
        move_exception(one, Verb.WAIVE, Order(reason="Known", until=NOON + HOUR), actor=people.milo, now=NOON)

    after = blocking_for(visits)

    assert {subject[1]: [block.kind.is_hold for block in found] for subject, found in before.items()} == {
        1: [True],
        2: [False],
    }
    assert after == {visits[0]: before[visits[0]]}


def test_waived_is_not_escalated_and_what_is_not_waived_cannot_be_unwaived(held, people):
    with pytest.raises(StaleExceptionError, match="waiver has ended"):
        move_exception(held, Verb.UNWAIVE, actor=people.milo, now=NOON)
    move_exception(held, Verb.WAIVE, Order(reason="Known", until=NOON + HOUR), actor=people.milo, now=NOON)

    with pytest.raises(StaleExceptionError, match="accepted that it stays"):
        move_exception(held, Verb.ESCALATE, actor=people.milo, now=NOON)


def test_closing_ends_every_clock(held, people, run, change, booked):
    move_exception(held, Verb.WAIVE, Order(reason="Known", until=NOON + HOUR), actor=people.milo, now=NOON)
    run(change(1, booked(), before=booked(ZZ9)))

    move_exception(held, Verb.RESOLVE, Order(reason="Seen"), actor=people.milo, now=NOON)

    clocks = (held.taken_until, held.muted_until, held.waived_until, held.next_step_at)
    assert (held.state, clocks) == (State.RESOLVED, (None,) * 4)


def test_escalating_takes_a_step_that_tells_somebody(run, change, booked, people, place):
    policy(step(HOUR, team=place.teams["it"]), step(HOUR, Target.PERSON, person=people.milo), step(HOUR))
    run(change(1, booked(ZZ9)))
    found = IntegrationException.objects.get()

    move_exception(found, Verb.ESCALATE, Order(reason="It burns"), actor=people.imani, now=NOON)

    assert list(StepRun.objects.order_by("no").values_list("no", "told")) == [(0, []), (1, [people.milo.pk])]
    assert (found.next_step_no, found.next_step_at) == (2, NOON + HOUR)


def test_escalating_what_is_taken_leaves_it_taken(held, people):
    move_exception(held, Verb.TAKE, actor=people.imani, now=NOON)

    move_exception(held, Verb.ESCALATE, actor=people.imani, now=NOON)

    assert (held.state, held.next_step_at, StepRun.objects.count()) == (State.TAKEN, None, 1)


@pytest.mark.parametrize("severity", [None, Severity.BLOCKING], ids=["no plan", "plan is over"])
def test_nobody_left_to_escalate_to(run, change, booked, people, severity):
    policy(step(timedelta(0), Target.PERSON, person=people.milo), severity=severity)
    run(change(1, booked(ZZ9)))
    found = IntegrationException.objects.get()
    run_steps(NOON)

    with pytest.raises(InvalidMoveError, match="Hand it over instead"):
        move_exception(found, Verb.ESCALATE, actor=people.imani, now=NOON)
    found.refresh_from_db()
    assert found.version == 1


def test_take_can_be_shorter_and_not_much_longer(held, people):
    late = Order(until=NOON + timedelta(days=3, seconds=1))
    with pytest.raises(InvalidMoveError, match="3 days at most"):
        move_exception(held, Verb.TAKE, late, actor=people.milo, now=NOON)

    move_exception(held, Verb.TAKE, Order(until=NOON + HOUR), actor=people.milo, now=NOON)

    assert [end_takes(NOON + HOUR - SECOND), end_takes(NOON + HOUR), end_takes(NOON + HOUR)] == [0, 1, 0]


def test_end_of_a_take_in_a_later_spell_leaves_it_opened_again(run, arrival, people):
    run(arrival("unreadable_message"))
    found = IntegrationException.objects.get()
    for verb in (Verb.RESOLVE, Verb.REOPEN):
        move_exception(found, verb, Order(reason="So"), actor=people.ruth, now=NOON)
    move_exception(found, Verb.TAKE, actor=people.ruth, now=NOON)

    end_takes(NOON + timedelta(hours=24))

    found.refresh_from_db()
    assert (found.state, Spell.objects.count()) == (State.REOPENED, 2)


def test_routing_again_with_another_plan_numbers_its_runs_on(held, people, place):
    run_steps(NOON)
    slow = policy(step(HOUR, Target.PERSON, person=people.imani), severity=None)
    given = give(item_of(held), load_plan({held.source_id}, NOON), NOON)
    frozen = load_plan({held.source_id}, NOON).frozen[slow.pk]
    order = Order(given=given._replace(policy=frozen, next_step_at=NOON + HOUR))
    held.refresh_from_db()

    move_exception(held, Verb.REROUTE, order, actor=people.milo, now=NOON)
    run_steps(NOON + HOUR)

    assert list(StepRun.objects.order_by("no").values_list("no", "told")) == [
        (0, [people.milo.pk]),
        (1, [people.imani.pk]),
    ]


def test_routing_again_needs_an_answer_of_the_rules(held, people):
    with pytest.raises(InvalidMoveError, match="Ask the rules"):
        move_exception(held, Verb.REROUTE, actor=people.milo, now=NOON)


def test_what_somebody_has_is_not_routed_again(held, people):
    move_exception(held, Verb.TAKE, actor=people.milo, now=NOON)
    given = give(item_of(held), load_plan({held.source_id}, NOON), NOON)

    with pytest.raises(StaleExceptionError):
        move_exception(held, Verb.REROUTE, Order(given=given), actor=people.imani, now=NOON)


@pytest.mark.parametrize("verb", [Verb.TAKE, Verb.MUTE, Verb.WAIVE])
def test_clock_stands_still_while_nobody_is_to_be_told(held, people, verb):
    order = Order(reason="Known", until=NOON + HOUR)

    move_exception(held, verb, order, actor=people.milo, now=NOON)

    assert held.next_step_at is None


@pytest.mark.parametrize(
    "columns",
    [
        {"state": State.TAKEN},
        {"state": State.MUTED, "muted_until": NOON + HOUR},
        {"waived_until": NOON + HOUR},
        {"state": State.RESOLVED, "resolved_at": NOON},
    ],
    ids=["taken", "muted", "waived", "closed"],
)
def test_sweep_leaves_alone_what_nobody_is_to_be_told_of(held, columns):
    IntegrationException.objects.filter(pk=held.pk).update(next_step_at=NOON, **columns)

    assert (run_steps(NOON), StepRun.objects.count()) == (0, 0)


@pytest.mark.parametrize(("closer", "told"), [("milo", []), ("imani", ["Milo"])], ids=["told before", "another"])
def test_whoever_closes_it_is_not_told_that_they_did(held, people, run, change, booked, closer, told):
    run_steps(NOON)
    run(change(1, booked(), before=booked(ZZ9)))

    move_exception(held, Verb.RESOLVE, Order(reason="Seen"), actor=getattr(people, closer), now=NOON)

    heard = Notice.objects.filter(channel=Channel.IN_APP, kind="resolved")
    assert list(heard.values_list("person__first_name", flat=True)) == told
