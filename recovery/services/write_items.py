"""Open items: read under lock, save the difference, close with a reason; each write leaves its line of history."""

from datetime import datetime
from typing import Any, NamedTuple

import orjson

from recovery.planning import DesiredItem
from recovery.vocabulary import CloseReason
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import Cursor
from scheduling.sql.locking import for_update

_COLUMNS = """
source_id, clinic_id, appointment_id, patient_id, resource, resource_day, starts_at, minutes, visit_type, cause,
initiator, set_by, lost_at, ready_from, useful_until, value, reach, risk, reasons::text
"""
_SELECT = f"SELECT id, family, subject, {_COLUMNS} FROM recovery_queueitem WHERE state = 'open' AND "  # noqa: S608
_REFILLS = _SELECT + "resource_day = ANY(%b::int8[]) ORDER BY id"
_OF_PEOPLE = (
    _SELECT + "family <> 'refill' AND (patient_id = ANY(%b::int8[]) OR appointment_id = ANY(%b::int8[])) ORDER BY id"
)
_SAVE = """
WITH saved AS (
    INSERT INTO recovery_queueitem AS i (
        family, subject, source_id, clinic_id, appointment_id, patient_id, resource, resource_day, starts_at, minutes,
        visit_type, cause, initiator, set_by, lost_at, heard_at, ready_from, useful_until, value, reach, risk, weight,
        reasons, level, state, opened_at, version
    )
    SELECT r.family, r.subject, r.source_id, r.clinic_id, r.appointment_id, r.patient_id, r.resource, r.resource_day,
           r.starts_at, r.minutes, r.visit_type, r.cause, r.initiator, r.set_by, r.lost_at, r.heard_at, r.ready_from,
           r.useful_until, r.value, r.reach, r.risk, r.value * r.reach * r.risk, r.reasons, r.level, 'open', %b, 1
    FROM jsonb_to_recordset(%b::jsonb) AS r (
        family text, subject text, source_id int8, clinic_id int8, appointment_id int8, patient_id int8, resource text,
        resource_day int8, starts_at timestamptz, minutes int4, visit_type text, cause text, initiator text,
        set_by text, lost_at timestamptz, heard_at timestamptz, ready_from timestamptz, useful_until timestamptz,
        value int2, reach int2, risk int2, reasons jsonb, level int2
    )
    ORDER BY r.family, r.subject
    ON CONFLICT (family, subject) WHERE state = 'open' DO UPDATE SET
        source_id = excluded.source_id, clinic_id = excluded.clinic_id, appointment_id = excluded.appointment_id,
        patient_id = excluded.patient_id, resource = excluded.resource, resource_day = excluded.resource_day,
        starts_at = excluded.starts_at, minutes = excluded.minutes, visit_type = excluded.visit_type,
        cause = excluded.cause, initiator = excluded.initiator, set_by = excluded.set_by, lost_at = excluded.lost_at,
        heard_at = excluded.heard_at, ready_from = excluded.ready_from, useful_until = excluded.useful_until,
        value = excluded.value, reach = excluded.reach, risk = excluded.risk, weight = excluded.weight,
        reasons = excluded.reasons, level = excluded.level, version = i.version + 1
    RETURNING id, version, reasons, appointment_id
)
INSERT INTO recovery_itemevent (item_id, kind, at, reason, detail, replay_id)
SELECT id, CASE version WHEN 1 THEN 'opened' ELSE 'changed' END, %b, '', jsonb_build_object('reasons', reasons), replay
FROM saved LEFT JOIN unnest(%b::int8[], %b::int8[]) AS replayed(appointment_id, replay) USING (appointment_id)
ORDER BY id
"""
_CLOSE = """
WITH closed AS (
    UPDATE recovery_queueitem AS i
    SET state = 'closed', closed_at = %b, close_reason = r.reason, version = i.version + 1
    FROM unnest(%b::int8[], %b::text[], %b::int8[]) AS r(id, reason, replay)
    WHERE i.id = r.id AND i.state = 'open'
    RETURNING i.id, i.close_reason, r.replay
)
INSERT INTO recovery_itemevent (item_id, kind, at, reason, detail, replay_id)
SELECT id, 'closed', %b, close_reason, '{}', replay FROM closed ORDER BY id
"""


class OpenItem(NamedTuple):
    """An open item as stored, in the order of the columns read."""

    id: int
    family: str
    subject: str
    source_id: int
    clinic_id: int | None
    appointment_id: int
    patient_id: int | None
    resource: str | None
    resource_day: int | None
    starts_at: datetime
    minutes: int
    visit_type: str | None
    cause: str
    initiator: str | None
    set_by: str | None
    lost_at: datetime
    ready_from: datetime
    useful_until: datetime
    value: int
    reach: int
    risk: int
    reasons: str

    @property
    def key(self) -> tuple[str, str]:
        """What it is unique by while open."""
        return self.family, self.subject

    def differs(self, desired: DesiredItem) -> bool:
        """Whether the stored item says something else than it should."""
        return (*self[3:-1], orjson.loads(self.reasons)) != _stored(desired)


def _stored(item: DesiredItem) -> tuple[Any, ...]:
    """The fields of an item as ``OpenItem`` reads them back; when we heard of it does not make it another."""
    return (
        item.source_id, item.clinic_id, item.appointment_id, item.patient_id, item.resource, item.resource_day,
        item.starts_at, item.minutes, item.visit_type, item.cause, item.initiator, item.set_by, item.lost_at,
        item.ready_from, item.useful_until, *item.weight, [list(reason) for reason in item.reasons],
    )  # fmt: skip


def open_refills(cursor: Cursor, days: list[int], *, lock: bool = True) -> list[OpenItem]:
    """The open refills of these resource days, locked in order of their ids unless it is a preview."""
    cursor.execute(for_update(_REFILLS, lock=lock), (days,))
    return [OpenItem(*row) for row in cursor.fetchall()]


def open_of_people(
    cursor: Cursor, patient_ids: list[int], appointment_ids: list[int], *, lock: bool = True
) -> list[OpenItem]:
    """The open items about these persons or appointments, refills apart; locked in order of ids unless a preview."""
    cursor.execute(for_update(_OF_PEOPLE, lock=lock), (patient_ids, appointment_ids))
    return [OpenItem(*row) for row in cursor.fetchall()]


def save_items(cursor: Cursor, items: list[DesiredItem], changes: BatchChanges) -> None:
    """Open these items, or bring the open ones of the same subjects in step; history names the replay behind it."""
    if items:
        named = {item.appointment_id: replay for item in items if (replay := changes.replay_of(item.appointment_id))}
        rows = orjson.dumps([_row(item) for item in items]).decode()
        cursor.execute(_SAVE, (changes.now, rows, changes.now, list(named), list(named.values())))


def _row(item: DesiredItem) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in item.__slots__ if name not in ("weight", "reasons")}
    value, reach, risk = item.weight
    reasons = [list(reason) for reason in item.reasons]
    return row | {"value": value, "reach": reach, "risk": risk, "reasons": reasons, "level": item.level}


def close_items(cursor: Cursor, closing: list[tuple[OpenItem, CloseReason]], changes: BatchChanges) -> None:
    """Close these items with their reasons; one that closed meanwhile stays as it is."""
    rows = sorted((item.id, str(reason), changes.replay_of(item.appointment_id)) for item, reason in closing)
    if rows:
        cursor.execute(_CLOSE, (changes.now, *map(list, zip(*rows, strict=True)), changes.now))
