"""What the pages of escalation policies print: steps, open items by version, and when whom would be told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from accounts.duty import DutyPlan, on_duty
from accounts.models import Clinic, Team, User
from exceptions.escalation import Plan, Step, next_due
from exceptions.hours import Calendar
from exceptions.models import EscalationPolicy, IntegrationException, PlanChange, WebhookEndpoint
from exceptions.rule_words import Names, hours_words, wait_words, whom_words
from exceptions.selectors.calendars import load_calendars
from exceptions.services.route_exceptions import step_of
from exceptions.vocabulary import Severity, Target

MOST_TOLD = 14
SHOWN_CHANGES = 30
TEAM_INSTEAD = "Nobody is on duty then, so the whole team is told."


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step in words."""

    no: int
    wait: str
    whom: str
    hours: str


@dataclass(frozen=True, slots=True)
class Usage:
    """How many open exceptions of a person's scope have which version frozen."""

    by_version: Mapping[int, int]
    version: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_version.values())

    @property
    def older(self) -> list[tuple[int, int]]:
        """(version, exceptions) of versions that are not the one of now, the newest first."""
        return sorted(((one, many) for one, many in self.by_version.items() if one != self.version), reverse=True)

    @property
    def older_total(self) -> int:
        """How many keep another version than the one of now."""
        return sum(many for _, many in self.older)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy in the list."""

    policy: EscalationPolicy
    steps: list[StepLine]
    usage: Usage
    default_words: str


@dataclass(frozen=True, slots=True)
class Telling:
    """One run of a step that a preview foresees; ``waited`` says that its hours put it off."""

    at: datetime
    whom: str
    who: tuple[str, ...]
    note: str
    waited: str
    round: int


def names() -> Names:
    """The names of all who can be told; three queries."""
    return Names(
        {person.pk: str(person) for person in User.objects.filter(is_active=True)},
        dict(Team.objects.values_list("id", "name")),
        dict(WebhookEndpoint.objects.values_list("id", "name")),
    )


def policy_rows(user: Any, called: Names) -> list[PolicyRow]:
    """All policies by name; three queries."""
    used = usage_by_policy(user)
    return [
        PolicyRow(
            policy,
            step_lines(plan_of(policy).steps, called),
            Usage(used[policy.pk], policy.version),
            f"{Severity(policy.default_for).label.lower()} problems" if policy.default_for else "",
        )
        for policy in EscalationPolicy.objects.prefetch_related("steps")
    ]


def plan_of(policy: EscalationPolicy) -> Plan:
    """The policy as escalation reads it; ``steps`` may be prefetched."""
    steps = sorted(policy.steps.all(), key=lambda step: step.no)
    return Plan(policy.pk, policy.version, policy.name, policy.repeats, tuple(map(step_of, steps)))


def step_lines(steps: Iterable[Step], called: Names) -> list[StepLine]:
    """Steps in words."""
    return [
        StepLine(no, wait_words(step.wait), _whom(step, called), hours_words(step.hours))
        for no, step in enumerate(steps, start=1)
    ]


def usage_by_policy(user: Any) -> dict[int, dict[int, int]]:
    """How many open exceptions have which version of which policy; one query."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    open_ones = IntegrationException.objects.visible_to(user).unresolved().filter(policy__isnull=False).order_by()
    rows = open_ones.values("policy__policy", "policy__version").annotate(many=Count("pk"))
    for row in rows:
        found[row["policy__policy"]][row["policy__version"]] = row["many"]
    return found


def foreseen(plan: Plan, opened_at: datetime, *, clinic: Clinic, team: Team, called: Names) -> list[Telling]:
    """When whom would be told about something that opens at a moment (UTC) and that nobody takes; five queries.

    Each step counts from when the one before it was told, as escalation does; the first ``MOST_TOLD`` are given.
    """
    calendars = load_calendars([clinic.source_id], opened_at)
    calendar = calendars.of(clinic.source_id, clinic.pk)
    found: list[Telling] = []
    since = opened_at
    for no in range(min(plan.runs, MOST_TOLD)):
        step, due = plan.step(no), next_due(plan, no, since, calendar, team=team.pk)
        if step is None or due is None:
            break
        found.append(_telling(step, due, since, no // len(plan.steps), team, calendar, called))
        since = due
    return found


def _telling(
    step: Step, due: datetime, since: datetime, done: int, team: Team, calendar: Calendar, called: Names
) -> Telling:
    owner = step.team or team.pk
    who: tuple[str, ...] = ()
    note = ""
    if step.target == Target.DUTY:
        there = on_duty(calendar.duties.get(owner, DutyPlan()), due)
        who = tuple(called.people[person] for person in there if person in called.people)
        note = "" if who else TEAM_INSTEAD
    waited = hours_words(step.hours) if due > since + step.wait else ""
    named = step if step.team or step.target not in {Target.TEAM, Target.DUTY} else _named(step, team)
    return Telling(due, _whom(named, called), who, note, waited, done + 1)


def _named(step: Step, team: Team) -> Step:
    """The step with the team that would own the exception."""
    return Step(step.wait, step.target, step.hours, step.person, team.pk, step.endpoint)


def _whom(step: Step, called: Names) -> str:
    return whom_words(step.target, called, person=step.person, team=step.team, endpoint=step.endpoint)


def changes_of(policy: EscalationPolicy) -> list[PlanChange]:
    """The newest changes of a policy; one query."""
    return list(PlanChange.objects.filter(policy=policy).select_related("actor")[:SHOWN_CHANGES])
