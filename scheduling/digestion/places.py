"""Slots: owner rows that serialise their writers, vacancies that visits leave, provider templates."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from scheduling.digestion.reading import ReadMessage
from scheduling.folding.change import AppointmentChange
from scheduling.folding.state import AppointmentState, LeftSlot
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import MessageKind, Outcome

DayNamer = Callable[[int, str | None, datetime | None], int | None]

_OWN = """
WITH wanted AS (
    SELECT * FROM unnest(%b::int8[], %b::int8[], %b::text[], %b::date[]) AS w(id, source_id, resource, day)
), made AS (
    INSERT INTO scheduling_resourceday (id, source_id, resource, "on") SELECT * FROM wanted ORDER BY id
    ON CONFLICT (id) DO NOTHING
)
SELECT 1
"""
_LOCK = "SELECT id FROM scheduling_resourceday WHERE id = ANY(%b) ORDER BY id FOR UPDATE"
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


@lru_cache(maxsize=50_000)
def _local_day(starts_at: datetime, zone: ZoneInfo) -> date:
    """The zone's day; for the first and last day there is, which a zone may not reach, the UTC day."""
    try:
        return starts_at.astimezone(zone).date()
    except OverflowError:
        return starts_at.date()


@lru_cache(maxsize=50_000)
def resource_day_id(source_id: int, resource: str, on: date) -> int:
    """The id of an owner row: a signed 64-bit digest, so that nobody has to look it up."""
    name = f"{source_id}\0{resource}\0{on.toordinal()}".encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)


class Days:
    """Names owner rows for the sources of a batch and remembers which were named.

    A resource's day is counted in its source's zone, so that all visits of one resource share one calendar.
    """

    def __init__(self, zones: dict[int, ZoneInfo]) -> None:
        self._zones = zones
        self.named: dict[int, tuple[int, str, date]] = {}

    def __call__(self, source_id: int, resource: str | None, starts_at: datetime | None) -> int | None:
        """The owner row of a slot; None for a visit without a resource or a start."""
        if resource is None or starts_at is None:
            return None
        day = _local_day(starts_at, self._zones[source_id])
        row_id = resource_day_id(source_id, resource, day)
        self.named[row_id] = (source_id, resource, day)
        return row_id


def own_days(cursor: Cursor, days: Days, ids: Iterable[int]) -> None:
    """Create and lock the owner rows ``ids``, in order; what is read after this is current."""
    wanted = sorted(ids)
    if not wanted:
        return
    rows = [(row_id, *days.named[row_id]) for row_id in wanted]
    cursor.execute(_OWN, tuple(map(list, zip(*rows, strict=True))))
    cursor.execute(_LOCK, (wanted,))


def touched_days(changes: Iterable[AppointmentChange], days: Days, since: datetime) -> set[int]:
    """The owner rows of every slot that was taken, left or moved and starts after ``since``.

    Slots that are over need no owner: nobody fills them.
    """
    touched: set[int] = set()
    for change in changes:
        for resource, starts_at in _moved(change.before, change.after):
            if starts_at > since and (row_id := days(change.source_id, resource, starts_at)) is not None:
                touched.add(row_id)
    return touched


def _moved(before: AppointmentState | None, after: AppointmentState) -> set[tuple[str, datetime]]:
    """The places a change concerns; none where the visit stands as it stood."""
    if before is not None and _standing(before) == _standing(after) and before.left == after.left:
        return set()
    places = {
        (state.resource, state.starts_at)
        for state in (before, after)
        if state is not None and state.resource is not None and state.starts_at is not None
    }
    for slot in {*after.left, *(before.left if before is not None else ())}:
        places.add((slot.resource, slot.starts_at))
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
    """Upsert provider template slots, newest statement wins; returns the owner rows concerned, to be locked before.

    A message that carries nothing but slots counts as applied when one of them was news.
    """
    rows: list[tuple[Any, ...]] = []
    of_message: dict[bytes, ReadMessage] = {}
    for message in messages:
        if message.reading is None:
            continue
        if message.reading.slots and message.kind == MessageKind.SLOT:
            message.outcome = Outcome.SUPERSEDED
            of_message[message.key] = message
        for slot in message.reading.slots:
            day = days(message.feed.source_id, slot.resource, slot.starts_at)
            clinic_id = message.feed.clinic_ids.get(slot.clinic_code) if slot.clinic_code else None
            rows.append(
                (message.feed.source_id, slot.resource, slot.starts_at, slot.minutes, slot.status[:8], clinic_id,
                 slot.visit_type, day, message.key, message.claimed.received_at)
            )  # fmt: skip
    if not rows:
        return set()
    own_days(cursor, days, {row[7] for row in rows})
    cursor.execute(_TEMPLATE, tuple(map(list, zip(*rows, strict=True))), binary=True)
    for (key,) in cursor.fetchall():
        if key in of_message:
            of_message[key].outcome = Outcome.APPLIED
    return {row[7] for row in rows}


def horizon(now: datetime) -> datetime:
    """Slots that started before this are nobody's to fill."""
    return now - timedelta(days=1)
