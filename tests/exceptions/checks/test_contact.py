"""Contact and identity of people with visits: hit, near miss, boundary, a birthday on the day of the change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exceptions.checks import contact, duplicates
from exceptions.checks.found import Found
from exceptions.checks.people import PersonFacts, VisitFacts, digits
from exceptions.vocabulary import SubjectKind

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOBILE = ["phone", "mobile", "3125550142", None, None]
HOME = ["phone", "home", "3125550143", None, None]
EMAIL = ["email", "", "ada@mail.example", None, None]


def visit(status: str = "booked", *, starts: timedelta = 2 * DAY, clinic: int = 5, **changed: Any) -> VisitFacts:
    return VisitFacts(1, clinic, status, NOW + starts, NOW - 9 * DAY, NOW - DAY, **changed)


def person(*visits: VisitFacts, **changed: Any) -> PersonFacts:
    facts: dict[str, Any] = {
        "patient_id": 7, "source_id": 2, "source_zone": CHICAGO, "visits": visits or (visit(),), "family": "Quill",
        "given": "Ada", "born_on": date(1980, 1, 2), "language": "en", "points": (MOBILE, EMAIL),
    }  # fmt: skip
    return PersonFacts(**facts | changed)


def has_text(language: str) -> bool:
    """English and Spanish texts were approved."""
    return language[:2] in {"en", "es"}


def found(*persons: PersonFacts, now: datetime = NOW) -> list[str]:
    return [finding.check for finding in [*contact.find(persons, now, has_text), *duplicates.find(persons)]]


MISSED = visit("missed", starts=-2 * DAY)


@pytest.mark.parametrize(
    ("facts", "checks"),
    [
        (person(), []),
        (person(points=()), ["unreachable_patient"]),
        (person(points=(), has_died=True, visits=(MISSED,)), []),
        (person(points=(["phone", "old", "3125550142", None, None],)), ["unreachable_patient"]),
        (person(points=(["other", "", "3125550142", None, None],)), ["unreachable_patient"]),
        (person(points=(HOME, EMAIL)), ["missing_mobile"]),
        (person(points=(["phone", "mobile", "555014", None, None], HOME)), ["missing_mobile"]),
        (person(points=(["phone", "mobile", "5550142", None, None],)), []),
        (person(points=(["phone", "mobile", "3125550142", None, "2026-11-23"], HOME)), ["missing_mobile"]),
        (person(points=(["phone", "mobile", "3125550142", None, "2026-11-24"],)), []),
        (person(points=(HOME,), publicity="N"), []),
        (person(families_on_number=3), ["shared_number"]),
        (person(families_on_number=2), []),
        (person(language="so"), ["language_without_template"]),
        (person(language="es-MX"), []),
        (person(language=""), []),
        (person(portal="inactive"), []),
        (person(portal="inactive", points=(HOME,)), ["missing_mobile", "inactive_portal"]),
        (person(portal="inactive", points=(HOME, EMAIL)), ["missing_mobile"]),
        (person(portal="active", points=(HOME,)), ["missing_mobile"]),
        (person(publicity="N", allowed=("text",)), ["opt_out_conflict"]),
        (person(refused=("all",), allowed=("text",)), ["opt_out_conflict"]),
        (person(refused=("call",), allowed=("text",)), []),
        (person(MISSED, publicity="N"), ["refused_contact"]),
        (person(publicity="N"), []),
        (person(MISSED, protection="Y"), ["restricted_patient"]),
        (person(MISSED, visit(), protection="Y"), []),
        (person(visit("bumped"), vip="V"), ["restricted_patient"]),
        (person(vip="V"), []),
        (person(has_died=True), ["deceased_with_visit"]),
        (person(MISSED, has_died=True), []),
        (person(zone="Central"), ["unknown_patient_zone"]),
        (person(zone="America/Denver"), []),
        (person(family="", given="", born_on=None, points=()), ["patient_only_an_id"]),
        (person(family="", given="", born_on=date(1980, 1, 2), points=()), ["unreachable_patient"]),
    ],
    ids=lambda value: "-".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_person_is_found_by_what_is_on_file(facts, checks):
    assert found(facts) == checks


@pytest.mark.parametrize(
    ("born_on", "now", "checks"),
    [
        (date(2008, 11, 1), datetime(2026, 11, 1, 4, 59, tzinfo=UTC), ["minor_without_guardian"]),
        (date(2008, 11, 1), datetime(2026, 11, 1, 5, 0, tzinfo=UTC), []),
        (date(2008, 2, 29), datetime(2026, 2, 28, 18, tzinfo=UTC), ["minor_without_guardian"]),
        (date(2008, 2, 29), datetime(2026, 3, 1, 18, tzinfo=UTC), []),
        (None, NOW, []),
    ],
    ids=[
        "last minute before the birthday",
        "birthday on the day of the change",
        "leap day, before",
        "leap day",
        "unknown",
    ],
)
def test_minor_comes_of_age_at_midnight_of_the_source(born_on, now, checks):
    assert found(person(born_on=born_on), now=now) == checks


def test_minor_with_a_guardian_is_no_finding():
    assert found(person(born_on=date(2015, 5, 5), guardian="Ruth Quill")) == []


def test_finding_is_told_once_a_clinic_as_old_as_the_first_visit_there():
    visits = (visit(clinic=5), visit(clinic=5, starts=5 * DAY), visit("missed", clinic=6, starts=-DAY))

    assert list(contact.find([person(*visits, language="so")], NOW, has_text)) == [
        Found("language_without_template", 2, 5, "", SubjectKind.PATIENT, 7, NOW - 9 * DAY),
        Found("language_without_template", 2, 6, "", SubjectKind.PATIENT, 7, NOW - DAY),
    ]


def test_conflict_of_consent_names_the_channels():
    (one,) = contact.find([person(publicity="N", allowed=("text", "email"))], NOW, has_text)

    assert one.raw == "email, text"


@pytest.mark.parametrize(
    ("other", "checks"),
    [
        ({}, ["duplicate_patients", "duplicate_patients"]),
        (
            {"given": "ADA", "points": (["phone", "mobile", "+1 (312) 555-0142", None, None],)},
            ["duplicate_patients"] * 2,
        ),
        ({"born_on": date(1980, 1, 3)}, []),
        ({"points": (HOME, ["phone", "mobile", "3125550199", None, None])}, []),
        ({"source_id": 3}, []),
        ({"given": "A"}, []),
    ],
    ids=["the same", "written otherwise", "another birthday", "another number", "another source", "initial only"],
)
def test_records_are_one_person_by_name_birth_date_and_a_number(other, checks):
    assert found(person(), person(**{"patient_id": 8, **other})) == checks


def test_source_that_names_a_duplicate_is_believed():
    assert found(person(duplicate_of=8)) == ["duplicate_patients"]


@pytest.mark.parametrize(
    ("merged", "checks"),
    [(None, []), (-9 * DAY, []), (-9 * DAY - HOUR, ["booked_on_retired_record"])],
    ids=["not merged", "booked at the merge", "booked after it"],
)
def test_booking_after_the_merge_is_told(merged, checks):
    facts = visit(merged_at=None if merged is None else NOW + merged)

    assert found(person(facts)) == checks


@pytest.mark.parametrize(
    ("number", "plain"),
    [("(312) 555-0142", "3125550142"), ("+1 312 555 0142", "3125550142"), ("3125550142;ext=12", "3125550142"),
     ("+44 20 7946 0958", "442079460958"), ("declined", "")],
)  # fmt: skip
def test_digits_of_a_number(number, plain):
    assert digits(number) == plain
