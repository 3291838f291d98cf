"""Why an exception is with whom it is with, in one sentence, from the route that was frozen when it opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.web.asking import Question, rows_of
from exceptions.models import IntegrationException, RoutingRule
from exceptions.routing import By


@dataclass(frozen=True, slots=True)
class Reason:
    """The sentence, and what has changed since it was routed ("" for nothing)."""

    sentence: str
    since: str = ""


def rule_question(exception: IntegrationException) -> Question:
    """Ask how the rule that routed it stands now."""
    rule_id = (exception.route or {}).get("rule")
    if rule_id is None:
        return Question(None, nothing=[])
    return rows_of(RoutingRule.objects.filter(pk=rule_id).order_by().values("version", "is_active", "position"))


def reason_of(exception: IntegrationException, rules: list[Mapping[str, Any]]) -> Reason:
    """Say why; ``rules`` answer ``rule_question``."""
    route, team = exception.route, exception.owner_team
    if team is None:
        return Reason("No team owns it.")
    if not route:
        return Reason(_by_kind(exception))
    if team.pk != route.get("team"):
        return Reason(f"It was handed over to {team}; see what happened before.", _since(route, rules))
    by = route.get("by")
    name = f"Rule “{route.get('name', '')}”, version {route.get('version', 1)}"
    if by == By.RULE:
        return Reason(f"{name}, gives it to {team}.", _since(route, rules))
    if route.get("rule") is not None:
        return Reason(f"{name}, could not be used, so {team} has it.", _since(route, rules))
    if by == By.FEED and exception.feed is not None:
        return Reason(f"No rule fits, and {team} owns the feed {exception.feed}.")
    if by == By.CHECK:
        return Reason(f"No rule fits, and {exception.kind.family.label.lower()} problems go to {team}.")
    return Reason(f"No rule fits, and {team} looks after what no other team is named for.")


def _by_kind(exception: IntegrationException) -> str:
    """Why, where it was opened before there were rules."""
    feed, team, kind = exception.feed, exception.owner_team, exception.kind
    if feed is not None and team is not None and feed.owner_team_id == team.pk:
        return f"{team} owns the feed {feed}."
    if team is not None and team.key == kind.owner:
        return f"{kind.family.label} problems of this kind go to {team}."
    is_last = team is not None and team.is_catch_all
    return f"{team} looks after what no other team is named for." if is_last else f"Given to {team}."


def _since(route: Mapping[str, Any], rules: list[Mapping[str, Any]]) -> str:
    """What became of the rule meanwhile."""
    if route.get("rule") is None:
        return ""
    if not rules:
        return "Rule removed since."
    now = rules[0]
    if not now["is_active"]:
        return "Rule switched off since."
    return f"Rule changed since: it is version {now['version']} now." if now["version"] != route.get("version") else ""
