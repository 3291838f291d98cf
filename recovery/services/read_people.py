"""Read what is known of people to contact, for now or as it was known at a past moment. Nothing is locked here.

Six queries, whatever the number of people: a list of candidates costs no more than one of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, Value

from accounts.models import User
from recovery.contacting.facts import ConsentLine, Earlier, Person, Point
from recovery.contacting.languages import language_code
from recovery.contacting.owners import number_owner, person_owner
from recovery.models import Attempt, ContactMark, Reveal
from recovery.services.read_persons import read_persons
from recovery.vocabulary import Family, Mark, NextStep, OutreachChannel
from scheduling.models import Consent, ContactPoint, PatientVersion
from scheduling.patients.known import known_from
from scheduling.patients.state import PatientState
from scheduling.sql.cursors import server_cursor

# Nothing older counts against any limit; the longest rest is 60 days (research/recovery.md section 1b).
LOOK_BACK = timedelta(days=60)
MOST_COUNTED = 500  # of each person


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one person: ``root`` survived all merges, ``everyone`` are the ids of all, the root's included."""

    root: int
    everyone: tuple[int, ...]


def records_of(patient_id: int) -> Records:
    """Follow the merges around a record, both ways; call it inside ``transaction.atomic``."""
    return records_by_patient([patient_id])[patient_id]


def records_by_patient(patient_ids: Collection[int]) -> dict[int, Records]:
    """The same for several records, by the id that was asked about; one statement."""
    with server_cursor() as cursor:
        persons = read_persons(cursor, list(patient_ids), lock=False)
    return {pk: Records(persons.root(pk), tuple(persons.everyone([pk]))) for pk in patient_ids}


def read_person(patient_id: int, records: Records, *, actor: User | None, at: datetime) -> Person:
    """What is known of one person; see ``read_people``."""
    return read_people({patient_id: records}, actor=actor, at=at)[patient_id]


def read_people(records: Mapping[int, Records], *, actor: User | None, at: datetime) -> dict[int, Person]:
    """What is known at ``at`` of each of these patients.

    Statements, consent, marks and contacts count from when they were recorded. Whose number it is too is known for
    now only. A record that was merged says so, with its own facts; ``records`` are those of the same moment.
    """
    states = _states(records, at)
    points = _points(states, records, at)
    consents, earlier = _consents(records, at), _earlier(states, records, at)
    revealed = _revealed(records, actor, at)
    return {
        pk: Person(
            patient_id=pk,
            died=states[pk].died,
            survivor_id=mine.root if mine.root != pk else None,
            wants_none=states[pk].publicity == "N",
            is_restricted=states[pk].protection == "Y" or bool(states[pk].vip),
            is_revealed=not revealed.isdisjoint(mine.everyone),
            language=language_code(states[pk].language),
            zone=_zone(states[pk].zone),
            born_on=states[pk].born_on,
            guardian=states[pk].guardian,
            points=points[pk],
            consents=consents[pk],
            earlier=earlier[pk],
        )
        for pk, mine in records.items()
    }


def _everyone(records: Mapping[int, Records]) -> list[int]:
    return sorted({pk for mine in records.values() for pk in mine.everyone})


def _states(records: Mapping[int, Records], at: datetime) -> dict[int, PatientState]:
    """The records as they stood at ``at``: of each aspect the newest value that ever took effect until then.

    A statement that was outdated when it came must not count: what outdated it may have left no version of its own,
    since a message that only repeats what is known moves nothing but the clock.
    """
    versions = PatientVersion.objects.filter(patient__in=list(records), recorded_at__lte=at, is_effective=True)
    told: defaultdict[int, list[tuple[Any, bytes]]] = defaultdict(list)
    for patient_id, statement, key in versions.values_list("patient", "statement", "order_key"):
        told[patient_id].append((statement, bytes(key)))
    return {pk: known_from(told[pk]) for pk in records}


def _stated(state: PatientState) -> list[Sequence[Any]]:
    return [*(state.phones_home or []), *(state.phones_work or [])]


def _points(
    states: Mapping[int, PatientState], records: Mapping[int, Records], at: datetime
) -> dict[int, tuple[Point, ...]]:
    """Every way on file with the newest thing learnt about it; a wrong number is wrong whoever has it."""
    values = sorted({point[2] for state in states.values() for point in _stated(state)})
    marks = list(
        ContactMark.objects.filter(value__in=values, at__lte=at)
        .order_by("at", "pk")
        .values_list("value", "mark", "patient", "at")
    )
    others = _Sharing(values, _everyone(records))
    found = {}
    for pk, state in states.items():
        mine = records[pk]
        learnt = {
            value: (Mark(mark), marked_at)
            for value, mark, patient, marked_at in marks
            if mark == Mark.WRONG or patient in mine.everyone
        }
        found[pk] = tuple(_point(stated, learnt.get(stated[2]), others(stated[2], mine)) for stated in _stated(state))
    return found


def _point(stated: Sequence[Any], learnt: tuple[Mark, datetime] | None, sharers: int) -> Point:
    system, use, value, rank, ends_on = stated
    mark, marked_at = learnt or (None, None)
    return Point(system, use, value, rank, _day(ends_on), mark, marked_at, sharers)


class _Sharing:
    """How many living people have each number; the number may be one that thousands have, so nobody is listed."""

    def __init__(self, values: Collection[str], everyone: Collection[int]) -> None:
        living = ContactPoint.objects.filter(value__in=values, patient__died=False, patient__merged_into=None)
        own = ArrayAgg("patient", filter=Q(patient__in=everyone), distinct=True, default=Value([]))
        counted = living.values("value").annotate(number=Count("patient", distinct=True), own=own)
        self.having: dict[str, tuple[int, list[int]]] = {row["value"]: (row["number"], row["own"]) for row in counted}

    def __call__(self, value: str, mine: Records) -> int:
        """How many others than this person have it."""
        number, own = self.having.get(value, (0, []))
        return number - len(set(own).intersection(mine.everyone))


def _consents(records: Mapping[int, Records], at: datetime) -> dict[int, tuple[ConsentLine, ...]]:
    """Of each channel and topic the newest line that was known then; of two at once the refusal."""
    rows = (
        Consent.objects.filter(patient__in=_everyone(records), recorded_at__lte=at, valid_from__lte=at)
        .order_by("patient", "channel", "topic", "-valid_from", "is_allowed")
        .distinct("patient", "channel", "topic")
    )
    lines = [(row.patient_id, ConsentLine(row.channel, row.topic, row.is_allowed, row.valid_from)) for row in rows]
    return {pk: _newest(line for patient, line in lines if patient in mine.everyone) for pk, mine in records.items()}


def _newest(lines: Iterable[ConsentLine]) -> tuple[ConsentLine, ...]:
    found: dict[tuple[str, str], ConsentLine] = {}
    for line in sorted(lines, key=lambda line: (line.since, not line.is_allowed)):
        found[line.channel, line.topic] = line
    return tuple(found[key] for key in sorted(found))


def _earlier(
    states: Mapping[int, PatientState], records: Mapping[int, Records], at: datetime
) -> dict[int, tuple[Earlier, ...]]:
    """Contacts of the last 60 days that counted, of each person or to one of their numbers, whatever the queue."""
    persons = {pk: person_owner(mine.root) for pk, mine in records.items()}
    numbers = {pk: {number_owner(point[2]) for point in _stated(state)} for pk, state in states.items()}
    about = Q(person_owner__in=list(persons.values())) | Q(number_owner__in=list(set().union(*numbers.values())))
    rows = Attempt.objects.filter(about, is_counted=True, at__gt=at - LOOK_BACK, at__lte=at).order_by("-at")
    shown = rows.values_list(
        "channel", "at", "person_owner", "number_owner", "item__family", "clinic", "item__appointment", "next_step"
    )
    found: dict[int, list[Earlier]] = {pk: [] for pk in records}
    for channel, then, person, number, family, clinic, visit, step in shown[: MOST_COUNTED * len(records)]:
        kind, is_going_on = Family(family) if family else None, step == NextStep.CALL_BACK
        for pk, owner in persons.items():
            if owner == person or number in numbers[pk]:
                is_other = owner != person
                one = Earlier(OutreachChannel(channel), then, is_other, kind, clinic, visit, is_going_on)
                found[pk].append(one)
    return {pk: tuple(lines) for pk, lines in found.items()}


def _revealed(records: Mapping[int, Records], actor: User | None, at: datetime) -> set[int]:
    """Whose restricted name the actor may see at that moment."""
    if actor is None:
        return set()
    shown = Reveal.objects.shown_to(actor, at).filter(patient__in=_everyone(records))
    return set(shown.values_list("patient", flat=True))


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
