"""Rules at work where exceptions are opened, on a real database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions.models import IntegrationException, Notice, RoutingRule
from exceptions.services.move_exception import Order, move_exception
from exceptions.vocabulary import Channel, Family, Hours, NoticeKind, Severity, State, Target, Verb
from tests.support.escalation import chicago, on_duty, opening_hours, policy, step

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZZ8, ZZ9 = ("unmapped_status", "ZZ8"), ("unmapped_status", "ZZ9")


@pytest.fixture
def rule(place, people):
    """Make a rule that gives everything to the mapping team (Milo and Imani); keywords change it."""

    def make(**changed):
        fields = {"name": "All to mapping", "team": place.teams["mapping"], "position": RoutingRule.objects.count()}
        return RoutingRule.objects.create(**fields | changed)

    return make


def owners():
    return list(
        IntegrationException.objects.order_by("check_id", "raw").values_list(
            "check_id", "raw", "owner_team__key", "owner__first_name"
        )
    )


def test_rule_gives_team_person_plan_and_first_step_and_says_why(rule, place, people, run, change, booked, only):
    opening_hours(place.imaging)
    night = policy(step(HOUR, Target.TEAM, Hours.CLINIC), severity=None)
    chosen = rule(name="Codes", families=[Family.MAPPING], person=people.imani, policy=night, version=4)

    run(change(1, booked(ZZ9)), now=chicago("2026-11-24 16:30"))

    found = only()
    assert (found.owner_team, found.owner, found.state) == (place.teams["mapping"], people.imani, State.OPEN)
    assert found.route == {
        "rule": chosen.pk,
        "version": 4,
        "name": "Codes",
        "by": "rule",
        "team": place.teams["mapping"].pk,
        "person": people.imani.pk,
    }
    assert found.policy == {
        "policy": night.pk,
        "version": 1,
        "name": night.name,
        "repeats": 0,
        "first": 0,
        "steps": [{"wait": 3600, "target": "team", "hours": "clinic", "person": None, "team": None, "endpoint": None}],
    }
    assert (found.next_step_at, found.next_step_no) == (chicago("2026-11-25 08:00"), 0)
    told = Notice.objects.exclude(channel=Channel.EMAIL).values_list("kind", "person")
    assert list(told) == [(NoticeKind.ASSIGNED, people.imani.pk)]


def test_severity_chooses_the_policy_where_no_rule_names_one(place, people, run, change, booked, arrival):
    blocking, degraded = policy(step(HOUR)), policy(step(HOUR), severity=Severity.DEGRADED)
    run(change(1, booked(ZZ9)), arrival("unreadable_message"), arrival("control_id_reused"))

    plans = dict(IntegrationException.objects.values_list("check_id", "policy__policy"))
    assert plans == {
        "unmapped_status": blocking.pk,
        "unreadable_message": degraded.pk,
        "control_id_reused": None,
    }


def test_policy_that_is_switched_off_gives_way_to_that_of_the_severity(rule, people, run, change, booked, only):
    off = policy(step(HOUR), severity=None)
    on = policy(step(HOUR))
    off.is_active = False
    off.save()
    rule(policy=off)

    run(change(1, booked(ZZ9)))

    assert only().policy["policy"] == on.pk


def test_failing_rule_raises_one_exception_and_its_items_go_to_the_catch_all(rule, place, run, change, booked):
    broken = rule(name="To nobody", team=place.teams["it"], checks=["unmapped_status"])
    run(change(1, booked(ZZ9)), change(2, booked(ZZ8)))
    run(change(3, booked(("unmapped_status", "ZZ7"))))

    raw = f"rule {broken.pk}: To nobody"
    assert owners() == [
        ("routing_rule_failed", raw, "integration", None),
        ("unmapped_status", "ZZ7", "everything", None),
        ("unmapped_status", "ZZ8", "everything", None),
        ("unmapped_status", "ZZ9", "everything", None),
    ]
    assert IntegrationException.objects.get(check_id="routing_rule_failed").occurrences == 2  # batches
    routed = IntegrationException.objects.get(raw="ZZ9").route
    assert routed is not None
    assert (routed["by"], routed["rule"], routed["problem"]) == (
        "catch_all", broken.pk, "The team it names has no active member.",
    )  # fmt: skip


def test_rule_that_fits_everything_and_fails_does_not_route_its_own_failure(rule, place, run, change, booked):
    rule(team=place.teams["it"])

    run(change(1, booked(ZZ9)))

    assert [(row[0], row[2]) for row in owners()] == [
        ("routing_rule_failed", "integration"),
        ("unmapped_status", "everything"),
    ]
    assert IntegrationException.objects.get(check_id="routing_rule_failed").occurrences == 1


def test_what_happens_again_keeps_its_owner_and_gets_the_plan_of_now(rule, place, people, run, change, booked, only):
    policy(step(HOUR))
    run(change(1, booked(ZZ9)))
    found = only()
    move_exception(found, Verb.ASSIGN, Order(owner=people.imani, team=place.teams["it"]), actor=people.milo, now=NOON)
    run(change(1, booked(), before=booked(ZZ9)))
    move_exception(found, Verb.RESOLVE, Order(reason="Done"), actor=people.milo, now=NOON)
    slow = policy(step(5 * HOUR), severity=None)
    rule(policy=slow)

    later = NOON + HOUR
    run(change(1, booked((*ZZ9, later)), before=booked()), now=later)

    found.refresh_from_db()
    assert (found.state, found.owner_team, found.owner) == (State.REOPENED, place.teams["it"], people.imani)
    assert (found.policy["policy"], found.next_step_no, found.next_step_at) == (slow.pk, 0, later + 5 * HOUR)


def test_opening_again_by_hand_gets_the_plan_of_now_too(people, run, arrival, only):
    run(arrival("unreadable_message"))
    found = only()
    move_exception(found, Verb.RESOLVE, Order(reason="Done"), actor=people.ruth, now=NOON)
    degraded = policy(step(HOUR), severity=Severity.DEGRADED)

    move_exception(found, Verb.REOPEN, Order(reason="Not done"), actor=people.ruth, now=NOON + HOUR)

    assert (found.policy["policy"], found.next_step_at) == (degraded.pk, NOON + 2 * HOUR)


def test_what_clears_by_itself_keeps_the_clock_that_it_had(people, run, change, booked, only):
    policy(step(HOUR))
    run(change(1, booked(ZZ9)))
    run(change(1, booked(), before=booked(ZZ9)), now=NOON + HOUR / 2)

    assert (only().state, only().next_step_at) == (State.CLEARED_UNSEEN, NOON + HOUR)


def test_what_clears_while_somebody_has_it_is_looked_at_when_the_take_would_end(people, run, change, booked, only):
    policy(step(HOUR))
    run(change(1, booked(ZZ9)))
    move_exception(only(), Verb.TAKE, actor=people.milo, now=NOON)

    run(change(1, booked(), before=booked(ZZ9)), now=NOON + HOUR)

    found = only()
    assert (found.state, found.taken_until, found.next_step_at) == (
        State.CLEARED_UNSEEN, None, NOON + timedelta(hours=24),
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 60], ids=["one", "sixty"])
def test_routing_costs_the_same_however_many_open(size, rule, place, people, run, change, booked):
    opening_hours(place.imaging)
    on_duty(place.teams["mapping"], people.milo)
    policy(step(HOUR, Target.DUTY, Hours.CLINIC))
    rule(checks=["late_event"])
    changes = [change(number, booked(("unmapped_status", f"ZZ{number}"))) for number in range(size)]

    with CaptureQueriesContext(connection) as queries:
        run(*changes)

    assert IntegrationException.objects.count() == size
    # Rules, policies and steps, teams, feeds, members; three of clinics and two of duties.
    assert len([query for query in queries if query["sql"].startswith("SELECT") and "pg_" not in query["sql"]]) == 11


def test_batch_that_opens_nothing_reads_no_rule(rule, run, change, booked):
    run(change(1, booked(ZZ9)))
    rule()

    with CaptureQueriesContext(connection) as queries:
        run(change(2, booked(ZZ9)))

    assert [query["sql"][:60] for query in queries if "SAVEPOINT" not in query["sql"]] == []
