"""Which columns a move sets beside the version: the state, its ends, its owner, and when the plan goes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Team, User
from exceptions.escalation import next_due, thaw
from exceptions.lifecycle import STEPPING, TAKE_LASTS, resting_state
from exceptions.models import IntegrationException
from exceptions.selectors.calendars import NO_CALENDARS, Calendars
from exceptions.services.route_exceptions import Given, give, item_of, load_plan
from exceptions.vocabulary import Hours, State, Verb

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """What comes with a verb: why, to whom, until when, and which version of the exception the person saw.

    ``given`` is what the rules say now, where it is routed again.
    """

    reason: str = ""
    owner: User | None = None
    team: Team | None = None
    until: datetime | None = None
    version: int | None = None
    given: Given | None = None


def columns_of(
    verb: Verb,
    exception: IntegrationException,
    order: Order,
    actor: User | None,
    now: datetime,
    calendars: Callable[[], Calendars],
) -> Columns:
    """Work out the columns of a legal move of a locked row.

    ``calendars`` of its source are asked for where its plan goes on within hours; opening again reads the rules.
    """
    columns = _COLUMNS[verb](exception, order, actor, now) if verb in _COLUMNS else {}
    if _stays_taken(exception, columns) and actor is not None and exception.owner_id == actor.pk:
        # Whoever works on it keeps it.
        columns.setdefault("taken_until", max(exception.taken_until or now, now + TAKE_LASTS))
    if "next_step_at" not in columns:
        columns |= _clock_of(exception, columns, now, calendars)
    return columns


def _resumed_at(exception: IntegrationException, now: datetime, calendars: Callable[[], Calendars]) -> datetime | None:
    """When the next step is due, its wait counted from ``now``; what is no plan is due at once and will be told of."""
    try:
        plan = thaw(exception.policy) if exception.policy is not None else None
    except ValueError:
        return now
    step = plan.step(exception.next_step_no) if plan is not None else None
    if plan is None or step is None:
        return None
    known = NO_CALENDARS if step.hours == Hours.ALWAYS else calendars()
    calendar = known.of(exception.source_id, exception.clinic_id)
    return next_due(plan, exception.next_step_no, now, calendar, team=exception.owner_team_id)


def _stays_taken(exception: IntegrationException, columns: Columns) -> bool:
    return exception.state == State.TAKEN and columns.get("state") in {None, State.TAKEN}


def _clock_of(
    exception: IntegrationException, columns: Columns, now: datetime, calendars: Callable[[], Calendars]
) -> Columns:
    """The plan stands still while somebody has it, and while it is muted, waived or closed; then it goes on."""
    state = columns.get("state", exception.state)
    is_waived = columns.get("waived_until", exception.waived_until) is not None
    if state not in STEPPING or is_waived:
        return {"next_step_at": None}
    if exception.state in STEPPING and exception.waived_until is None:
        return {}
    return {"next_step_at": _resumed_at(exception, now, calendars)}


def _take(_exception: IntegrationException, order: Order, actor: User | None, now: datetime) -> Columns:
    until = order.until or now + TAKE_LASTS
    return {"state": State.TAKEN, "owner": actor, "taken_at": now, "taken_until": until}


def _release(exception: IntegrationException, _order: Order, _actor: User | None, _now: datetime) -> Columns:
    return given_back(exception)


def given_back(exception: IntegrationException) -> Columns:
    """After a take it is with nobody, whether it was let go or ran out."""
    return {"state": resting_state(exception.spell_no), "owner": None, "taken_at": None, "taken_until": None}


def _assign(exception: IntegrationException, order: Order, _actor: User | None, _now: datetime) -> Columns:
    """Whoever gets it has not taken it yet, so its plan goes on."""
    columns: Columns = {"owner": order.owner, "taken_at": None, "taken_until": None}
    if exception.state == State.TAKEN:
        columns["state"] = resting_state(exception.spell_no)
    return columns | ({"owner_team": order.team} if order.team is not None else {})


def _mute(_exception: IntegrationException, order: Order, _actor: User | None, now: datetime) -> Columns:
    return {"state": State.MUTED, "muted_at": now, "muted_until": order.until, "taken_until": None}


def _unmute(exception: IntegrationException, _order: Order, _actor: User | None, now: datetime) -> Columns:
    return unmuted(exception, now)


def unmuted(exception: IntegrationException, now: datetime) -> Columns:
    """After a mute it is where it was: with whoever had taken it, or with nobody."""
    if exception.taken_at is not None:
        return {"state": State.TAKEN, "muted_until": None, "taken_until": now + TAKE_LASTS}
    return {"state": resting_state(exception.spell_no), "muted_until": None}


def _waive(_exception: IntegrationException, order: Order, _actor: User | None, _now: datetime) -> Columns:
    return {"waived_until": order.until}


def _unwaive(_exception: IntegrationException, _order: Order, _actor: User | None, _now: datetime) -> Columns:
    return {"waived_until": None}


def _resolve(_exception: IntegrationException, _order: Order, _actor: User | None, now: datetime) -> Columns:
    ends = dict.fromkeys(("muted_until", "waived_until", "taken_at", "taken_until"))
    return {"state": State.RESOLVED, "resolved_at": now, **ends}


def _reopen(exception: IntegrationException, _order: Order, _actor: User | None, now: datetime) -> Columns:
    """A new spell keeps its owner and gets a plan as plans are now."""
    given = give(item_of(exception), load_plan({exception.source_id}, now), now)
    return {
        "state": State.REOPENED,
        "resolved_at": None,
        "spell_no": exception.spell_no + 1,
        "opened_at": now,
        "policy": given.policy,
        "next_step_no": 0,
        "next_step_at": given.next_step_at,
    }


def _reroute(exception: IntegrationException, order: Order, _actor: User | None, _now: datetime) -> Columns:
    """Another owner, and another plan where the policy is another one; its runs are numbered on from those there are.

    A plan that stays goes on where it is.
    """
    given = order.given
    if given is None:
        return {}
    columns: Columns = {"owner_team_id": given.routed.team, "owner_id": given.routed.person, "route": given.route}
    if is_same_plan(exception.policy, given.policy):
        return columns
    first = exception.next_step_no
    policy = given.policy | {"first": first} if given.policy is not None else None
    runs = exception.state in STEPPING and exception.waived_until is None
    return columns | {"policy": policy, "next_step_at": given.next_step_at if runs else None}


def is_same_plan(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether two frozen plans are the same version of the same policy."""
    if one is None or other is None:
        return one is other
    return (one.get("policy"), one.get("version")) == (other.get("policy"), other.get("version"))


_COLUMNS: dict[Verb, Callable[[IntegrationException, Order, User | None, datetime], Columns]] = {
    Verb.TAKE: _take,
    Verb.RELEASE: _release,
    Verb.ASSIGN: _assign,
    Verb.MUTE: _mute,
    Verb.UNMUTE: _unmute,
    Verb.WAIVE: _waive,
    Verb.UNWAIVE: _unwaive,
    Verb.RESOLVE: _resolve,
    Verb.REOPEN: _reopen,
    Verb.REROUTE: _reroute,
}
