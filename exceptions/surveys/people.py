"""Facts about the people of some visits: their surviving records, consent, and who else has their number."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from exceptions.checks.people import PersonFacts, VisitFacts
from scheduling.digestion.aliases import resolve_roots
from scheduling.folding.order import source_time
from scheduling.sql.cursors import Cursor

# Of the records with one number so many are looked at: a placeholder may stand in all of them.
MOST_SHARING = 200

# Merges are followed from the record that a visit names to whoever survived.
_EDGES = """
WITH RECURSIVE up (id, merged_into_id, merge_key) AS (
    SELECT id, merged_into_id, merge_key FROM scheduling_patient
    WHERE id = ANY(%s::int8[]) AND merged_into_id IS NOT NULL
    UNION
    SELECT p.id, p.merged_into_id, p.merge_key FROM up JOIN scheduling_patient p ON p.id = up.merged_into_id
    WHERE p.merged_into_id IS NOT NULL
)
SELECT * FROM up
"""
_RECORDS = """
SELECT p.id, p.source_id, s.timezone, p.family, p.given, p.born_on, p.language, p.zone, p.died, p.publicity,
    p.protection, p.vip, p.portal, p.guardian, p.phones_home::text, p.phones_work::text,
    CASE WHEN p.duplicate_of <> '' THEN (
        SELECT other.id FROM scheduling_patient other
        WHERE other.source_id = p.source_id AND other.authority = p.authority AND other.mrn = p.duplicate_of
            AND other.merged_into_id IS NULL AND other.id <> p.id
    ) END
FROM scheduling_patient p JOIN accounts_source s ON s.id = p.source_id
WHERE p.id = ANY(%s::int8[]) ORDER BY p.id
"""
_CONSENTS = """
SELECT DISTINCT ON (patient_id, channel) patient_id, channel, is_allowed, valid_from FROM scheduling_consent
WHERE patient_id = ANY(%s::int8[]) AND topic = '' ORDER BY patient_id, channel, valid_from DESC, order_key DESC
"""
_SHARING = """
SELECT asked.value, count(DISTINCT lower(holder.family))
FROM unnest(%(values)s::text[]) AS asked (value) CROSS JOIN LATERAL (
    SELECT p.family FROM scheduling_contactpoint c JOIN scheduling_patient p ON p.id = c.patient_id
    WHERE c.value = asked.value AND c.system = 'phone' AND c.use = 'mobile' AND p.merged_into_id IS NULL
        AND p.family <> '' LIMIT %(most)s
) AS holder
GROUP BY asked.value HAVING count(DISTINCT lower(holder.family)) > 1
"""


class BookedVisit(NamedTuple):
    """A visit and the record it is booked under, which may have been merged into another."""

    patient_id: int
    visit: VisitFacts


class Consents(NamedTuple):
    """Channels by their newest line."""

    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


_NO_CONSENTS = Consents()
_Edges = dict[int, tuple[int, bytes]]


def read_persons(cursor: Cursor, booked: Sequence[BookedVisit], now: datetime) -> list[PersonFacts]:
    """Read the person behind each visit; five statements, whatever their number."""
    edges = _read_edges(cursor, {each.patient_id for each in booked})
    roots = resolve_roots((retired, survivor, key) for retired, (survivor, key) in edges.items())
    visits: dict[int, list[VisitFacts]] = defaultdict(list)
    for patient_id, visit in booked:
        merged = edges.get(patient_id)
        merged_at = source_time(merged[1]) if merged and roots[patient_id] != patient_id else None
        visits[roots.get(patient_id, patient_id)].append(visit._replace(merged_at=merged_at))
    ids = sorted(visits)
    consents = _read_consents(cursor, ids)
    cursor.execute(_RECORDS, (ids,), prepare=False)
    persons = [_person(row, visits[row[0]], consents.get(row[0], _NO_CONSENTS)) for row in cursor.fetchall()]
    return _with_sharing(cursor, persons, now)


def _read_edges(cursor: Cursor, patient_ids: Collection[int]) -> _Edges:
    cursor.execute(_EDGES, (sorted(patient_ids),), prepare=False)
    return {retired: (survivor, bytes(key or b"")) for retired, survivor, key in cursor.fetchall()}


def _read_consents(cursor: Cursor, patient_ids: Sequence[int]) -> dict[int, Consents]:
    """What was allowed before everything was refused does not count as allowed."""
    cursor.execute(_CONSENTS, (patient_ids,), prepare=False)
    lines: dict[int, dict[str, tuple[bool, datetime]]] = defaultdict(dict)
    for patient_id, channel, is_allowed, valid_from in cursor.fetchall():
        lines[patient_id][channel] = (is_allowed, valid_from)
    return {patient_id: _consents_of(by_channel) for patient_id, by_channel in lines.items()}


def _consents_of(by_channel: Mapping[str, tuple[bool, datetime]]) -> Consents:
    is_all_allowed, all_since = by_channel.get("all", (True, None))
    allowed = tuple(
        channel
        for channel, (is_allowed, since) in by_channel.items()
        if is_allowed and (is_all_allowed or all_since is None or since > all_since)
    )
    return Consents(allowed, tuple(channel for channel, (is_allowed, _) in by_channel.items() if not is_allowed))


def _person(row: Sequence[Any], visits: Sequence[VisitFacts], consents: Consents) -> PersonFacts:
    """One row of ``_RECORDS``; JSON comes as text, since Django's connection hands it over unread."""
    points = tuple(point for text in row[14:16] if text for point in orjson.loads(text))
    return PersonFacts._make([*row[:2], ZoneInfo(row[2]), tuple(visits), *row[3:14], points, *consents, 0, row[16]])


def _with_sharing(cursor: Cursor, persons: Sequence[PersonFacts], now: datetime) -> list[PersonFacts]:
    """Say of each person how many family names stand behind their mobile numbers, as those are written."""
    mobiles = [person.mobiles(now.astimezone(person.source_zone).date()) for person in persons]
    values = sorted({value for own in mobiles for value in own})
    cursor.execute(_SHARING, {"values": values, "most": MOST_SHARING}, prepare=False)
    families: dict[str, int] = dict(cursor.fetchall())
    return [
        person._replace(families_on_number=max((families.get(value, 0) for value in own), default=0))
        for person, own in zip(persons, mobiles, strict=True)
    ]
