"""Fold a batch's events into appointments: lock in order, take the fast path where possible, write by staging."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as copy_of
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from scheduling.digestion.aliases import load_aliases
from scheduling.digestion.context import FeedContext
from scheduling.digestion.history import StoredEvent, load_history
from scheduling.digestion.reading import AppointmentKey, MappedFact
from scheduling.digestion.remapping import Remapper
from scheduling.digestion.resource_days import DayNamer
from scheduling.digestion.rows import APPOINTMENT_COLUMNS, appointment_row, insert_rows, load_state, update_rows
from scheduling.folding.change import LateEvent
from scheduling.folding.fold import fold
from scheduling.folding.order import is_strictly_later, source_time
from scheduling.folding.state import AppointmentState
from scheduling.sql.blocks import take_ids
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import Outcome

_JSON = frozenset({"troubles", "left"})
_key_of = attrgetter("key")


def _quoted(name: str) -> str:
    return f'"{name}"'


_READ = ", ".join(f"a.{_quoted(name)}::text" if name in _JSON else f"a.{_quoted(name)}" for name in APPOINTMENT_COLUMNS)

_WORK = f"a.id, a.source_id, a.namespace, a.external_id, a.occurrence, a.base_state::text, a.floor_key, {_READ}"
_LOCK = f"""
SELECT {_WORK}
FROM unnest(%b::int8[], %b::text[], %b::text[], %b::text[]) AS k(source_id, namespace, external_id, occurrence)
JOIN scheduling_appointment a USING (source_id, namespace, external_id, occurrence) ORDER BY a.id FOR UPDATE OF a
"""
_LOAD = f"SELECT {_WORK} FROM scheduling_appointment a WHERE a.id = ANY(%b)"
_KEYS = "SELECT source_id, namespace, external_id, occurrence FROM scheduling_appointment WHERE id = ANY(%b)"


class EarlierCopy(NamedTuple):
    """A message that says what a stored event says, and was received before the message the event came by.

    The earliest receipt counts, whatever was digested first (I3): the event is this message's from now on.
    """

    stored: StoredEvent
    fact: MappedFact
    stored_at: datetime  # when the message that the event came by was received


@dataclass(slots=True)
class AppointmentWork:
    """One appointment during a batch."""

    key: AppointmentKey
    feed_id: int = 0
    facts: list[MappedFact] = field(default_factory=list)
    id: int = 0
    before: AppointmentState | None = None
    after: AppointmentState = field(default_factory=AppointmentState)
    base: AppointmentState | None = None
    floor: bytes = b""
    is_refold: bool = False
    needs_history: bool = False  # the new events cannot simply be folded on top of the stored picture
    is_changed: bool = False  # the picture is now another, or new
    late: LateEvent | None = None
    remapped: list[StoredEvent] = field(default_factory=list)
    copies: list[EarlierCopy] = field(default_factory=list)


def fold_appointments(
    cursor: Cursor,
    works: Mapping[AppointmentKey, AppointmentWork],
    *,
    days: DayNamer,
    remap: Remapper,
) -> None:
    """Lock, fold and write every appointment of the batch; fills each work in place.

    ``days`` names the owner row of a state's slot, ``remap`` maps stored events anew. An appointment that another
    worker creates meanwhile is locked and folded again.
    """
    pending = list(works.values())
    while pending:
        _lock(cursor, works, pending)
        history = load_history(cursor, [work.id for work in pending if work.needs_history])
        aliases = load_aliases(cursor, rivals(pending, history))
        for work in pending:
            fold_one(work, history.get(work.id, []), aliases, remap)
        pending = _write(cursor, pending, days)


def add_refolds(
    cursor: Cursor,
    works: dict[AppointmentKey, AppointmentWork],
    ids: Sequence[int],
    feeds: Mapping[int, FeedContext],
) -> None:
    """Add appointments to the batch that are to be mapped and folded anew, whether or not a message names them.

    ``feeds`` names a feed of each source, to which what is found is ascribed. Nothing is locked yet: all appointments
    of a batch are locked together, in order.
    """
    cursor.execute(_KEYS, (list(ids),), binary=True)
    for key in cursor.fetchall():
        work = works.setdefault(key, AppointmentWork(key, feeds[key[0]].feed_id))
        work.is_refold = True


def _lock(cursor: Cursor, works: Mapping[AppointmentKey, AppointmentWork], pending: Sequence[AppointmentWork]) -> None:
    columns = zip(*(work.key for work in pending), strict=True)
    cursor.execute(_LOCK, tuple(map(list, columns)), binary=True)
    for row in cursor.fetchall():
        work = works[(row[1], row[2], row[3], row[4])]
        before = _take_row(work, row)
        work.needs_history = work.is_refold or not all(
            is_strictly_later(fact.event.order_key, before.order_key) for fact in work.facts
        )


def _take_row(work: AppointmentWork, row: Sequence[Any]) -> AppointmentState:
    work.id = row[0]
    work.base = load_state(orjson.loads(row[5])) if row[5] else None
    work.floor = row[6] or b""
    work.before = before = load_state(row[7:])
    return before


def load_refolds(cursor: Cursor, ids: Sequence[int], *, feed_id: int) -> list[AppointmentWork]:
    """Appointments of one source as ``fold_appointments`` takes them to be folded anew, but nothing is locked."""
    cursor.execute(_LOAD, (list(ids),), binary=True)
    works = []
    for row in cursor.fetchall():
        work = AppointmentWork((row[1], row[2], row[3], row[4]), feed_id, is_refold=True, needs_history=True)
        _take_row(work, row)
        works.append(work)
    return works


def rivals(works: Iterable[AppointmentWork], history: Mapping[int, Sequence[StoredEvent]]) -> set[int]:
    """Patients of appointments that name more than one: they may be one person, merged."""
    rivals: set[int] = set()
    for work in works:
        first = work.before.patient_id if work.before is not None else None
        for event in [*(fact.event for fact in work.facts), *(old.event for old in history.get(work.id, ()))]:
            other = event.patient_id
            if other is None or other == first:
                continue
            if first is None:
                first = other
            else:
                rivals |= {first, other}
    return rivals


def _receipt_of(fact: MappedFact) -> tuple[datetime, int]:
    return fact.event.received_at, fact.message.claimed.message_id


def fold_one(work: AppointmentWork, stored: list[StoredEvent], aliases: Mapping[int, int], remap: Remapper) -> None:
    """Fold one appointment that was loaded, its new events or all it has; fills the work in place."""
    events = [fact.event for fact in work.facts]
    work.late, work.remapped, work.copies = None, [], []
    if not work.needs_history:
        work.after = fold(events, work.before, aliases=aliases)
        work.is_changed = True  # there is one event more
        return
    if work.is_refold:
        work.remapped = remap(work.key[0], stored)
    known = {old.event.order_key: old for old in stored}
    for fact in sorted(work.facts, key=_receipt_of):
        old = known.get(fact.event.order_key)
        if old is not None:
            fact.event.outcome = Outcome.DUPLICATE
            if fact.event.received_at < old.event.received_at:
                work.copies.append(EarlierCopy(old, fact, old.event.received_at))
                old.event.received_at = fact.event.received_at
    fresh = [event for event in events if event.outcome != Outcome.DUPLICATE]
    work.after = fold([*(old.event for old in stored), *fresh], work.base, floor=work.floor, aliases=aliases)
    work.is_changed = work.after != work.before
    _judge_late(work)


def _judge_late(work: AppointmentWork) -> None:
    """Say which of the new events came late, and whether that changed the picture."""
    before = work.before
    if before is None:
        return
    late = [
        fact for fact in work.facts if fact.event.outcome == Outcome.APPLIED and fact.event.order_key < before.order_key
    ]
    if not late:
        return
    has_effect = _picture(work.after) != _picture(before)
    only_late = len(late) == sum(fact.event.outcome == Outcome.APPLIED for fact in work.facts)
    if only_late and not has_effect:
        for fact in late:
            fact.event.outcome = Outcome.SUPERSEDED
    oldest = min(late, key=lambda fact: fact.event.order_key)
    work.late = LateEvent(
        source_time(oldest.event.order_key), only_late and has_effect, oldest.message.claimed.message_id
    )


def _picture(state: AppointmentState) -> AppointmentState:
    """A state without the fields that only say what was heard when."""
    return copy_of(state, events=0, heard_at=None, booked_at=None, said_at=None, order_key=b"")


def _write(cursor: Cursor, works: Sequence[AppointmentWork], days: DayNamer) -> list[AppointmentWork]:
    """Write folded appointments; returns those that another worker created meanwhile."""
    known = [work for work in works if work.before is not None and work.is_changed]
    if known:
        update_rows(cursor, (_row(work, days) for work in known))
    # In the order in which every worker creates them.
    fresh = sorted((work for work in works if work.before is None), key=_key_of)
    if not fresh:
        return []
    for work, new_id in zip(fresh, take_ids(cursor, "scheduling_appointment", len(fresh)), strict=False):
        work.id = new_id
    written = insert_rows(cursor, [_row(work, days) for work in fresh])
    return [work for work in fresh if work.id not in written]


def _row(work: AppointmentWork, days: DayNamer) -> list[Any]:
    resource_day = days(work.key[0], work.after.resource, work.after.starts_at)
    return appointment_row((work.id, *work.key), work.after, resource_day)
