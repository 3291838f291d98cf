"""What a dry run of the rules shows is what routing again then does."""

from datetime import UTC, datetime, timedelta

import pytest

from exceptions.models import History, IntegrationException, RoutingRule
from exceptions.selectors.rule_dry_run import dry_run, movable
from exceptions.services.move_exception import Order, move_exception
from exceptions.services.reroute_exceptions import reroute
from exceptions.services.rule_changes import By, add_rule, proposed
from exceptions.verbs import MOVERS
from exceptions.vocabulary import Family, Severity, Verb
from tests.support.escalation import policy, step

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(run, change, booked, arrival, people, place):
    """Several kinds of exceptions of Lakeview and one of Harbor; teams with members; nobody has taken anything."""
    for key in ("access", "it"):
        place.teams[key].members.add(people.milo)
    run(*(change(number, booked(("unmapped_status", f"ZZ{number}"))) for number in range(4)))
    run(change(7, booked(patient_id=None)), arrival("unreadable_message"))
    return place


def owners():
    rows = IntegrationException.objects.order_by("check_id", "raw")
    return list(rows.values_list("check_id", "raw", "owner_team__key", "owner__first_name"))


def rules(place, people):
    """New rules in their order, not saved: two hits, one that fails, one that fits everything else."""
    return [
        {"name": "One code", "team": place.teams["it"], "person": people.milo, "raw_pattern": "ZZ[12]$"},
        {"name": "Broken", "team": place.teams["integration"], "raw_pattern": "ZZ3"},
        {"name": "Contact", "team": place.teams["access"], "families": [Family.CONTACT]},
        {"name": "Rest", "team": place.teams["access"], "source": place.lakeview},
    ]


def test_dry_run_of_new_rules_equals_what_routing_again_does(desk, people):
    told = rules(desk, people)
    tried = dry_run(
        movable(people.milo, MOVERS),
        NOON,
        rules=proposed([RoutingRule(pk=number, position=number, **rule) for number, rule in enumerate(told)]),
    )
    before = owners()
    for rule in told:
        add_rule(rule, By(people.milo, NOON))

    done = reroute(movable(people.milo, MOVERS), tried.ids, actor=people.milo, now=NOON + HOUR)

    expected = {one.exception.pk: (one.given.routed.team, one.given.routed.person) for one in tried.moved}
    now = {row.pk: (row.owner_team_id, row.owner_id) for row in IntegrationException.objects.all()}
    assert (done.asked, done.moved) == (len(expected), len(expected)) == (5, 5)
    assert {pk: now[pk] for pk in expected} == expected
    assert [row[2:] for row in owners()] == [
        ("access", None), ("access", None), ("it", "Milo"), ("it", "Milo"), ("everything", None), ("imaging", None),
    ]  # fmt: skip
    assert before != owners()
    assert dry_run(movable(people.milo, MOVERS), NOON + HOUR).moved == []
    assert History.objects.filter(verb=Verb.REROUTE).count() == 5


def test_dry_run_moves_nothing(desk, people):
    before = owners()

    dry_run(movable(people.milo, MOVERS), NOON, rules=proposed([RoutingRule(**rules(desk, people)[3])]))

    assert owners() == before


def test_what_somebody_took_or_handed_over_meanwhile_stays(desk, people):
    add_rule(rules(desk, people)[3], By(people.milo, NOON))
    tried = dry_run(movable(people.milo, MOVERS), NOON)
    taken, given, *_ = IntegrationException.objects.filter(source=desk.lakeview).order_by("id")
    move_exception(taken, Verb.TAKE, actor=people.imani, now=NOON)
    move_exception(given, Verb.ASSIGN, Order(owner=people.imani), actor=people.milo, now=NOON)

    done = reroute(movable(people.milo, MOVERS), tried.ids, actor=people.milo, now=NOON)

    assert (done.asked, done.moved, done.stayed) == (5, 3, 2)
    for one in (taken, given):
        one.refresh_from_db()
    assert [one.owner for one in (taken, given)] == [people.imani, people.imani]


def test_routing_again_stays_in_scope(desk, people):
    add_rule({"name": "All", "team": desk.teams["access"]}, By(people.ruth, NOON))

    tried = dry_run(movable(people.ruth, MOVERS), NOON)

    assert [one.exception.source for one in tried.moved] == [desk.harbor]


def test_new_owner_gets_the_policy_of_the_rule(desk, people):
    slow = policy(step(HOUR), severity=Severity.NOTE)
    add_rule(rules(desk, people)[0] | {"policy": slow}, By(people.milo, NOON))
    tried = dry_run(movable(people.milo, MOVERS), NOON)

    reroute(movable(people.milo, MOVERS), tried.ids, actor=people.milo, now=NOON)

    moved = IntegrationException.objects.get(raw="ZZ1")
    assert moved.policy is not None
    assert (moved.policy["policy"], moved.next_step_at) == (slow.pk, NOON + HOUR)
