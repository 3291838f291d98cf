"""Tell whom a move concerns: those who were told before of closing and opening again, and the new owner."""

from datetime import datetime, timedelta

from accounts.models import User
from exceptions.escalation import Step
from exceptions.models import IntegrationException
from exceptions.selectors.step_world import load_step_world
from exceptions.services.tell_those_told import Event, tell_those_told
from exceptions.vocabulary import NoticeKind, Target, Verb

_AT_ONCE = timedelta(0)
_KINDS = {Verb.RESOLVE: NoticeKind.RESOLVED, Verb.REOPEN: NoticeKind.REOPENED}
_GIVEN = frozenset({Verb.ASSIGN, Verb.REROUTE})


def tell_moved(
    before: IntegrationException, after: IntegrationException, verb: Verb, *, actor: User | None, now: datetime
) -> None:
    """Queue the notices of a move in its transaction; whoever made it is not told."""
    event = event_of(before, after, verb, actor=actor, now=now)
    if event is not None:
        tell_those_told([event], now=now)


def event_of(
    before: IntegrationException, after: IntegrationException, verb: Verb, *, actor: User | None, now: datetime
) -> Event | None:
    """What a move is to those whom it concerns; None where it concerns nobody."""
    key = f"{verb.value}:{after.pk}:{after.version}"
    but_not = actor.pk if actor is not None else None
    if verb in _KINDS:
        owner = () if after.owner_id is None else (after.owner_id,)
        return Event(after.pk, _KINDS[verb], key, before.spell_no, owner, but_not)
    people = _new_owners(before, after, now) if verb in _GIVEN else ()
    return Event(after.pk, NoticeKind.ASSIGNED, key, None, people, but_not) if people else None


def _new_owners(before: IntegrationException, after: IntegrationException, now: datetime) -> tuple[int, ...]:
    """The person who has it now, else whoever is on duty in the team that has it now; nobody where nothing changed."""
    if after.owner_id is not None:
        return (after.owner_id,) if after.owner_id != before.owner_id else ()
    if after.owner_team_id is None or after.owner_team_id == before.owner_team_id:
        return ()
    return load_step_world({after.source_id}, now).whom(Step(_AT_ONCE, Target.DUTY), after, now).people
