"""The moves that may be made of many locked rows at once: the rules of ``move_exception``, written set by set."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F

from accounts.models import AuditEntry, User
from accounts.services.audit import entry
from accounts.vocabulary import AuditAction
from exceptions.models import History, IntegrationException, Spell
from exceptions.services.move_columns import columns_of
from exceptions.services.move_exception import Order, detail_of
from exceptions.services.tell_moved import event_of
from exceptions.services.tell_those_told import tell_those_told
from exceptions.vocabulary import Verb

# The others run steps of a plan or begin a spell, each by statements of its own.
SET_BASED = frozenset(
    {
        Verb.TAKE, Verb.RELEASE, Verb.ASSIGN, Verb.MUTE, Verb.UNMUTE, Verb.WAIVE, Verb.UNWAIVE, Verb.RESOLVE,
        Verb.COMMENT,
    }
)  # fmt: skip


class Moved(NamedTuple):
    """One row as it was locked, and as it stands after the move."""

    before: IntegrationException
    after: IntegrationException


def move_rows(
    rows: Sequence[IntegrationException], verb: Verb, order: Order, *, actor: User, now: datetime, request_id: str
) -> list[IntegrationException]:
    """Make one legal move of each locked row, with history, spells, notices and audit; return the rows after it.

    The caller has locked the rows and asked ``refusal_of`` about each. The number of statements does not grow with
    the rows, except by one for each different set of columns they get.
    """
    moved: list[Moved] = []
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for row in rows:
        columns = columns_of(verb, row, order, actor, now)
        alike[tuple(sorted(columns.items(), key=lambda item: item[0]))].append(row.pk)
        moved.append(Moved(row, _after(row, columns)))
    for columns_alike, ids in alike.items():
        of_these = IntegrationException.objects.filter(pk__in=ids)
        of_these.update(version=F("version") + 1, **dict(columns_alike))
    _write_history(moved, verb, order, actor, now)
    events = [event_of(*pair, verb, actor=actor, now=now) for pair in moved]
    tell_those_told([event for event in events if event is not None], now=now)
    AuditEntry.objects.bulk_create(_audit(moved, verb, actor, now, request_id))
    return [pair.after for pair in moved]


def _after(row: IntegrationException, columns: Mapping[str, Any]) -> IntegrationException:
    after = copy(row)
    for name, value in columns.items():
        setattr(after, name, value)
    after.version += 1
    return after


def _write_history(moved: Sequence[Moved], verb: Verb, order: Order, actor: User, now: datetime) -> None:
    History.objects.bulk_create(
        History(
            exception=after,
            at=now,
            verb=verb,
            actor=actor,
            from_state=before.state,
            to_state=after.state,
            version=after.version,
            reason=order.reason.strip(),
            detail=detail_of(after, verb, order),
        )
        for before, after in moved
    )
    if verb == Verb.RESOLVE:
        ids = [after.pk for _, after in moved]
        Spell.objects.filter(exception__in=ids, no=F("exception__spell_no")).update(closed_at=now)


def _audit(moved: Sequence[Moved], verb: Verb, actor: User, now: datetime, request_id: str) -> list[AuditEntry]:
    """One audit row for what went the same way at the same clinic, with all ids."""
    alike: dict[tuple[int | None, str, str], list[int]] = defaultdict(list)
    for before, after in moved:
        alike[after.clinic_id, before.state, after.state].append(after.pk)
    return [
        entry(
            AuditAction.CHANGED,
            actor=actor,
            subject_kind="exceptions.integrationexception",
            subjects=ids,
            clinic=clinic,
            detail={"verb": verb.value, "from": was, "to": became},
            now=now,
            request_id=request_id,
        )
        for (clinic, was, became), ids in alike.items()
    ]
