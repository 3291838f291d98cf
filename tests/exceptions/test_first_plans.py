"""What an empty desk and the demonstration begin with."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Duty, Team
from exceptions.models import EscalationPolicy, EscalationStep, PlanChange, RoutingRule
from exceptions.services.first_plans import make_first_plans
from exceptions.services.route_exceptions import load_plan
from exceptions.vocabulary import Severity

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_empty_desk_gets_a_catch_all_team_and_two_policies_once():
    assert [make_first_plans(), make_first_plans()] == [True, False]

    assert list(Team.objects.values_list("key", "is_catch_all")) == [("integration", True)]
    assert list(EscalationPolicy.objects.order_by("default_for").values_list("default_for", "repeats")) == [
        (Severity.BLOCKING, 2),
        (Severity.DEGRADED, 0),
    ]
    steps = EscalationStep.objects.order_by("policy__default_for", "no")
    assert list(steps.values_list("wait", "target", "team__key", "hours")) == [
        (timedelta(0), "duty", None, "clinic"),
        (timedelta(minutes=15), "team", None, "clinic"),
        (timedelta(hours=1), "team", "integration", "clinic"),
        (timedelta(hours=4), "team", None, "clinic"),
    ]


def test_catch_all_that_people_named_stays():
    mine = Team.objects.create(key="desk", name="Desk", is_catch_all=True)

    make_first_plans()

    assert list(Team.objects.all()) == [mine]


def test_policies_that_people_made_stay_the_only_ones():
    EscalationPolicy.objects.create(name="Mine", default_for=Severity.NOTE)

    assert make_first_plans() is False
    assert EscalationPolicy.objects.count() == 1


def test_command_says_what_it_made():
    out = StringIO()
    call_command("first_plans", stdout=out)
    call_command("first_plans", stdout=out)

    assert out.getvalue() == "Made the first escalation policies.\n"


def test_demonstration_has_rules_that_can_all_be_used_and_is_loaded_once():
    call_command("first_plans", stdout=StringIO())
    call_command("seed_demo_plans")
    counts = [model.objects.count() for model in (RoutingRule, PlanChange, Duty, EscalationPolicy)]
    call_command("seed_demo_plans")

    assert [model.objects.count() for model in (RoutingRule, PlanChange, Duty, EscalationPolicy)] == counts
    assert counts[0] == counts[1] == 4
    world = load_plan([], NOON).world
    assert {rule.team for rule in world.rules} <= world.staffed
    assert {rule.person for rule in world.rules} - {None} <= world.active
    assert Team.objects.get(is_catch_all=True).key == "integration"
