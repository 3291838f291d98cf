"""Whom the next step of each exception's frozen plan tells, for the rows of one page."""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import Team, User
from config.web.asking import Question, rows_of
from exceptions.escalation import Step, thaw
from exceptions.models import IntegrationException, WebhookEndpoint
from exceptions.vocabulary import Target

PEOPLE, TEAMS, ENDPOINTS = "people told next", "teams told next", "systems told next"
UNNAMED = "next step"


def told_questions(exceptions: Iterable[IntegrationException]) -> dict[str, Question]:
    """Ask for the names of those that the next steps tell; nothing where no clock of a plan runs."""
    steps = [step for step in map(next_step, exceptions) if step is not None]
    people = {step.person for step in steps if step.target == Target.PERSON and step.person}
    teams = {step.team for step in steps if step.target == Target.TEAM and step.team}
    endpoints = {step.endpoint for step in steps if step.target == Target.WEBHOOK and step.endpoint}
    of_people = User.objects.filter(pk__in=people).values("id", "first_name", "last_name", "username")
    return {
        PEOPLE: rows_of(of_people),
        TEAMS: rows_of(Team.objects.filter(pk__in=teams).order_by().values("id", "name")),
        ENDPOINTS: rows_of(WebhookEndpoint.objects.filter(pk__in=endpoints).order_by().values("id", "name")),
    }


def told_names(found: Mapping[str, Any]) -> dict[tuple[Target, int], str]:
    """Read the answers to ``told_questions``."""
    names = {(Target.PERSON, row["id"]): str(User(**row)) for row in found[PEOPLE]}
    names |= {(Target.TEAM, row["id"]): row["name"] for row in found[TEAMS]}
    return names | {(Target.WEBHOOK, row["id"]): row["name"] for row in found[ENDPOINTS]}


def told_words(exception: IntegrationException, names: Mapping[tuple[Target, int], str]) -> str:
    """Say whom the next step tells: "tells Dana Whitlock", "tells on duty"."""
    step = next_step(exception)
    if step is None:
        return UNNAMED
    if step.target == Target.DUTY:
        return "tells on duty"
    if step.target == Target.TEAM and not step.team:
        return f"tells {exception.owner_team or 'nobody'}"
    subject = {Target.PERSON: step.person, Target.TEAM: step.team, Target.WEBHOOK: step.endpoint}[step.target]
    name = names.get((step.target, subject or 0), "")
    return f"tells {name}" if name else UNNAMED


def next_step(exception: IntegrationException) -> Step | None:
    """The step that runs next; None where none does, or where what was frozen is no plan."""
    if exception.next_step_at is None or not exception.policy:
        return None
    try:
        return thaw(exception.policy).step(exception.next_step_no)
    except ValueError:
        return None
