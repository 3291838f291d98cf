"""Rules, duties and policies of the demonstration. Safe to load twice."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db import transaction

from accounts.models import Duty, Source, Team, User
from exceptions.models import PlanChange, RoutingRule
from exceptions.services.first_plans import make_first_plans
from exceptions.services.rule_changes import By, add_rule
from exceptions.vocabulary import Family, Severity
from scheduling.simulator.cast import DOMAIN
from scheduling.simulator.codes import NORTHSIDE

ZONE = "America/Chicago"
WEEK = range(5)
# Team, person, weekdays, from, until.
DUTIES: tuple[tuple[str, str, Iterable[int], time, time], ...] = (
    ("mapping", "mara", (0, 1, 2), time(8), time(17)),
    ("mapping", "otto", (3, 4), time(8), time(17)),
    ("access-desk", "dana", WEEK, time(8), time(13)),
    ("access-desk", "ruth", WEEK, time(13), time(18)),
    ("integration", "ines", WEEK, time(7), time(18)),
    ("northside-interfaces", "nils", WEEK, time(7), time(16)),
)
# Small sources have nobody of their own: the integration owner is in their teams.
HELPED = ("harbor-interfaces", "elm-interfaces")
HELPER = "ines"
AUTHOR = "ines"


@transaction.atomic
def load_plans(*, now: datetime) -> None:
    """Make policies, duties and rules where there are none; people, teams and sources are there already."""
    make_first_plans()
    teams = {team.key: team for team in Team.objects.all()}
    for key in HELPED:
        teams[key].members.add(_person(HELPER))
    if not Duty.objects.exists():
        _load_duties(teams)
    if not RoutingRule.objects.exists() and not PlanChange.objects.filter(rule__isnull=False).exists():
        _load_rules(teams, now)


def _load_duties(teams: dict[str, Team]) -> None:
    Duty.objects.bulk_create(
        Duty(team=teams[key], person=_person(name), weekday=day, starts=starts, ends=ends, timezone=ZONE)
        for key, name, days, starts, ends in DUTIES
        for day in days
    )


def _load_rules(teams: dict[str, Team], now: datetime) -> None:
    by = By(_person(AUTHOR), now, "Set up with the demonstration")
    rules: tuple[dict[str, Any], ...] = (
        {"name": "Codes without a meaning", "families": [Family.MAPPING], "team": teams["mapping"]},
        {
            "name": "Who can be reached, and who may be",
            "families": [Family.CONTACT],
            "team": teams["access-desk"],
        },
        {"name": "Slots and templates", "families": [Family.TEMPLATE], "team": teams["access-desk"]},
        {
            "name": "What blocks work at Northside",
            "severities": [Severity.BLOCKING],
            "source": Source.objects.get(key=NORTHSIDE),
            "team": teams["northside-interfaces"],
            "person": _person("nils"),
        },
    )
    for rule in rules:
        add_rule(rule, by)


def _person(name: str) -> User:
    return User.objects.get(username=f"{name}@{DOMAIN}")
