"""Who gets an exception: ordered rules, of which the first that fits decides. Pure.

A rule that cannot be evaluated never falls through silently: the item goes to the catch-all team, and ``Routed.rule``
with its ``problem`` says which rule to repair. Without a rule that fits, the team that owns the feed gets it, else the
team its kind of problem belongs to, else the catch-all team.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from exceptions.patterns import compiled

MOST_RAW = 200


class By(StrEnum):
    """What chose the team."""

    RULE = "rule"
    FEED = "feed"
    CHECK = "check"
    CATCH_ALL = "catch_all"


class Item(NamedTuple):
    """What rules look at; ``default_team`` is the key of the team that the check names."""

    check: str
    family: str
    severity: int
    source: int
    clinic: int | None
    feed: int | None
    raw: str
    default_team: str


class Rule(NamedTuple):
    """One active rule; an empty condition fits everything, ``pattern`` is searched in the raw value."""

    id: int
    version: int
    name: str
    team: int
    person: int | None = None
    policy: int | None = None
    checks: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    severities: frozenset[int] = frozenset()
    source: int | None = None
    clinic: int | None = None
    feed: int | None = None
    pattern: str = ""


class World(NamedTuple):
    """Everything that routing asks for: rules in their order, and teams and people as they are now, by id.

    ``staffed`` are teams with an active member, ``active`` people who may sign in.
    """

    rules: tuple[Rule, ...]
    feed_teams: Mapping[int, int]
    team_keys: Mapping[str, int]
    catch_all: int | None
    staffed: frozenset[int]
    active: frozenset[int]


class Routed(NamedTuple):
    """Who gets it and why. ``rule`` is the one that fitted, or the one that failed where ``problem`` says how."""

    team: int | None
    person: int | None
    by: By
    rule: Rule | None = None
    problem: str = ""


def route_item(item: Item, world: World) -> Routed:
    """Route one item."""
    for rule in world.rules:
        if not _meets_conditions(rule, item):
            continue
        try:
            fits = not rule.pattern or compiled(rule.pattern).search(item.raw[:MOST_RAW]) is not None
        except ValueError as error:
            return _failed(item, world, rule, str(error))
        if fits:
            problem = _problem_of_target(rule, world)
            if problem:
                return _failed(item, world, rule, problem)
            return Routed(rule.team, rule.person, By.RULE, rule)
    return without_rules(item, world)


def without_rules(item: Item, world: World) -> Routed:
    """Route an item that no rule fits, or that rules must not route."""
    if item.feed is not None and item.feed in world.feed_teams:
        return Routed(world.feed_teams[item.feed], None, By.FEED)
    if item.default_team in world.team_keys:
        return Routed(world.team_keys[item.default_team], None, By.CHECK)
    return Routed(world.catch_all, None, By.CATCH_ALL)


def _meets_conditions(rule: Rule, item: Item) -> bool:
    """Whether everything but the pattern fits."""
    return (
        (not rule.checks or item.check in rule.checks)
        and (not rule.families or item.family in rule.families)
        and (not rule.severities or item.severity in rule.severities)
        and rule.source in {None, item.source}
        and rule.clinic in {None, item.clinic}
        and rule.feed in {None, item.feed}
    )


def _problem_of_target(rule: Rule, world: World) -> str:
    if rule.person is not None and rule.person not in world.active:
        return "The person it names may not sign in any more."
    return "" if rule.team in world.staffed else "The team it names has no active member."


def _failed(item: Item, world: World, rule: Rule, problem: str) -> Routed:
    fallback = without_rules(item, world)
    if world.catch_all is not None:
        fallback = Routed(world.catch_all, None, By.CATCH_ALL)
    return fallback._replace(rule=rule, problem=problem)
