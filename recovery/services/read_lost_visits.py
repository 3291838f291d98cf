"""Lost visits of some persons, the visits that may stand for them, and the calendars of their clinics."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from recovery.chances import LostVisit, OtherVisit
from recovery.decisions import REBOOK_WINDOW
from recovery.hours import ClinicDay
from recovery.reasons import ContactFacts
from recovery.services.read_persons import Persons
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import STANDING, Status

_LOST = """
SELECT a.id, a.source_id, a.patient_id, a.clinic_id, a.resource, a.starts_at, a.minutes, a.visit_type, a.status,
       a.status_at, a.heard_at, a.initiator, a.set_by, a.reason_flags, a.troubles::text,
       a.clinic_code
FROM scheduling_appointment a
WHERE a.patient_id = ANY(%b::int8[]) AND a.status = ANY(%b::text[])
  AND a.starts_at IS NOT NULL AND a.status_at IS NOT NULL AND greatest(a.starts_at, a.status_at) > %b
"""
_CONTACTS = """
SELECT p.id, p.died, p.publicity, p.protection, p.vip, p.phones_home::text, p.phones_work::text,
       (SELECT coalesce(array_agg(c.channel ORDER BY c.channel), '{}') FROM (
            SELECT DISTINCT ON (channel) channel, is_allowed FROM scheduling_consent
            WHERE patient_id = p.id AND topic = '' ORDER BY channel, valid_from DESC, order_key DESC
        ) AS c WHERE NOT c.is_allowed)
FROM scheduling_patient p WHERE p.id = ANY(%b::int8[])
"""
_OTHERS = """
SELECT a.patient_id, a.id, a.clinic_id, a.visit_type, a.starts_at, a.booked_at
FROM scheduling_appointment a
WHERE a.patient_id = ANY(%b::int8[]) AND a.status = ANY(%b::text[]) AND a.starts_at >= %b
"""
_CLINICS = """
SELECT c.id, c.timezone,
       (SELECT json_object_agg(weekday, closes)::text FROM (
            SELECT weekday, max(closes) AS closes FROM accounts_clinichours WHERE clinic_id = c.id GROUP BY weekday
        ) AS h),
       (SELECT array_agg("on"::text) FROM accounts_closure WHERE clinic_id = c.id)
FROM accounts_clinic c WHERE c.id = ANY(%b::int8[])
"""
_LOST_STATUSES = [str(Status.MISSED), str(Status.BUMPED)]


def read_lost_visits(cursor: Cursor, persons: Persons, patient_ids: list[int], *, now: datetime) -> list[LostVisit]:
    """The missed and bumped visits of these records that are not too old to matter.

    Contact facts come from the record that survived the merges.
    """
    cursor.execute(_LOST, (patient_ids, _LOST_STATUSES, now - REBOOK_WINDOW))
    rows = cursor.fetchall()
    contacts = read_contacts(cursor, sorted({persons.root(row[2]) for row in rows})) if rows else {}
    found = []
    for row in rows:
        root = persons.root(row[2])
        contact = contacts.get(root, ContactFacts())._replace(is_merged=persons.is_merged(row[2]))
        found.append(LostVisit._make([*row[:2], root, *row[3:14], _list(row[14]), contact, row[15]]))
    return found


def read_contacts(cursor: Cursor, patient_ids: list[int]) -> dict[int, ContactFacts]:
    """How these records may be reached, merges apart."""
    cursor.execute(_CONTACTS, (patient_ids,))
    return {
        row[0]: ContactFacts._make([*row[1:5], _list(row[5]), _list(row[6]), tuple(row[7]), False])
        for row in cursor.fetchall()
    }


def _list(text: str | None) -> list[Any] | None:
    """A JSON column, read as text since Django's connection hands JSON over unread."""
    found: list[Any] | None = orjson.loads(text) if text else None
    return found


def read_other_visits(cursor: Cursor, persons: Persons, patient_ids: list[int], *, since: datetime) -> list[OtherVisit]:
    """Visits of these records that stand or were kept, starting at or after ``since``."""
    cursor.execute(_OTHERS, (patient_ids, sorted(str(status) for status in STANDING), since))
    return [OtherVisit(persons.root(row[0]), *row[1:]) for row in cursor.fetchall()]


def read_clinic_days(cursor: Cursor, clinic_ids: list[int]) -> dict[int, ClinicDay]:
    """The calendars of these clinics."""
    if not clinic_ids:
        return {}
    cursor.execute(_CLINICS, (clinic_ids,))
    return {
        clinic_id: ClinicDay(
            ZoneInfo(zone),
            {int(weekday): time.fromisoformat(closes) for weekday, closes in orjson.loads(hours or "{}").items()},
            frozenset(shut or ()),
        )
        for clinic_id, zone, hours, shut in cursor.fetchall()
    }
