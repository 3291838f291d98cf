"""What rules would do to the exceptions that are open: a dry run, which moves nothing and takes no lock.

It looks at what routing again may move: nobody has taken it, and nobody handed it to others than the rules did. So
what it lists is what ``services.reroute_exceptions`` then does, if nothing else happens in between.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Team, User
from accounts.scope import clinic_scope_q
from exceptions.checks import own
from exceptions.lifecycle import MOVES
from exceptions.models import IntegrationException
from exceptions.querysets import IntegrationExceptionQuerySet
from exceptions.routing import Rule
from exceptions.services.move_columns import is_same_plan
from exceptions.services.route_exceptions import Given, give, item_of, load_plan
from exceptions.vocabulary import Verb

# The worst are looked at first; beyond them a number says how many were not.
MOST = 5_000
ABOUT_RULES = [check.id for check in own.CHECKS]
Owner = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Moved:
    """One exception that would get another owner."""

    exception: IntegrationException
    before: str
    after: str
    because: str
    given: Given


@dataclass(frozen=True, slots=True)
class TeamChange:
    """How many of what was looked at a team has, and would have."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """``open`` were looked at; ``replanned`` keep their owner and get another policy; ``left_out`` were too many."""

    open: int
    moved: list[Moved]
    replanned: int
    teams: list[TeamChange]
    left_out: int

    @property
    def ids(self) -> list[int]:
        """What would be moved, in one order for all."""
        return sorted(one.exception.pk for one in self.moved)


def movable(user: Any, roles: Iterable[str]) -> IntegrationExceptionQuerySet:
    """What a person with one of the roles may route again: open, not taken by anybody, not about the rules."""
    scope = clinic_scope_q(user, "clinic", "source", roles=roles)
    return (
        IntegrationException.objects.filter(scope, state__in=MOVES[Verb.REROUTE].sources, taken_at=None)
        .exclude(check_id__in=ABOUT_RULES)
        .select_related("source", "clinic", "owner", "owner_team")
    )


def dry_run(found: IntegrationExceptionQuerySet, now: datetime, *, rules: Iterable[Rule] | None = None) -> DryRun:
    """Try rules, or those in force, on some exceptions; about fifteen queries however many."""
    worst = list(found.order_by("severity", "-live_count", "-id")[:MOST])
    left_out = found.count() - MOST if len(worst) == MOST else 0
    rows = [row for row in worst if not is_by_hand(row)]
    plan = load_plan({row.source_id for row in rows}, now, rules=rules)
    given = [(row, give(item_of(row), plan, now)) for row in rows]
    called = _names(given)
    moved = [
        Moved(row, _said(owner_of(row), called), _said(_owner(to), called), because(to), to)
        for row, to in given
        if owner_of(row) != _owner(to)
    ]
    replanned = sum(owner_of(row) == _owner(to) and not is_same_plan(row.policy, to.policy) for row, to in given)
    return DryRun(len(rows), moved, replanned, _teams(given, called), left_out)


def owner_of(exception: IntegrationException) -> Owner:
    """Team and person who answer for it."""
    return exception.owner_team_id, exception.owner_id


def is_by_hand(exception: IntegrationException) -> bool:
    """Whether a person gave it to others than the rules did; such a decision stays."""
    route: Mapping[str, Any] | None = exception.route
    if route is None:
        return exception.owner_id is not None
    return owner_of(exception) != (route.get("team"), route.get("person"))


def because(given: Given) -> str:
    """What would decide."""
    rule = given.routed.rule
    if rule is None:
        return {"feed": "its feed's team", "check": "its kind's team"}.get(given.routed.by, "the catch-all team")
    return f"{rule.name} fails" if given.routed.problem else rule.name


def _owner(given: Given) -> Owner:
    return given.routed.team, given.routed.person


def _names(given: Iterable[tuple[IntegrationException, Given]]) -> dict[tuple[str, int], str]:
    people = {pk for row, to in given for pk in (row.owner_id, to.routed.person) if pk is not None}
    found = {("team", pk): name for pk, name in Team.objects.values_list("id", "name")}
    return found | {("person", person.pk): str(person) for person in User.objects.filter(pk__in=people)}


def _said(owner: Owner, called: Mapping[tuple[str, int], str]) -> str:
    team = called.get(("team", owner[0] or 0), "nobody")
    person = called.get(("person", owner[1] or 0), "")
    return f"{person}, {team}" if person else team


def _teams(
    given: Iterable[tuple[IntegrationException, Given]], called: Mapping[tuple[str, int], str]
) -> list[TeamChange]:
    """The teams whose number would change, the greatest gain first."""
    before: Counter[int | None] = Counter(row.owner_team_id for row, _ in given)
    after: Counter[int | None] = Counter(to.routed.team for _, to in given)
    changed = [pk for pk in {*before, *after} if before[pk] != after[pk]]
    lines = [TeamChange(called.get(("team", pk or 0), "Nobody"), before[pk], after[pk]) for pk in changed]
    return sorted(lines, key=lambda line: (line.before - line.after, line.name))
