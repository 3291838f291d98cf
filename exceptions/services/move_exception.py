"""Everything a person can do to one exception: it is locked, asked whether the move is legal, and moved."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from config.web.locks import RowsBusyError, short_waits
from exceptions.catalogue import CATALOGUE
from exceptions.errors import InvalidMoveError, LiveHoldError, StaleExceptionError
from exceptions.lifecycle import MOST_TAKEN, MOVES
from exceptions.models import IntegrationException
from exceptions.services.move_columns import Order
from exceptions.services.move_rows import move_rows
from exceptions.vocabulary import Verb

__all__ = ["BUSY", "HOLDS", "STALE", "Order", "check_order", "move_exception", "refusal_of"]

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
    move_rows([before], verb, order, actor=actor, now=now, request_id=request_id)
    exception.refresh_from_db()


def _locked(exception: IntegrationException) -> IntegrationException:
    try:
        with short_waits():
            return IntegrationException.objects.select_for_update().get(pk=exception.pk)
    except RowsBusyError as error:
        raise StaleExceptionError(BUSY) from error


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
