"""What the sweeps share that let an end come: lock what is due, write the columns, the history and the notices."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from exceptions.lifecycle import STEPPING
from exceptions.models import History, IntegrationException
from exceptions.querysets import IntegrationExceptionQuerySet
from exceptions.services.tell_those_told import Event, tell_those_told
from exceptions.vocabulary import NoticeKind, Verb

MOST_AT_ONCE = 500
_WRITTEN = ("state", "owner", "taken_at", "taken_until", "muted_until", "waived_until", "next_step_at", "version")


def end(
    due: IntegrationExceptionQuerySet,
    verb: Verb,
    columns: Callable[[IntegrationException], Mapping[str, Any]],
    whom: Callable[[list[IntegrationException]], Mapping[int, int]],
    *,
    now: datetime,
) -> int:
    """Move what is due; return how many. Call it inside a transaction; rows that somebody holds are left alone.

    ``columns`` says what changes of one row, ``whom`` who is told, by exception, as the rows were before.
    """
    locked = due.select_for_update(skip_locked=True, of=("self",)).order_by("fingerprint")
    rows = list(locked[:MOST_AT_ONCE])
    if not rows:
        return 0
    people = whom(rows)
    was = {row.pk: row.state for row in rows}
    for row in rows:
        for name, value in columns(row).items():
            setattr(row, name, value)
        row.version += 1
    IntegrationException.objects.bulk_update(rows, _WRITTEN, batch_size=100)
    History.objects.bulk_create(
        History(
            exception=row, at=now, verb=verb, from_state=was[row.pk], to_state=row.state, version=row.version,
            detail={"owner": people[row.pk]} if row.pk in people else {},
        )
        for row in rows
    )  # fmt: skip
    events = [
        Event(row.pk, NoticeKind.ENDED, f"{verb.value}:{row.pk}:{row.version}", people=(people[row.pk],))
        for row in rows
        if row.pk in people
    ]
    tell_those_told(events, now=now)
    return len(rows)


def due_at_once(row: IntegrationException, columns: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Some columns, with the clock that goes with them: the plan of what nobody has any more goes on at once.

    The sweep of steps minds the hours, and sees where a plan is over.
    """
    state, waived = columns.get("state", row.state), columns.get("waived_until", row.waived_until)
    runs = state in STEPPING and waived is None and row.policy is not None
    return {**columns, "next_step_at": now if runs else None}
