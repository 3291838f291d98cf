"""Everything a person can do to one exception: one verb, one guarded update, one history row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts.models import Team, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.locks import RowsBusyError, short_waits
from exceptions.catalogue import CATALOGUE
from exceptions.errors import InvalidMoveError, LiveHoldError, StaleExceptionError
from exceptions.lifecycle import MOST_MUTED, MOVES
from exceptions.models import History, IntegrationException, Spell
from exceptions.vocabulary import State, Verb

STALE = "Someone or something moved this exception meanwhile. Look at it again before you decide."
BUSY = "Messages about it are being read at this moment. Try again in a few seconds."
HOLDS = frozenset(check.id for check in CATALOGUE.values() if check.is_hold)


@dataclass(frozen=True, slots=True)
class Order:
    """What comes with a verb: why, to whom, until when, and which version of the exception the person saw."""

    reason: str = ""
    owner: User | None = None
    team: Team | None = None
    until: datetime | None = None
    version: int | None = None


@transaction.atomic
def move_exception(
    exception: IntegrationException,
    verb: Verb,
    order: Order | None = None,
    *,
    actor: User | None,
    now: datetime,
    request_id: str = "",
) -> None:
    """Apply a legal move, write its history and audit it; refreshes ``exception``.

    Raises:
        InvalidMoveError: a reason, an owner or a fitting end is missing.
        LiveHoldError: it cannot be closed while visits are held (I4).
        StaleExceptionError: it is not as the person saw it, or somebody was faster.
    """
    order = order or Order()
    _check(verb, order, now)
    before = _locked(exception)
    changes = _changes(verb, before, order, actor, now)
    try:
        moved = IntegrationException.objects.filter(_guard(exception, verb, order)).update(
            version=F("version") + 1, **changes
        )
    except IntegrityError as error:
        # one_open_exception_per_fingerprint: a twin opened after this one was closed.
        raise StaleExceptionError("A newer exception about the same thing is open. Work on that one.") from error
    if not moved:
        raise _refusal(before, verb, order)
    exception.refresh_from_db()
    _tell(before, exception, verb, order, actor, now)
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind="exceptions.integrationexception",
        subjects=[exception.pk],
        clinic=exception.clinic_id,
        detail={"verb": verb.value, "from": before.state, "to": exception.state},
        now=now,
        request_id=request_id,
    )


def _locked(exception: IntegrationException) -> IntegrationException:
    try:
        with short_waits():
            return IntegrationException.objects.select_for_update().get(pk=exception.pk)
    except RowsBusyError as error:
        raise StaleExceptionError(BUSY) from error


def _guard(exception: IntegrationException, verb: Verb, order: Order) -> Q:
    """What must still hold when the row is written."""
    guard = Q(pk=exception.pk, state__in=MOVES[verb].sources)
    if order.version is not None:
        guard &= Q(version=order.version)
    if verb == Verb.RESOLVE:
        guard &= ~Q(check_id__in=HOLDS) | Q(live_count=0)
    return guard


def _check(verb: Verb, order: Order, now: datetime) -> None:
    """Refuse what the table of moves asks for and the order does not bring."""
    move = MOVES[verb]
    if move.needs_reason and not order.reason.strip():
        raise InvalidMoveError("Write a few words, so that the next person knows why.")
    if move.needs_owner and order.owner is None and order.team is None:
        raise InvalidMoveError("Choose a person or a team.")
    if move.needs_until and (order.until is None or not now < order.until <= now + MOST_MUTED):
        raise InvalidMoveError(f"A mute ends within {MOST_MUTED.days} days. Choose when.")


def _changes(
    verb: Verb, exception: IntegrationException, order: Order, actor: User | None, now: datetime
) -> dict[str, Any]:
    """Work out the columns a move sets beside the version."""
    target = MOVES[verb].target
    changes: dict[str, Any] = {}
    if target is not None:
        changes["state"] = target
        changes["muted_until"] = order.until if target == State.MUTED else None
        changes["resolved_at"] = now if target == State.RESOLVED else None
    if verb == Verb.TAKE:
        changes |= {"owner": actor, "taken_at": now}
    elif verb == Verb.RELEASE:
        changes |= {"owner": None, "taken_at": None}
    elif verb == Verb.ASSIGN:
        changes["owner"] = order.owner
        changes["taken_at"] = None
        if order.team is not None:
            changes["owner_team"] = order.team
    elif verb == Verb.UNMUTE and exception.owner_id is not None:
        changes["state"] = State.TAKEN
    elif verb == Verb.REOPEN:
        changes |= {"spell_no": exception.spell_no + 1, "opened_at": now}
    return changes


def _refusal(exception: IntegrationException, verb: Verb, order: Order) -> StaleExceptionError | LiveHoldError:
    """Say why a guarded update found nothing; ``exception`` is the locked row."""
    is_as_seen = order.version in (None, exception.version)
    if is_as_seen and verb == Verb.RESOLVE and exception.state in MOVES[verb].sources:
        visits = "1 visit is" if exception.live_count == 1 else f"{exception.live_count:,} visits are"
        return LiveHoldError(f"{visits} still held. It can be closed once the cause is gone.")
    if is_as_seen:
        return StaleExceptionError(f"It is {exception.get_state_display().lower()}, so this cannot be done to it.")
    return StaleExceptionError(STALE)


def _tell(
    before: IntegrationException,
    after: IntegrationException,
    verb: Verb,
    order: Order,
    actor: User | None,
    now: datetime,
) -> None:
    """Write the history row, and move the clock of the spell."""
    detail: dict[str, Any] = {}
    if verb == Verb.ASSIGN:
        detail = {"owner": after.owner_id, "team": after.owner_team_id}
    elif verb == Verb.MUTE and order.until is not None:
        detail = {"until": order.until.isoformat()}
    History.objects.create(
        exception=after,
        at=now,
        verb=verb,
        actor=actor,
        from_state=before.state,
        to_state=after.state,
        version=after.version,
        reason=order.reason.strip(),
        detail=detail,
    )
    if verb == Verb.RESOLVE:
        Spell.objects.filter(exception=after, no=after.spell_no).update(closed_at=now)
    elif verb == Verb.REOPEN:
        Spell.objects.create(exception=after, no=after.spell_no, opened_at=now)
