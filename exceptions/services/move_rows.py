"""A legal move of locked rows, of one as of many: columns, history, spells, notices and audit, written set by set."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import IntegrityError
from django.db.models import F

from accounts.models import AuditEntry, User
from accounts.services.audit import entry
from accounts.vocabulary import AuditAction
from exceptions.errors import StaleExceptionError
from exceptions.models import History, IntegrationException, Spell
from exceptions.selectors.calendars import load_calendars
from exceptions.services.escalate import escalate
from exceptions.services.move_columns import Columns, Order, columns_of
from exceptions.services.tell_moved import events_of
from exceptions.services.tell_those_told import tell_those_told
from exceptions.vocabulary import Verb

# Of the others each row asks for a step, a plan or an owner of its own, so they are moved one by one.
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
    rows: Sequence[IntegrationException],
    verb: Verb,
    order: Order,
    *,
    actor: User | None,
    now: datetime,
    request_id: str,
) -> list[IntegrationException]:
    """Make one legal move of each locked row, with history, spells, notices and audit; return the rows after it.

    The caller has locked the rows and asked ``refusal_of`` about each. For ``SET_BASED`` verbs the number of
    statements does not grow with the rows, except by one for each different set of columns they get.

    Raises:
        InvalidMoveError: there is nobody to escalate to.
        StaleExceptionError: a twin of one that would open again is open.
    """
    calendars = cache(lambda: load_calendars({row.source_id for row in rows}, now))
    moved: list[Moved] = []
    alike: list[tuple[Columns, list[int]]] = []
    for row in rows:
        columns = columns_of(verb, row, order, actor, now, calendars)
        ids = next((ids for same, ids in alike if same == columns), None)
        if ids is None:
            alike.append((columns, [row.pk]))
        else:
            ids.append(row.pk)
        moved.append(Moved(row, _after(row, columns)))
    for columns, ids in alike:
        _update(ids, columns)
    details = [
        escalate(after, actor=actor, now=now) if verb == Verb.ESCALATE else _detail_of(after, verb, order)
        for _, after in moved
    ]
    _write_history(moved, details, verb, order, actor, now)
    tell_those_told(events_of(moved, verb, actor=actor, now=now), now=now)
    AuditEntry.objects.bulk_create(_audit(moved, verb, actor, now, request_id))
    return [pair.after for pair in moved]


def _update(ids: Sequence[int], columns: Columns) -> None:
    try:
        IntegrationException.objects.filter(pk__in=ids).update(version=F("version") + 1, **columns)
    except IntegrityError as error:
        # one_open_exception_per_fingerprint: a twin opened after this one was closed.
        raise StaleExceptionError("A newer exception about the same thing is open. Work on that one.") from error


def _after(row: IntegrationException, columns: Mapping[str, Any]) -> IntegrationException:
    after = copy(row)
    for name, value in columns.items():
        setattr(after, name, value)
    after.version += 1
    return after


def _write_history(
    moved: Sequence[Moved],
    details: Sequence[dict[str, Any]],
    verb: Verb,
    order: Order,
    actor: User | None,
    now: datetime,
) -> None:
    """Write the history rows, and move the clocks of the spells."""
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
            detail=detail,
        )
        for (before, after), detail in zip(moved, details, strict=True)
    )
    if verb == Verb.RESOLVE:
        ids = [after.pk for _, after in moved]
        Spell.objects.filter(exception__in=ids, no=F("exception__spell_no")).update(closed_at=now)
    elif verb == Verb.REOPEN:
        Spell.objects.bulk_create(Spell(exception=after, no=after.spell_no, opened_at=now) for _, after in moved)


def _detail_of(after: IntegrationException, verb: Verb, order: Order) -> dict[str, Any]:
    """Ids and moments that the history keeps of a move."""
    if verb in {Verb.ASSIGN, Verb.REROUTE}:
        return {"owner": after.owner_id, "team": after.owner_team_id}
    if verb in {Verb.MUTE, Verb.WAIVE} and order.until is not None:
        return {"until": order.until.isoformat()}
    return {}


def _audit(moved: Sequence[Moved], verb: Verb, actor: User | None, now: datetime, request_id: str) -> list[AuditEntry]:
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
