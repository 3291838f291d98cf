"""One person does one thing to one or many exceptions: an outcome for each, kept so that it can be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from config.web.locks import RowsBusyError, short_waits
from exceptions.errors import ExceptionMoveError, InvalidMoveError
from exceptions.lifecycle import UNDOABLE
from exceptions.models import Act, IntegrationException
from exceptions.services.move_exception import BUSY, Order, check_order, move_exception, refusal_of
from exceptions.services.move_rows import SET_BASED, move_rows
from exceptions.vocabulary import Came, Verb

MOST_AT_ONCE = 500
UNDO_WITHIN = timedelta(seconds=60)
# Rows that are locked together: a batch that brings news of them waits no longer than these take.
CHUNK = 100
# What a move may change; an undo puts it back.
MOVED = (
    "state", "owner_id", "owner_team_id", "taken_at", "taken_until", "muted_at", "muted_until", "waived_until",
    "resolved_at", "opened_at", "spell_no", "next_step_at", "next_step_no",
)  # fmt: skip
Outcome = list[Any]  # [exception id, a Came, sentence, version after, what it was before]


def act(
    exceptions: Sequence[IntegrationException],
    verb: Verb,
    order: Order,
    *,
    actor: User,
    now: datetime,
    request_id: str = "",
) -> Act:
    """Move each exception as ``move_exception`` does, and keep what came of it; one refusal stops no other.

    The version that the person saw is the order's, else that of each exception as it is passed. What was done in a
    chunk of rows stays done, whatever happens in the next.

    Raises:
        InvalidMoveError: the order lacks something, for the one exception there is or for any of them.
        ValueError: there are more than ``MOST_AT_ONCE``.
    """
    if len(exceptions) > MOST_AT_ONCE:
        raise ValueError(f"At most {MOST_AT_ONCE} at once.")
    kept = Act(
        actor=actor, verb=verb, at=now, reason=order.reason.strip(), asked=len(exceptions), done=0, outcomes=[],
        undo_until=now + UNDO_WITHIN if verb in UNDOABLE else now,
    )  # fmt: skip
    for start in range(0, len(exceptions), CHUNK):
        with transaction.atomic():
            kept.outcomes += _act_on(
                exceptions[start : start + CHUNK], verb, order, actor=actor, now=now, request_id=request_id
            )
            kept.done = sum(outcome[1] == Came.DONE for outcome in kept.outcomes)
            kept.save()
    return kept


def snapshot(exception: IntegrationException) -> dict[str, Any]:
    """Write down what a move may change, and how many findings were live then; moments as ISO 8601 text."""
    values = {name: getattr(exception, name) for name in (*MOVED, "live_count")}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _act_on(
    exceptions: Sequence[IntegrationException], verb: Verb, order: Order, *, actor: User, now: datetime, request_id: str
) -> list[Outcome]:
    """Move some exceptions in one transaction, whose rows are locked first and in the order of all lockers."""
    try:
        with transaction.atomic(), short_waits():
            rows = IntegrationException.objects.filter(pk__in=[one.pk for one in exceptions])
            locked = {row.pk: row for row in rows.order_by("fingerprint").select_for_update(of=("self",))}
    except RowsBusyError:
        return [[one.pk, Came.REFUSED, BUSY, one.version, {}] for one in exceptions]
    together = len(exceptions) > 1 and verb in SET_BASED
    move = _move_together if together else _move_singly
    return move(exceptions, locked, verb, order, actor=actor, now=now, request_id=request_id)


def _move_together(
    exceptions: Sequence[IntegrationException],
    locked: Mapping[int, IntegrationException],
    verb: Verb,
    order: Order,
    *,
    actor: User,
    now: datetime,
    request_id: str,
) -> list[Outcome]:
    """Refuse what cannot be moved, and move the rest by a number of statements that does not grow with them."""
    check_order(verb, order, now)
    refusals = {one.pk: refusal_of(locked[one.pk], verb, _as_seen(one, order)) for one in exceptions}
    fit = [locked[pk] for pk, refusal in refusals.items() if refusal is None]
    after = {row.pk: row for row in move_rows(fit, verb, order, actor=actor, now=now, request_id=request_id)}
    return [
        [pk, Came.DONE, "", after[pk].version, snapshot(locked[pk])]
        if refusal is None
        else [pk, Came.REFUSED, str(refusal), locked[pk].version, {}]
        for pk, refusal in refusals.items()
    ]


def _move_singly(
    exceptions: Sequence[IntegrationException],
    locked: Mapping[int, IntegrationException],
    verb: Verb,
    order: Order,
    *,
    actor: User,
    now: datetime,
    request_id: str,
) -> list[Outcome]:
    """Move each by itself; the exceptions that were passed are refreshed."""
    outcomes: list[Outcome] = []
    for exception in exceptions:
        seen = _as_seen(exception, order)
        try:
            move_exception(exception, verb, seen, actor=actor, now=now, request_id=request_id)
        except ExceptionMoveError as error:
            if isinstance(error, InvalidMoveError) and len(exceptions) == 1:
                raise
            outcomes.append([exception.pk, Came.REFUSED, str(error), exception.version, {}])
        else:
            outcomes.append([exception.pk, Came.DONE, "", exception.version, snapshot(locked[exception.pk])])
    return outcomes


def _as_seen(exception: IntegrationException, order: Order) -> Order:
    return order if order.version is not None else replace(order, version=exception.version)
