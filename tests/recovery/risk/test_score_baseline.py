"""The baseline counts what a plain recount of the same visits counts, and scores each visit once a day."""

from collections import defaultdict
from datetime import timedelta
from random import Random

import pytest
from django.db import transaction

from accounts.models import Clinic
from recovery.models import RiskScore
from recovery.risk.baseline import NAME, Count, Traits
from recovery.services.score_baseline import read_counts, read_visits_to_come, score_baseline
from scheduling.models import Appointment, Patient
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import SetBy, Status
from tests.support.desk import DAY, HOUR, NOW

YEAR = 365 * DAY
ENDS = (Status.COMPLETED, Status.COMPLETED, Status.MISSED, Status.LEFT_UNSEEN, Status.CANCELLED, Status.CHECKED_IN)


def visit(clinic, patient, starts_at, status=Status.BOOKED, **more):
    """A visit as it stands, booked 10 days before; written by ``write``."""
    said = {"booked_at": starts_at - 10 * DAY, "visit_type": "ECHO", "said_at": NOW, "heard_at": NOW} | more
    return Appointment(
        source=clinic.source, namespace="", occurrence="", status=status, patient=patient, clinic=clinic,
        starts_at=starts_at, order_key=b"", events=1, **said,
    )  # fmt: skip


def write(visits):
    visits = list(visits)
    for number, one in enumerate(visits, Appointment.objects.count()):
        one.external_id = f"H{number}"
    return Appointment.objects.bulk_create(visits)


def person(source, number, **more):
    return Patient.objects.create(source=source, authority="A", mrn=f"M{number}", as_of=b"", **more)


@pytest.fixture
def history(source, clinic):
    """``history(ended, missed)``: so many visits that ended a month ago, each of a person of its own."""

    def add(ended, missed, **more):
        people = Patient.objects.bulk_create(
            Patient(source=source, authority="H", mrn=f"{len(more)}{ended}{missed}-{number}", as_of=b"")
            for number in range(ended)
        )
        write(
            visit(clinic, one, NOW - 30 * DAY, Status.MISSED if number < missed else Status.COMPLETED, **more)
            for number, one in enumerate(people)
        )

    return add


def scores():
    rows = RiskScore.objects.order_by("pk").values_list("appointment", "model", "score", "reason", "scored_at")
    return list(rows)


def test_visit_to_come_is_scored_by_visits_like_it(source, clinic, history):
    history(200, 40)
    [to_come] = write([visit(clinic, person(source, 1), NOW + DAY)])

    assert score_baseline(NOW) == 1

    assert scores() == [(to_come.pk, NAME, 0.2, "", NOW)]


def test_a_person_who_missed_before_is_scored_higher(source, clinic, history):
    history(300, 30)
    often, once, never = (person(source, number) for number in range(3))
    write(visit(clinic, often, NOW - days * DAY, Status.MISSED) for days in (40, 20))
    write([visit(clinic, once, NOW - 20 * DAY, Status.MISSED), visit(clinic, never, NOW - 20 * DAY, Status.COMPLETED)])
    for number in range(40):  # people like ``once``: a visit missed, and then another
        other = person(source, 100 + number)
        write(visit(clinic, other, NOW - days * DAY, Status.MISSED) for days in (80, 60))
    write(visit(clinic, one, NOW + DAY) for one in (often, once, never))

    score_baseline(NOW)

    many, one, none = [score for _, _, score, _, _ in scores()]
    assert one > many == none  # nobody with several, or with none, has been seen to miss or come
    assert [reason for *_, reason, _ in scores()][1] == "Missed a visit in the last year"


def test_without_history_nothing_is_scored(source, clinic, history):
    history(199, 40)
    write([visit(clinic, person(source, 1), NOW + DAY)])

    assert score_baseline(NOW) == 0


@pytest.mark.parametrize(("later", "added"), [(8 * HOUR, 0), (9 * HOUR, 1)], ids=["the same UTC day", "the next"])
def test_each_visit_is_scored_once_a_day(source, clinic, history, later, added):
    history(200, 40)
    write([visit(clinic, person(source, 1), NOW + 2 * DAY)])
    score_baseline(NOW)

    assert score_baseline(NOW + later) == added


def test_what_was_booked_since_is_scored_the_same_day(source, clinic, history):
    history(200, 40)
    write([visit(clinic, person(source, 1), NOW + 2 * DAY)])
    score_baseline(NOW)
    write([visit(clinic, person(source, 2), NOW + 2 * DAY)])

    assert score_baseline(NOW + HOUR) == 1


@pytest.mark.parametrize(
    ("more", "is_scored"),
    [
        ({}, True),
        ({"status": Status.CONFIRMED}, False),
        ({"status": Status.CANCELLED}, False),
        ({"troubles": [["unmapped_status", "ZZ", None]]}, False),
        ({"patient": None}, False),
        ({"starts_at": NOW}, False),
        ({"starts_at": NOW + 14 * DAY}, True),
        ({"starts_at": NOW + 14 * DAY + HOUR}, False),
    ],
    ids=["stands", "confirmed", "cancelled", "uncertain", "nobody", "begins", "end of the window", "too far"],
)
def test_only_visits_that_stand_and_are_near_are_scored(source, clinic, history, more, is_scored):
    history(200, 40)
    said = {"patient": person(source, 1), "starts_at": NOW + DAY} | more
    write([visit(clinic, **said)])

    assert score_baseline(NOW) == int(is_scored)


def test_test_clinics_are_left_out(source, clinic, history):
    history(200, 40)
    test_clinic = Clinic.objects.create(
        source=source, key="test", name="Test", timezone="America/Chicago", is_test=True
    )
    write([visit(test_clinic, person(source, 1), NOW + DAY)])

    assert score_baseline(NOW) == 0


# Against a recount


def earlier_of(visits, one, now):
    """How the person's visits of the year before ended, those of the last week left out."""
    before = [
        other
        for other in visits
        if other.person == one.person
        and one.starts_at - YEAR <= other.starts_at <= one.starts_at - 7 * DAY
        and other.starts_at < now
        and is_ended(other)
    ]
    missed = sum(other.status == Status.MISSED for other in before)
    return "new" if not before else ("none", "one", "more")[min(missed, 2)]


def lead_of(one):
    if one.booked_at is None or one.booked_at > one.starts_at:
        return "unknown"
    for word, end in (("day", DAY), ("week", 7 * DAY), ("month", 28 * DAY)):
        if one.starts_at - one.booked_at < end:
            return word
    return "longer"


def is_ended(one):
    if one.troubles is not None:
        return False
    is_missed = one.status == Status.MISSED and one.set_by != SetBy.TIMER
    return is_missed or one.status in (Status.COMPLETED, Status.LEFT_UNSEEN)


def traits_of(visits, one, now):
    return Traits(one.clinic_id, earlier_of(visits, one, now), lead_of(one), one.visit_type or "")


def recount(visits, now):
    counts: defaultdict[tuple[int | str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for one in visits:
        if now - YEAR <= one.starts_at < now and is_ended(one):
            traits = traits_of(visits, one, now)
            for depth in range(5):
                counts[traits[:depth]][0] += 1
                counts[traits[:depth]][1] += one.status == Status.MISSED
    return {group: Count(*count) for group, count in counts.items()}


def drawn_world(source, clinic, seed):
    """Visits of some people over two years and a half, of every kind; two of the records are one person."""
    draw = Random(seed)
    second = Clinic.objects.create(source=source, key=f"second{seed}", name="Second", timezone="America/Chicago")
    people = [person(source, f"{seed}-{number}") for number in range(12)]
    Patient.objects.filter(pk=people[1].pk).update(merged_into=people[0])
    made = []
    for _ in range(300):
        # Weeks apart to the hour, since a week before the visit is where its past begins.
        starts_at = NOW + timedelta(days=7 * draw.randrange(-125, 3), hours=draw.choice((-1, 0, 1)))
        is_over = starts_at < NOW
        made.append(
            visit(
                draw.choice((clinic, second)), draw.choice(people), starts_at,
                draw.choice(ENDS) if is_over else draw.choice((Status.BOOKED, Status.PENDING, Status.CANCELLED)),
                booked_at=draw.choice((None, starts_at - draw.choice((HOUR, DAY, 7 * DAY, 28 * DAY)), starts_at + DAY)),
                visit_type=draw.choice((None, "ECHO", "FUP")), set_by=draw.choice((None, SetBy.PERSON, SetBy.TIMER)),
                troubles=draw.choice((None, None, None, [["unmapped_status", "ZZ", None]])),
            )
        )  # fmt: skip
    write(made)
    roots = {people[1].pk: people[0].pk}
    for one in made:
        one.person = roots.get(one.patient_id, one.patient_id)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_counts_and_traits_equal_a_recount(source, clinic, seed):
    visits = drawn_world(source, clinic, seed)
    with transaction.atomic(), server_cursor() as cursor:
        table, to_come = read_counts(cursor, NOW), read_visits_to_come(cursor, NOW)

    expected = recount(visits, NOW)
    assert table.counts == expected
    assert dict(to_come) == {
        one.pk: traits_of(visits, one, NOW)
        for one in visits
        if NOW < one.starts_at <= NOW + 14 * DAY and one.status in (Status.BOOKED, Status.PENDING) and not one.troubles
    }
