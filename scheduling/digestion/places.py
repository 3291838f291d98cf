"""Slots: the owner rows of those that changed, vacancies that visits leave, provider templates."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from scheduling.digestion.reading import ReadMessage
from scheduling.digestion.resource_days import Days, own_days
from scheduling.folding.change import AppointmentChange
from scheduling.folding.state import AppointmentState, LeftSlot
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import MessageKind, Outcome

_FORGET = """
DELETE FROM scheduling_vacancy v USING unnest(%b::int8[], %b::text[], %b::timestamptz[]) AS f(appointment_id, resource,
    starts_at)
WHERE v.appointment_id = f.appointment_id AND v.resource = f.resource AND v.starts_at = f.starts_at
"""
_VACANCY = Table(
    "scheduling_vacancy",
    {
        "appointment_id": "int8",
        "resource_day": "int8",
        "resource": "text",
        "clinic_id": "int8",
        "starts_at": "timestamptz",
        "minutes": "int4",
        "visit_type": "text",
        "cause": "text",
        "initiator": "text",
        "vacated_at": "timestamptz",
        "heard_at": "timestamptz",
    },
)
_TEMPLATE = """
INSERT INTO scheduling_templateslot AS t
    (source_id, resource, starts_at, minutes, status, clinic_id, visit_type, resource_day, order_key, heard_at)
SELECT DISTINCT ON (source_id, resource, starts_at) * FROM unnest(%b::int8[], %b::text[], %b::timestamptz[],
    %b::int4[], %b::text[], %b::int8[], %b::text[], %b::int8[], %b::bytea[], %b::timestamptz[])
    AS s(source_id, resource, starts_at, minutes, status, clinic_id, visit_type, resource_day, order_key, heard_at)
ORDER BY source_id, resource, starts_at, order_key DESC
ON CONFLICT (source_id, resource, starts_at) DO UPDATE SET
    minutes = excluded.minutes, status = excluded.status, clinic_id = excluded.clinic_id,
    visit_type = excluded.visit_type, order_key = excluded.order_key, heard_at = excluded.heard_at
WHERE t.order_key < excluded.order_key
RETURNING order_key
"""


def touched_days(changes: Iterable[AppointmentChange], days: Days, since: datetime) -> set[int]:
    """The owner rows of every slot that was taken, left or moved and starts after ``since``.

    One over midnight has two. Slots that are over need no owner: nobody fills them.
    """
    touched: set[int] = set()
    for change in changes:
        for resource, starts_at, minutes in _moved(change.before, change.after):
            if starts_at > since:
                touched.update(days.spanned(change.source_id, resource, starts_at, minutes))
    return touched


def _moved(before: AppointmentState | None, after: AppointmentState) -> set[tuple[str, datetime, int | None]]:
    """The places a change concerns, with minutes; none where the visit stands as it stood."""
    if before is not None and _standing(before) == _standing(after) and before.left == after.left:
        return set()
    places = {
        (state.resource, state.starts_at, state.minutes)
        for state in (before, after)
        if state is not None and state.resource is not None and state.starts_at is not None
    }
    for slot in {*after.left, *(before.left if before is not None else ())}:
        places.add((slot.resource, slot.starts_at, slot.minutes))
    return places


def _standing(state: AppointmentState) -> tuple[object, ...]:
    trouble = bool(state.troubles)
    return state.occupies, state.resource, state.starts_at, state.minutes, state.clinic_id, state.visit_type, trouble


def write_vacancies(cursor: Cursor, changes: Iterable[AppointmentChange], days: Days) -> None:
    """Bring the vacancy rows in step with the slots each visit has left."""
    gone: list[tuple[int, str, datetime]] = []
    new: list[tuple[Any, ...]] = []
    for change in changes:
        old = set(change.before.left) if change.before is not None else set()
        now = set(change.after.left)
        if old == now:
            continue
        gone.extend((change.appointment_id, slot.resource, slot.starts_at) for slot in old - now)
        new.extend(_vacancy(change, slot, days) for slot in change.after.left if slot not in old)
    if gone:
        cursor.execute(_FORGET, tuple(map(list, zip(*gone, strict=True))))
    if new:
        _VACANCY.append(cursor, new)


def _vacancy(change: AppointmentChange, slot: LeftSlot, days: Days) -> tuple[Any, ...]:
    return (
        change.appointment_id, days(change.source_id, slot.resource, slot.starts_at), slot.resource, slot.clinic_id,
        slot.starts_at, slot.minutes, slot.visit_type, slot.cause, slot.initiator, slot.vacated_at,
        change.after.heard_at,
    )  # fmt: skip


def write_template(cursor: Cursor, messages: Iterable[ReadMessage], days: Days) -> set[int]:
    """Upsert provider template slots, newest statement wins; returns the owner rows concerned, locked before.

    A message that carries nothing but slots counts as applied when one of them was news.
    """
    rows: list[tuple[Any, ...]] = []
    touched: set[int] = set()
    of_message: dict[bytes, ReadMessage] = {}
    for message in messages:
        if message.reading is None:
            continue
        if message.reading.slots and message.kind == MessageKind.SLOT:
            message.outcome = Outcome.SUPERSEDED
            of_message[message.key] = message
        for slot in message.reading.slots:
            spanned = days.spanned(message.feed.source_id, slot.resource, slot.starts_at, slot.minutes)
            touched.update(spanned)
            clinic_id = message.feed.clinic_ids.get(slot.clinic_code) if slot.clinic_code else None
            rows.append(
                (message.feed.source_id, slot.resource, slot.starts_at, slot.minutes, slot.status[:8], clinic_id,
                 slot.visit_type, spanned[0], message.key, message.claimed.received_at)
            )  # fmt: skip
    if not rows:
        return set()
    own_days(cursor, days, touched)
    cursor.execute(_TEMPLATE, tuple(map(list, zip(*rows, strict=True))), binary=True)
    for (key,) in cursor.fetchall():
        if key in of_message:
            of_message[key].outcome = Outcome.APPLIED
    return touched


def horizon(now: datetime) -> datetime:
    """Slots that started before this are nobody's to fill."""
    return now - timedelta(days=1)
