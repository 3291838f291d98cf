"""Read what the contact rules look at, for now or as it was known at a past moment. Nothing is locked here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, Q, QuerySet

from accounts.models import Clinic, User
from recovery.contacting.facts import Ask, ConsentLine, ContactHours, Earlier, Person, Point, Policy, Tries
from recovery.contacting.languages import language_code
from recovery.contacting.owners import number_owner, person_owner
from recovery.contacting.policy import DEFAULT_POLICY, DEFAULT_TRIES
from recovery.models import (
    Attempt,
    AttemptPolicy,
    ContactMark,
    ContactPolicy,
    MessageTemplate,
    QueueItem,
    Reveal,
    StaffLanguage,
)
from recovery.services.read_persons import read_persons
from recovery.trust import ClinicTrust
from recovery.vocabulary import Family, Mark, OutreachChannel, Topic
from scheduling.models import Consent, ContactPoint, PatientVersion
from scheduling.patients.known import known_from
from scheduling.patients.state import PatientState
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import Decision

# Nothing older counts against any limit; the longest rest is 60 days (research/recovery.md section 1b).
LOOK_BACK = timedelta(days=60)
MOST_COUNTED = 500
Setting = TypeVar("Setting", ContactPolicy, AttemptPolicy)
TOPICS = {Family.REFILL: Topic.REFILL, Family.REBOOK_MISSED: Topic.REBOOK, Family.REBOOK_BUMPED: Topic.REBOOK}


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one person: ``root`` survived all merges, ``everyone`` are the ids of all, the root's included."""

    root: int
    everyone: tuple[int, ...]


def records_of(patient_id: int) -> Records:
    """Follow the merges around a record, both ways; call it inside ``transaction.atomic``."""
    with server_cursor() as cursor:
        persons = read_persons(cursor, [patient_id], lock=False)
    return Records(persons.root(patient_id), tuple(persons.everyone([patient_id])))


def read_person(patient_id: int, records: Records, *, actor: User | None, at: datetime) -> Person:
    """What is known of a person at ``at``: six queries, none of them by number of points.

    Statements, consent, marks and contacts count from when they were recorded. Whose number it is too is known for
    now only. A record that was merged says so, with its own facts; ``records`` are those of the same moment.
    """
    state = _state(patient_id, at)
    return Person(
        patient_id=patient_id,
        died=state.died,
        survivor_id=records.root if records.root != patient_id else None,
        wants_none=state.publicity == "N",
        is_restricted=state.protection == "Y" or bool(state.vip),
        is_revealed=_is_revealed(records, actor, at),
        language=language_code(state.language),
        zone=_zone(state.zone),
        born_on=state.born_on,
        guardian=state.guardian,
        points=_points(state, records, at),
        consents=_consents(records, at),
        earlier=_earlier(state, records, at),
    )


def _state(patient_id: int, at: datetime) -> PatientState:
    """The record as it stood at ``at``: of each aspect the newest value that ever took effect until then.

    A statement that was outdated when it came must not count: what outdated it may have left no version of its own,
    since a message that only repeats what is known moves nothing but the clock.
    """
    versions = PatientVersion.objects.filter(patient=patient_id, recorded_at__lte=at, is_effective=True)
    return known_from((row["statement"], bytes(row["order_key"])) for row in versions.values("statement", "order_key"))


def read_ask(item: QueueItem, *, clinic: Clinic, trust: ClinicTrust | None, actor: User | None, at: datetime) -> Ask:
    """What is intended with an item, under the clinic's settings as of ``at``: five queries."""
    topic, tries = TOPICS[Family(item.family)], read_tries(item, clinic, at)
    return read_ask_about(topic, tries, clinic=clinic, trust=trust, actor=actor, at=at)


def read_ask_about(
    topic: Topic, tries: Tries, *, clinic: Clinic, trust: ClinicTrust | None, actor: User | None, at: datetime
) -> Ask:
    """The same where no item is at hand: about a topic, for a clinic."""
    languages = StaffLanguage.objects.filter(person__is_active=True).values_list("person", "language")
    spoken = {(person, language_code(language)) for person, language in languages}
    mine = frozenset(language for person, language in spoken if actor is not None and person == actor.pk)
    limit = None if trust is None else trust.limits_of(Decision.STOP_OUTREACH).held_after
    return Ask(
        topic=topic,
        clinic_zone=clinic.zone,
        policy=read_policy(clinic, at),
        tries=tries,
        spoken=mine,
        colleagues=frozenset(language for _, language in spoken) - mine,
        written=_written(topic, at),
        consent_age=None if trust is None else trust.age(at),
        consent_limit=limit or timedelta(minutes=15),
    )


def read_policy(clinic: Clinic, at: datetime) -> Policy:
    """The clinic's contact policy in force at ``at`` and known then, else the strictest."""
    row = policy_in_force(clinic, at)
    if row is None:
        return DEFAULT_POLICY
    hours = ContactHours((row.weekdays_from, row.weekdays_until), (row.sundays_from, row.sundays_until))
    return Policy(hours, row.most_texts_a_day, row.most_texts_a_week, row.most_calls_a_day, row.revoke_all)


def policy_in_force(clinic: Clinic, at: datetime) -> ContactPolicy | None:
    """The version of the clinic's contact policy that was in force at ``at`` and known then."""
    return _in_force(ContactPolicy.objects.filter(clinic=clinic), at)


def read_tries(item: QueueItem, clinic: Clinic, at: datetime) -> Tries:
    """How often the item may be tried, and how often it was."""
    family = Family(item.family)
    row = _in_force(AttemptPolicy.objects.filter(clinic=clinic, family=family), at)
    limits = DEFAULT_TRIES[family] if row is None else Tries(row.most_tries, row.rest)
    if family == Family.REFILL:
        # A slot may be offered to many people: the limit is of the person, whom their contacts count for.
        return limits._replace(most=None, rest=timedelta())
    times = Attempt.objects.filter(item=item, is_counted=True, at__lte=at).order_by("-at").values_list("at", flat=True)
    done = list(times[:100])
    return limits._replace(used=len(done), last_at=done[0] if done else None)


def _in_force(rows: QuerySet[Setting], at: datetime) -> Setting | None:
    """The newest version that was true and known at ``at``."""
    return rows.filter(valid_from__lte=at, recorded_at__lte=at).order_by("-valid_from", "-pk").first()


def _is_revealed(records: Records, actor: User | None, at: datetime) -> bool:
    if actor is None:
        return False
    return Reveal.objects.shown_to(actor, at).filter(patient__in=records.everyone).exists()


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _stated(state: PatientState) -> list[Sequence[Any]]:
    return [*(state.phones_home or []), *(state.phones_work or [])]


def _points(state: PatientState, records: Records, at: datetime) -> tuple[Point, ...]:
    """Every way on file with the newest thing learnt about it; a wrong number is wrong whoever has it."""
    stated = _stated(state)
    values = [point[2] for point in stated]
    marks: dict[str, tuple[Mark | None, datetime | None]] = {}
    known = ContactMark.objects.filter(value__in=values, at__lte=at).order_by("at", "pk")
    for value, mark, patient, marked_at in known.values_list("value", "mark", "patient", "at"):
        if mark == Mark.WRONG or patient in records.everyone:
            marks[value] = (Mark(mark), marked_at)
    shared = (
        ContactPoint.objects.filter(value__in=values, patient__died=False, patient__merged_into=None)
        .exclude(patient__in=records.everyone)
        .values("value")
        .annotate(number=Count("patient", distinct=True))
    )
    sharers = dict(shared.values_list("value", "number"))
    points = []
    for system, use, value, rank, ends_on in stated:
        newest, learnt_at = marks.get(value, (None, None))
        points.append(Point(system, use, value, rank, _day(ends_on), newest, learnt_at, sharers.get(value, 0)))
    return tuple(points)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _consents(records: Records, at: datetime) -> tuple[ConsentLine, ...]:
    """Of each channel and topic the newest line that was known then; of two at once the refusal."""
    lines = (
        Consent.objects.filter(patient__in=records.everyone, recorded_at__lte=at, valid_from__lte=at)
        .order_by("channel", "topic", "-valid_from", "is_allowed")
        .distinct("channel", "topic")
    )
    return tuple(ConsentLine(line.channel, line.topic, line.is_allowed, line.valid_from) for line in lines)


def _earlier(state: PatientState, records: Records, at: datetime) -> tuple[Earlier, ...]:
    """Contacts of the last 60 days that counted, of this person or to one of these numbers, whatever the queue."""
    person = person_owner(records.root)
    numbers = [number_owner(point[2]) for point in _stated(state)]
    rows = Attempt.objects.filter(
        Q(person_owner=person) | Q(number_owner__in=numbers), is_counted=True, at__gt=at - LOOK_BACK, at__lte=at
    )
    newest = rows.order_by("-at").values_list("channel", "at", "person_owner", "item__family")[:MOST_COUNTED]
    return tuple(
        Earlier(OutreachChannel(channel), then, owner != person, Family(family) if family else None)
        for channel, then, owner, family in newest
    )


def _written(topic: Topic, at: datetime) -> dict[OutreachChannel, frozenset[str]]:
    """The languages with an approved template, by channel."""
    rows = MessageTemplate.objects.in_use(at).filter(topic=topic)
    found: dict[OutreachChannel, set[str]] = {}
    for channel, language in rows.values_list("channel", "language"):
        found.setdefault(OutreachChannel(channel), set()).add(language_code(language))
    return {channel: frozenset(languages) for channel, languages in found.items()}
