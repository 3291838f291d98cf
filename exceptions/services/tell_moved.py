"""Whom a move concerns: those who were told before hear of closing and opening again, and so does the new owner."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache

from accounts.models import User
from exceptions.escalation import Step
from exceptions.models import IntegrationException
from exceptions.selectors.step_world import StepWorld, load_step_world
from exceptions.services.tell_those_told import Event
from exceptions.vocabulary import NoticeKind, Target, Verb

_AT_ONCE = timedelta(0)
_KINDS = {Verb.RESOLVE: NoticeKind.RESOLVED, Verb.REOPEN: NoticeKind.REOPENED}
_GIVEN = frozenset({Verb.ASSIGN, Verb.REROUTE})


def events_of(
    moved: Sequence[tuple[IntegrationException, IntegrationException]],
    verb: Verb,
    *,
    actor: User | None,
    now: datetime,
) -> list[Event]:
    """What some moves, each (before, after), are to those whom they concern, but not to whoever made them.

    Who is on duty is read once for all, where a team gets something.
    """
    world = cache(lambda: load_step_world({after.source_id for _, after in moved}, now))
    but_not = actor.pk if actor is not None else None
    events: list[Event] = []
    for before, after in moved:
        key = f"{verb.value}:{after.pk}:{after.version}"
        if verb in _KINDS:
            owner = () if after.owner_id is None else (after.owner_id,)
            events.append(Event(after.pk, _KINDS[verb], key, before.spell_no, owner, but_not))
        elif verb in _GIVEN and (people := _new_owners(before, after, world, now)):
            events.append(Event(after.pk, NoticeKind.ASSIGNED, key, None, people, but_not))
    return events


def _new_owners(
    before: IntegrationException, after: IntegrationException, world: Callable[[], StepWorld], now: datetime
) -> tuple[int, ...]:
    """The person who has it now, else whoever is on duty in the team that has it now; nobody where nothing changed."""
    if after.owner_id is not None:
        return (after.owner_id,) if after.owner_id != before.owner_id else ()
    if after.owner_team_id is None or after.owner_team_id == before.owner_team_id:
        return ()
    return world().whom(Step(_AT_ONCE, Target.DUTY), after, now).people
