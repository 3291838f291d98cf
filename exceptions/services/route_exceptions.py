"""Give exceptions that are being opened an owner and a plan, both frozen as they stand at that moment.

``load_plan`` reads everything once, ``route`` is arithmetic over it: how many exceptions open makes no difference to
the number of statements.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from accounts.models import Team, User
from exceptions.escalation import Plan, Step, freeze, next_due
from exceptions.gathering import Group
from exceptions.models import EscalationPolicy, EscalationStep, IntegrationException, RoutingRule
from exceptions.routing import Item, Routed, Rule, World, route_item, without_rules
from exceptions.selectors.calendars import NO_CALENDARS, Calendars, load_calendars
from exceptions.vocabulary import Hours, Severity, Target
from scheduling.models import Feed


class Given(NamedTuple):
    """What an exception gets when it opens; ``policy`` and ``route`` are as the columns keep them."""

    routed: Routed
    policy: dict[str, Any] | None
    route: dict[str, Any]
    next_step_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoutingPlan:
    """Rules, policies and calendars as they are now. ``frozen`` are the policies by id as JSON.

    ``dues`` remembers first steps: a batch opens many exceptions of one clinic, and calendars are slow to ask.
    """

    world: World
    policies: Mapping[int, Plan]
    by_severity: Mapping[int, Plan]
    frozen: Mapping[int, dict[str, Any]]
    calendars: Calendars
    dues: dict[tuple[object, ...], datetime | None] = field(default_factory=dict)


def load_plan(source_ids: Collection[int], now: datetime, *, rules: Iterable[Rule] | None = None) -> RoutingPlan:
    """Read the rules, policies, teams and calendars for exceptions of some sources; eleven queries at most.

    ``rules`` stand in for those of the database: a dry run asks what would be.
    """
    policies, by_severity = load_policies()
    is_timed = any(plan.steps and plan.steps[0].hours != Hours.ALWAYS for plan in policies.values())
    return RoutingPlan(
        load_world(load_rules() if rules is None else tuple(rules)),
        policies,
        by_severity,
        {pk: freeze(plan) for pk, plan in policies.items()},
        load_calendars(source_ids, now) if is_timed else NO_CALENDARS,
    )


def route(groups: Mapping[bytes, Group], plan: RoutingPlan, now: datetime) -> dict[bytes, Given]:
    """Say of each group what an exception about it gets, by fingerprint. No statement."""
    return {key: give(item_of_group(group), plan, now) for key, group in groups.items()}


def give(item: Item, plan: RoutingPlan, now: datetime, *, is_ruled: bool = True) -> Given:
    """Route one item; ``is_ruled`` False leaves the rules out, for exceptions about rules themselves."""
    routed = route_item(item, plan.world) if is_ruled else without_rules(item, plan.world)
    policy = plan_for(routed, item.severity, plan)
    if policy is None:
        return Given(routed, None, frozen_route(routed), None)
    return Given(routed, plan.frozen[policy.policy], frozen_route(routed), _first_due(policy, item, routed, plan, now))


def _first_due(policy: Plan, item: Item, routed: Routed, plan: RoutingPlan, now: datetime) -> datetime | None:
    key = (policy.policy, item.source, item.clinic, routed.team, now)
    if key not in plan.dues:
        calendar = plan.calendars.of(item.source, item.clinic)
        plan.dues[key] = next_due(policy, policy.first, now, calendar, team=routed.team)
    return plan.dues[key]


def plan_for(routed: Routed, severity: int, plan: RoutingPlan) -> Plan | None:
    """The policy that a rule names, unless the rule failed or the policy is switched off; else the severity's."""
    named = routed.rule.policy if routed.rule is not None and not routed.problem else None
    return plan.policies.get(named or 0) or plan.by_severity.get(severity)


def frozen_route(routed: Routed) -> dict[str, Any]:
    """Why its owner owns it, as ``IntegrationException.route`` keeps it; with ``problem`` the rule named has failed."""
    rule = routed.rule
    kept = {
        "rule": rule.id if rule else None,
        "version": rule.version if rule else None,
        "name": rule.name if rule else "",
        "by": routed.by.value,
        "team": routed.team,
        "person": routed.person,
    }
    return kept | {"problem": routed.problem} if routed.problem else kept


def item_of_group(group: Group) -> Item:
    """What rules see of a group of findings."""
    check = group.check
    return Item(
        check.id,
        check.family.value,
        int(check.severity),
        group.source_id,
        group.clinic_id,
        group.feed_id,
        group.raw,
        check.owner.value,
    )


def item_of(exception: IntegrationException) -> Item:
    """What rules see of an exception; the same as when it was opened."""
    check = exception.kind
    return Item(
        exception.check_id,
        check.family.value,
        exception.severity,
        exception.source_id,
        exception.clinic_id,
        exception.feed_id,
        exception.raw,
        check.owner.value,
    )


def load_rules() -> tuple[Rule, ...]:
    """The rules that are switched on, in their order; one query."""
    return tuple(rule_of(row) for row in RoutingRule.objects.filter(is_active=True).order_by("position", "id"))


def rule_of(row: RoutingRule) -> Rule:
    """One row as the pure rules know it."""
    return Rule(
        id=row.pk,
        version=row.version,
        name=row.name,
        team=row.team_id,
        person=row.person_id,
        policy=row.policy_id,
        checks=frozenset(row.checks),
        families=frozenset(row.families),
        severities=frozenset(row.severities),
        source=row.source_id,
        clinic=row.clinic_id,
        feed=row.feed_id,
        pattern=row.raw_pattern,
    )


def load_world(rules: tuple[Rule, ...]) -> World:
    """Teams and people as they are now; four queries at most."""
    teams = list(Team.objects.order_by("id").values_list("id", "key", "is_catch_all"))
    people = [rule.person for rule in rules if rule.person is not None]
    manned = Team.objects.filter(members__is_active=True) if rules else Team.objects.none()
    active = User.objects.filter(pk__in=people, is_active=True) if people else User.objects.none()
    return World(
        rules,
        dict(Feed.objects.filter(owner_team__isnull=False).values_list("id", "owner_team_id")),
        {key: pk for pk, key, _ in teams},
        next((pk for pk, _, is_catch_all in teams if is_catch_all), None),
        frozenset(manned.values_list("id", flat=True)),
        frozenset(active.values_list("id", flat=True)),
    )


def load_policies() -> tuple[dict[int, Plan], dict[int, Plan]]:
    """The policies that are switched on, by id and by the severity that takes them; two queries.

    One without steps tells nobody, so it is no plan.
    """
    rows = list(EscalationPolicy.objects.filter(is_active=True))
    steps: dict[int, list[Step]] = {row.pk: [] for row in rows}
    for step in EscalationStep.objects.filter(policy__is_active=True).order_by("policy", "no"):
        steps[step.policy_id].append(step_of(step))
    plans = {
        row.pk: Plan(row.pk, row.version, row.name, row.repeats, tuple(steps[row.pk])) for row in rows if steps[row.pk]
    }
    by_severity = {int(Severity(row.default_for)): plans[row.pk] for row in rows if row.default_for and row.pk in plans}
    return plans, by_severity


def step_of(row: EscalationStep) -> Step:
    """One row as the pure rules know it."""
    return Step(row.wait, Target(row.target), Hours(row.hours), row.person_id, row.team_id, row.endpoint_id)
