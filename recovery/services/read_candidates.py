"""Everybody who may fit one freed slot, judged: seven statements, whatever the number of people.

They come from the waitlist and from later visits of the same clinic, at most ``MOST`` of each. Nothing is locked here;
whoever makes an offer asks again for one person behind the guard's locks.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction

from recovery.eligibility import LEAST_GAIN, MOST_GAIN, OFFERS_WITHIN, judge
from recovery.eligibility_facts import Case, Fit, OwnVisit, PersonFacts, Slot, TypeRule, Wish
from recovery.models import QueueItem
from recovery.services.read_candidate_people import AheadVisit, People, read_people
from recovery.vocabulary import Decider, Movable
from scheduling.sql.cursors import Cursor, server_cursor
from scheduling.vocabulary import Status

MOST = 200
Row = tuple[Any, ...]
STANDS = frozenset({Status.BOOKED, Status.CONFIRMED})
_RULES = """
SELECT DISTINCT ON (visit_type) visit_type, movable, preparation, notice, fits, decider FROM recovery_visittyperule
WHERE clinic_id = %(clinic)b AND valid_from <= %(now)b AND recorded_at <= %(now)b
ORDER BY visit_type, valid_from DESC, id DESC
"""
_ENTRIES = """
SELECT e.id, e.appointment_id, e.patient_id, e.visit_type, e.clinic_id, coalesce(e.minutes, a.minutes), e.since,
       e.provider_code, e.not_before_on, e.not_after_on, e.weekdays, e.from_time, e.until_time, e.notice,
       a.starts_at, a.resource, a.status, a.troubles IS NOT NULL, a.occurrence
FROM recovery_waitlistentry e LEFT JOIN scheduling_appointment a ON a.id = e.appointment_id
WHERE e.state = 'waiting' AND e.clinic_id = %(clinic)b AND e.visit_type = ANY(%(types)b::text[])
  AND (%(entry)b::int8 IS NULL OR e.id = %(entry)b)
ORDER BY e.since, e.id LIMIT %(most)b
"""
_VISITS = """
SELECT NULL::int8, a.id, a.patient_id, a.visit_type, a.clinic_id, a.minutes, a.booked_at, a.starts_at, a.resource,
       a.status, a.troubles IS NOT NULL, a.occurrence
FROM scheduling_appointment a
WHERE a.clinic_id = %(clinic)b AND a.visit_type = ANY(%(types)b::text[]) AND a.status = ANY(%(stands)b::text[])
  AND a.starts_at BETWEEN %(soonest)b AND %(latest)b AND a.patient_id IS NOT NULL
  AND (%(visit)b::int8 IS NULL OR a.id = %(visit)b)
ORDER BY a.starts_at DESC, a.id LIMIT %(most)b
"""


class Named(NamedTuple):
    """One candidate: an entry of the waitlist, a later visit, or an entry and the visit it would replace."""

    entry_id: int | None = None
    visit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Candidacy:
    """One person for one slot, judged. ``waiting_since`` is None where nobody said when the visit was booked."""

    named: Named
    case: Case
    fit: Fit
    name: str
    language: str
    waiting_since: datetime | None

    @property
    def patient_id(self) -> int:
        """The record that survived merges."""
        return self.case.person.patient_id

    @property
    def days_sooner(self) -> int | None:
        """Whole days gained; None without a visit of their own."""
        visit = self.case.visit
        return (visit.starts_at - self.case.slot.starts_at).days if visit is not None and visit.starts_at else None


class _Found(NamedTuple):
    """Somebody who may fit, before anything is known of the person."""

    named: Named
    patient_id: int
    visit_type: str
    clinic_id: int
    minutes: int | None
    since: datetime | None
    wish: Wish | None
    visit: OwnVisit | None


def read_candidates(item: QueueItem, now: datetime, *, only: Named | None = None) -> list[Candidacy]:
    """Judge everybody for a refill's slot, or only one; in no order that means anything.

    Who stands on the waitlist and has a later visit of the same type is one candidate.
    """
    if item.clinic is None or item.visit_type is None:
        return []
    with transaction.atomic(savepoint=False), server_cursor() as cursor:
        rules = read_type_rules(cursor, item.clinic.pk, now)
        found = _look_for(cursor, item, rules, now, only)
        left_by = item.appointment.patient_id
        people = read_people(
            cursor, [one.patient_id for one in found] + ([left_by] if left_by is not None else []), now, OFFERS_WITHIN
        )
    leavers = people.everyone(left_by) if left_by is not None else frozenset()
    slot = Slot(
        item.starts_at, item.minutes, item.visit_type, item.resource, item.clinic.pk, ZoneInfo(item.clinic.timezone),
        leavers,
    )  # fmt: skip
    joined = _joined(found, people)
    return [_judged(one, slot, rules.get(one.visit_type, TypeRule()), people, now) for one in joined]


def read_type_rules(cursor: Cursor, clinic_id: int, now: datetime) -> dict[str, TypeRule]:
    """What a clinic decided about visit types, as in force and known at ``now``."""
    cursor.execute(_RULES, {"clinic": clinic_id, "now": now})
    return {
        row[0]: TypeRule(Movable(row[1]), row[2], row[3], frozenset(row[4]), Decider(row[5]))
        for row in cursor.fetchall()
    }


def _look_for(
    cursor: Cursor, item: QueueItem, rules: dict[str, TypeRule], now: datetime, only: Named | None
) -> list[_Found]:
    types = {item.visit_type} | {name for name, rule in rules.items() if item.visit_type in rule.fits}
    asked = {
        "clinic": item.clinic_id,
        "types": sorted(name for name in types if name),
        "most": MOST,
        "entry": only.entry_id if only else None,
        "visit": only.visit_id if only else None,
        "stands": sorted(STANDS),
        "soonest": item.starts_at + LEAST_GAIN,
        "latest": item.starts_at + MOST_GAIN,
    }
    found: list[_Found] = []
    if only is None or only.entry_id is not None:
        cursor.execute(_ENTRIES, asked)
        found += [_entry(row) for row in cursor.fetchall()]
    if only is None or only.visit_id is not None:
        cursor.execute(_VISITS, asked)
        found += [_found(Named(row[0], row[1]), row[2:7], None, row[7:]) for row in cursor.fetchall()]
    return found


def _entry(row: Row) -> _Found:
    since, provider, not_before, not_after, weekdays, from_time, until_time, notice = row[6:14]
    wish = Wish(since, provider, not_before, not_after, frozenset(weekdays), from_time, until_time, notice)
    return _found(Named(row[0], row[1]), row[2:7], wish, row[14:])


def _found(named: Named, said: Row, wish: Wish | None, own: Row) -> _Found:
    patient_id, visit_type, clinic_id, minutes, since = said
    starts_at, resource, status, is_uncertain, occurrence = own
    # A visit that waits to be booked is no visit to give up.
    if named.visit_id is None or status in (None, Status.WAITLISTED, Status.REQUESTED):
        named, visit = named._replace(visit_id=None), None
    else:
        visit = OwnVisit(starts_at, resource, status in STANDS, is_uncertain, in_series=bool(occurrence))
    return _Found(named, patient_id, visit_type, clinic_id, minutes, since, wish, visit)


def _joined(found: Iterable[_Found], people: People) -> list[_Found]:
    """One line per person and visit type: the wish of the entry with the visit that it would replace."""
    by_person: defaultdict[tuple[int, str], list[_Found]] = defaultdict(list)
    for one in found:
        by_person[people.root(one.patient_id), one.visit_type].append(one)
    return [_one_of(several) for several in by_person.values()]


def _one_of(several: list[_Found]) -> _Found:
    entry = next((one for one in several if one.wish is not None), None)
    visits = [
        (one.visit.starts_at, one) for one in several if one.visit is not None and one.visit.starts_at is not None
    ]
    own = min(visits, key=lambda pair: (pair[0], pair[1].named.visit_id or 0))[1] if visits else None
    if entry is None:
        return own or several[0]
    if entry.visit is None and own is not None:
        return entry._replace(named=Named(entry.named.entry_id, own.named.visit_id), visit=own.visit)
    return entry


def _judged(one: _Found, slot: Slot, rule: TypeRule, people: People, now: datetime) -> Candidacy:
    root = people.root(one.patient_id)
    ahead = people.ahead.get(root, [])
    others = [visit for visit in ahead if visit.id != one.named.visit_id]
    visit = one.visit
    if visit is not None and visit.starts_at is not None:
        visit = _placed(visit, visit.starts_at, one.visit_type, others)
    facts = people.facts.get(root, PersonFacts(root, is_closed=True))
    facts = replace(
        facts,
        has_sooner=visit is None and any(_is_sooner(other, one.visit_type, slot.starts_at) for other in others),
        clashes=any(_overlaps(other, slot) for other in others),
    )
    case = Case(slot, facts, now, one.visit_type, one.clinic_id, one.minutes, rule, one.wish, visit)
    name, language = people.names.get(root, ""), people.languages.get(root, "")
    return Candidacy(one.named, case, judge(case), name, language, one.since)


def _placed(visit: OwnVisit, starts_at: datetime, visit_type: str, others: list[AheadVisit]) -> OwnVisit:
    """Where the visit stands among the person's others: another one of its type after it makes a series."""
    return replace(
        visit,
        is_first=not any(other.starts_at < starts_at for other in others),
        in_series=visit.in_series
        or any(other.visit_type == visit_type and other.starts_at > starts_at for other in others),
    )


def _is_sooner(other: AheadVisit, visit_type: str, starts_at: datetime) -> bool:
    return other.visit_type == visit_type and other.starts_at <= starts_at


def _overlaps(other: AheadVisit, slot: Slot) -> bool:
    ends_at = slot.starts_at + timedelta(minutes=slot.minutes)
    return other.starts_at < ends_at and other.starts_at + timedelta(minutes=other.minutes) > slot.starts_at
