"""Everything a person can do to one exception: one verb, one guarded update, one history row."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.locks import RowsBusyError, short_waits
from exceptions.catalogue import CATALOGUE
from exceptions.errors import InvalidMoveError, LiveHoldError, StaleExceptionError
from exceptions.lifecycle import MOST_TAKEN, MOVES
from exceptions.models import History, IntegrationException, Spell
from exceptions.services.escalate import escalate
from exceptions.services.move_columns import Order, columns_of
from exceptions.services.tell_moved import tell_moved
from exceptions.vocabulary import Verb

__all__ = ["BUSY", "HOLDS", "STALE", "Order", "check_order", "detail_of", "move_exception", "refusal_of"]

STALE = "Someone or something moved this exception meanwhile. Look at it again before you decide."
BUSY = "Messages about it are being read at this moment. Try again in a few seconds."
HOLDS = frozenset(check.id for check in CATALOGUE.values() if check.is_hold)


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
    """Apply a legal move, write its history, audit it and tell whom it concerns; refreshes ``exception``.

    Raises:
        InvalidMoveError: a reason, an owner or a fitting end is missing, or there is nobody to escalate to.
        LiveHoldError: it cannot be closed while visits are held (I4).
        StaleExceptionError: it is not as the person saw it, or somebody was faster.
    """
    order = order or Order()
    check_order(verb, order, now)
    before = _locked(exception)
    refusal = refusal_of(before, verb, order)
    if refusal is not None:
        raise refusal
    changes = columns_of(verb, before, order, actor, now)
    try:
        moved = IntegrationException.objects.filter(_guard(exception, verb, order)).update(
            version=F("version") + 1, **changes
        )
    except IntegrityError as error:
        # one_open_exception_per_fingerprint: a twin opened after this one was closed.
        raise StaleExceptionError("A newer exception about the same thing is open. Work on that one.") from error
    if not moved:
        raise StaleExceptionError(STALE)
    exception.refresh_from_db()
    detail = escalate(exception, actor=actor, now=now) if verb == Verb.ESCALATE else detail_of(exception, verb, order)
    _write_history(before, exception, verb, order, detail, actor, now)
    tell_moved(before, exception, verb, actor=actor, now=now)
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


def check_order(verb: Verb, order: Order, now: datetime) -> None:
    """Refuse what the table of moves asks for and the order does not bring."""
    move = MOVES[verb]
    if move.needs_reason and not order.reason.strip():
        raise InvalidMoveError("Write a few words, so that the next person knows why.")
    if move.needs_owner and order.owner is None and order.team is None:
        raise InvalidMoveError("Choose a person or a team.")
    if move.longest is not None and (order.until is None or not now < order.until <= now + move.longest):
        what = "mute" if verb == Verb.MUTE else "waiver"
        raise InvalidMoveError(f"A {what} ends within {move.longest.days} days. Choose when.")
    if verb == Verb.TAKE and order.until is not None and not now < order.until <= now + MOST_TAKEN:
        raise InvalidMoveError(f"You can keep it for {MOST_TAKEN.days} days at most, and longer by working on it.")
    if verb == Verb.REROUTE and order.given is None:
        raise InvalidMoveError("Ask the rules first who should get it.")


def refusal_of(exception: IntegrationException, verb: Verb, order: Order) -> StaleExceptionError | LiveHoldError | None:
    """Say why a locked row cannot be moved; None where it can."""
    if order.version not in {None, exception.version}:
        return StaleExceptionError(STALE)
    if exception.state not in MOVES[verb].sources:
        return StaleExceptionError(f"It is {exception.get_state_display().lower()}, so this cannot be done to it.")
    if verb == Verb.RESOLVE and exception.check_id in HOLDS and exception.live_count:
        visits = "1 visit is" if exception.live_count == 1 else f"{exception.live_count:,} visits are"
        return LiveHoldError(f"{visits} still held. It can be closed once the cause is gone.")
    if verb == Verb.ESCALATE and exception.waived_until is not None:
        return StaleExceptionError("Somebody accepted that it stays for now, so nobody is told. End that first.")
    if verb == Verb.UNWAIVE and exception.waived_until is None:
        return StaleExceptionError("Its waiver has ended already.")
    return None


def detail_of(after: IntegrationException, verb: Verb, order: Order) -> dict[str, Any]:
    """Ids and moments that the history keeps of a move."""
    if verb in {Verb.ASSIGN, Verb.REROUTE}:
        return {"owner": after.owner_id, "team": after.owner_team_id}
    if verb in {Verb.MUTE, Verb.WAIVE} and order.until is not None:
        return {"until": order.until.isoformat()}
    return {}


def _write_history(
    before: IntegrationException,
    after: IntegrationException,
    verb: Verb,
    order: Order,
    detail: dict[str, Any],
    actor: User | None,
    now: datetime,
) -> None:
    """Write the history row, and move the clock of the spell."""
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
