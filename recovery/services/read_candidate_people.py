"""The people behind candidates: merges as one, how they are reached, what was offered, what lies ahead."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from recovery.eligibility_facts import PersonFacts
from recovery.services.read_persons import Persons, read_persons
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import STANDING

_PEOPLE = """
SELECT id, died, publicity, protection, vip, phones_home::text, phones_work::text, given, family, language
FROM scheduling_patient WHERE id = ANY(%b::int8[])
"""
_OFFERS = """
SELECT patient_id, count(*) FILTER (WHERE state IN ('live', 'pending')), count(*) FILTER (WHERE made_at > %b)
FROM recovery_offer WHERE patient_id = ANY(%b::int8[]) AND (made_at > %b OR state IN ('live', 'pending'))
GROUP BY patient_id
"""
_AHEAD = """
SELECT patient_id, id, starts_at, coalesce(minutes, 30), visit_type FROM scheduling_appointment
WHERE patient_id = ANY(%b::int8[]) AND status = ANY(%b::text[]) AND starts_at > %b
"""


class AheadVisit(NamedTuple):
    """One visit ahead that stands."""

    id: int
    starts_at: datetime
    minutes: int
    visit_type: str | None


@dataclass(slots=True)
class People:
    """Persons by the record that survived their merges."""

    persons: Persons
    facts: dict[int, PersonFacts] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    languages: dict[int, str] = field(default_factory=dict)
    ahead: dict[int, list[AheadVisit]] = field(default_factory=dict)

    def root(self, patient_id: int) -> int:
        """The record that survived the merges."""
        return self.persons.root(patient_id)

    def everyone(self, patient_id: int) -> frozenset[int]:
        """All records of a person."""
        return frozenset(self.persons.everyone([patient_id]))


def read_people(cursor: Cursor, patient_ids: Iterable[int], now: datetime, within: timedelta) -> People:
    """Read what the rules ask of these people; four statements. ``within`` is how far back offers count."""
    ids = sorted(set(patient_ids))
    if not ids:
        return People(Persons())
    persons = read_persons(cursor, ids, lock=False)
    people = People(persons)
    everyone = persons.everyone(ids)
    offers = _read_offers(cursor, persons, everyone, now - within)
    cursor.execute(_PEOPLE, (sorted({persons.root(pk) for pk in ids}),))
    for row in cursor.fetchall():
        people.facts[row[0]] = _facts(row, *offers.get(row[0], (0, 0)))
        people.names[row[0]] = f"{row[7]} {row[8]}".strip() or f"Patient {row[0]}"
        people.languages[row[0]] = row[9]
    people.ahead = _read_ahead(cursor, persons, everyone, now)
    return people


def _read_offers(cursor: Cursor, persons: Persons, everyone: list[int], since: datetime) -> dict[int, tuple[int, int]]:
    """Of each person: how many offers are open or accepted now, and how many were made after ``since``."""
    cursor.execute(_OFFERS, (since, everyone, since))
    found: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for patient_id, live, recent in cursor.fetchall():
        root = persons.root(patient_id)
        found[root] = (found[root][0] + live, found[root][1] + recent)
    return found


def _read_ahead(cursor: Cursor, persons: Persons, everyone: list[int], now: datetime) -> dict[int, list[AheadVisit]]:
    cursor.execute(_AHEAD, (everyone, sorted(str(status) for status in STANDING), now))
    found: defaultdict[int, list[AheadVisit]] = defaultdict(list)
    for patient_id, *visit in cursor.fetchall():
        found[persons.root(patient_id)].append(AheadVisit(*visit))
    return found


def _facts(row: tuple[Any, ...], live: int, recent: int) -> PersonFacts:
    patient_id, died, publicity, protection, vip, home, work, *_ = row
    points = [point for text in (home, work) for point in orjson.loads(text or "[]") if point[1] != "old"]
    return PersonFacts(
        patient_id,
        is_closed=died,
        wants_none=publicity == "N",
        is_restricted=protection == "Y" or bool(vip),
        has_phone=any(point[0] == "phone" for point in points),
        has_mobile=any(point[:2] == ["phone", "mobile"] for point in points),
        has_live_offer=live > 0,
        recent_offers=recent,
    )
