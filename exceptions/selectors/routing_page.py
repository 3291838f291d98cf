"""What the page of routing rules prints: rules in order with what they hold now, those that fail, and the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Team, User
from exceptions.models import IntegrationException, PlanChange, RoutingRule
from exceptions.patterns import compiled
from exceptions.routing import By
from exceptions.rule_words import Conditions, condition_words, place_words
from exceptions.selectors.settings_scope import placed_q

SHOWN_CHANGES = 30
TAILS = {
    By.FEED: ("The team that owns the feed", "where a feed names one"),
    By.CHECK: ("The team of the kind of problem", "as the catalogue has it"),
    By.CATCH_ALL: ("The catch-all team", "for everything that is left"),
}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the list. ``no`` is its place among all rules; ``problem`` says why it fails, else ""."""

    rule: RoutingRule
    no: int
    is_current: bool
    words: str
    open_now: int
    problem: str

    @property
    def tone(self) -> str:
        """How it stands, as a mark."""
        return "held" if self.problem and self.rule.is_active else ""


@dataclass(frozen=True, slots=True)
class Tail:
    """Where an exception goes that no rule fits, with how many went there; ``by`` is a ``By``."""

    by: str
    name: str
    note: str
    to: str
    open_now: int


@dataclass(frozen=True, slots=True)
class RoutingList:
    """The whole order; ``hidden`` counts rules of places outside the person's scope."""

    rows: list[RuleRow]
    tails: list[Tail]
    hidden: int
    open_now: int

    @property
    def failing(self) -> int:
        """How many rules that are switched on fail."""
        return sum(bool(row.tone) for row in self.rows)


def seen_rules(user: Any) -> QuerySet[RoutingRule]:
    """The rules that a person may see: those for everywhere, and those of their places."""
    everywhere = Q(source=None, clinic=None, feed=None)
    return RoutingRule.objects.filter(everywhere | placed_q(user)).select_related(
        "source", "clinic", "feed", "team", "person", "policy"
    )


def routing_list(user: Any, *, current: int | None) -> RoutingList:
    """All rules in their order, five queries whatever their number."""
    seen = {rule.pk: rule for rule in seen_rules(user)}
    order = list(RoutingRule.objects.order_by("position", "id").values_list("id", flat=True))
    held = open_by_route(user)
    staffed = set(Team.objects.filter(members__is_active=True).values_list("id", flat=True))
    rows = [
        RuleRow(
            seen[pk], no, pk == current, words_of(seen[pk]), held.get((By.RULE, pk), 0),
            problem_of(seen[pk], staffed=seen[pk].team_id in staffed),
        )
        for no, pk in enumerate(order, start=1)
        if pk in seen
    ]  # fmt: skip
    catch_all = Team.objects.filter(is_catch_all=True).first()
    tails = [
        Tail(by, name, note, _to(by, catch_all), sum(many for (chosen, _), many in held.items() if chosen == by))
        for by, (name, note) in TAILS.items()
    ]
    return RoutingList(rows, tails, len(order) - len(rows), sum(held.values()))


def open_by_route(user: Any) -> Mapping[tuple[str, int | None], int]:
    """How many open exceptions of a person's scope were routed (by what, by which rule); one query."""
    open_ones = IntegrationException.objects.visible_to(user).unresolved().order_by()
    rows = open_ones.values("route__by", "route__rule").annotate(many=Count("pk"))
    found: dict[tuple[str, int | None], int] = {}
    for row in rows:
        # What was opened before there were rules went to its feed's team, its kind's or the catch-all: the kind stands
        # for them.
        key = (row["route__by"] or By.CHECK.value, row["route__rule"])
        found[key] = found.get(key, 0) + row["many"]
    return found


def words_of(rule: RoutingRule) -> str:
    """What a rule is about, without its pattern."""
    place = place_words(
        source=str(rule.source or ""), clinic=str(rule.clinic or ""), feed=str(rule.feed or "")
    )  # fmt: skip
    return condition_words(Conditions(rule.checks, rule.families, rule.severities, place, rule.raw_pattern))


def problem_of(rule: RoutingRule, *, staffed: bool) -> str:
    """Why a rule cannot be used, as routing would find; "" where it can."""
    try:
        compiled(rule.raw_pattern)
    except ValueError as error:
        return str(error)
    if rule.person is not None and not rule.person.is_active:
        return "The person it names may not sign in any more."
    return "" if staffed else "The team it names has no active member."


def changes_of(rule: RoutingRule) -> list[PlanChange]:
    """The newest changes of a rule; one query."""
    return list(PlanChange.objects.filter(rule=rule).select_related("actor")[:SHOWN_CHANGES])


def people_to_name() -> list[User]:
    """Who a rule or a step may name, by name."""
    return list(User.objects.filter(is_active=True).order_by("first_name", "last_name", "username"))


def _to(by: By, catch_all: Team | None) -> str:
    if by == By.CATCH_ALL:
        return str(catch_all) if catch_all else "nobody: name a catch-all team"
    return "the feed's team" if by == By.FEED else "the kind's team"
