"""Route open exceptions again by the rules as they are; whatever somebody took meanwhile stays with them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from exceptions.errors import ExceptionMoveError
from exceptions.models import IntegrationException
from exceptions.querysets import IntegrationExceptionQuerySet
from exceptions.selectors.rule_dry_run import dry_run
from exceptions.services.move_exception import Order, move_exception
from exceptions.vocabulary import Verb

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Rerouted:
    """How many were asked for and moved; the rest was taken, closed or moved by somebody else meanwhile."""

    asked: int
    moved: int

    @property
    def stayed(self) -> int:
        """How many stay where they are."""
        return self.asked - self.moved


def reroute(
    found: IntegrationExceptionQuerySet, ids: Collection[int], *, actor: User, now: datetime, request_id: str = ""
) -> Rerouted:
    """Give those of ``found`` with these ids, ``MOST_AT_ONCE`` at most, to whom the rules name now.

    Each is a move of its own with its version guarded: whoever was faster keeps it.
    """
    wanted = sorted(set(ids))[:MOST_AT_ONCE]
    orders = [
        (one.exception, Order(version=one.exception.version, given=one.given))
        for one in dry_run(found.filter(pk__in=wanted), now).moved
    ]
    return Rerouted(len(wanted), reroute_each(orders, actor=actor, now=now, request_id=request_id))


def reroute_each(
    orders: Iterable[tuple[IntegrationException, Order]], *, actor: User, now: datetime, request_id: str
) -> int:
    """Give each what its order says; return how many were moved, since whoever was faster keeps what they have."""
    moved = 0
    for exception, order in orders:
        try:
            move_exception(exception, Verb.REROUTE, order, actor=actor, now=now, request_id=request_id)
        except ExceptionMoveError:
            continue
        moved += 1
    return moved
