"""Quiet hours of the law: by the number's area code, never wider than the clinic's own hours. No database."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from recovery.contacting.answer import can_contact
from recovery.contacting.facts import ContactHours, Earlier
from recovery.contacting.hours import narrowed, next_open
from recovery.contacting.law import FEDERAL, law_of
from recovery.contacting.policy import DEFAULT_POLICY
from recovery.vocabulary import OutreachChannel
from tests.recovery.contacting.conftest import CHICAGO, LANDLINE, MAIL, MOBILE

CALL, TEXT, EMAIL = OutreachChannel.CALL, OutreachChannel.TEXT, OutreachChannel.EMAIL
# A clinic that widened its hours as far as a form lets it.
WIDE = ContactHours((time(6), time(23)), (time(6), time(23)))


@pytest.fixture
def wide(ask):
    """The clinic itself would call from six to eleven."""
    return replace(ask, policy=DEFAULT_POLICY._replace(hours=WIDE))


def at(day, hour, minute=0):
    """A moment of November 2026 in Chicago; the 22nd is a Sunday, the 24th a Tuesday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


def living(person, number):
    """The same person with one mobile."""
    return replace(person, points=(MOBILE._replace(value=number), MAIL))


def is_quiet(person, ask, now, channel=TEXT):
    return "quiet_hours" in [one.code for one in can_contact(person, ask, now).way(channel).stops]


@pytest.mark.parametrize(
    ("number", "weekdays", "sundays"),
    [
        ("3125550142", (8, 21), (8, 21)),
        ("+13055550142", (8, 20), (8, 20)),
        ("(405) 555-0142", (8, 20), (8, 20)),
        ("1-410-555-0142", (8, 20), (8, 20)),
        ("860.555.0142", (9, 20), (9, 20)),
        ("+1 713 555 0142;ext=22", (9, 21), (12, 21)),
    ],
    ids=["federal", "Florida", "Oklahoma", "Maryland", "Connecticut", "Texas"],
)
def test_quiet_hours_are_those_of_the_state_of_the_number(person, wide, number, weekdays, sundays):
    there = living(person, number)

    for day, (begins, ends) in ((24, weekdays), (22, sundays)):
        edges = [at(day, begins - 1, 59), at(day, begins), at(day, ends - 1, 59), at(day, ends)]
        assert [is_quiet(there, wide, now) for now in edges] == [True, False, False, True]


@pytest.mark.parametrize(
    "number",
    ["", "555-0142", "+443055550142", "+49 305 5550142", "13055550", "0305555014", "3055550142 3055550143"],
    ids=["none", "without an area code", "abroad", "Berlin", "short", "no such code", "two in one"],
)
def test_a_number_that_is_of_no_strict_state_has_federal_hours(number):
    assert law_of(number) == FEDERAL


def test_quiet_hours_of_the_clinic_stay_where_they_are_stricter_than_the_law(person, ask):
    assert [is_quiet(living(person, "3055550142"), ask, at(24, hour)) for hour in (8, 9, 19, 20)] == [
        True, False, False, True,
    ]  # fmt: skip


def test_quiet_hours_of_the_law_say_whose_they_are_and_when_they_end(person, wide):
    way = can_contact(living(person, "3055550142"), wide, at(24, 20, 30)).way(TEXT)

    assert [one.sentence for one in way.stops] == ["Quiet hours by the law of Florida, until Wed 08:00 CST."]
    assert way.again_at == at(25, 8)


def test_quiet_hours_of_the_clinic_say_where_the_patient_lives(person, wide):
    way = can_contact(living(person, "3055550142"), wide, at(24, 23, 30)).way(TEXT)

    assert [one.sentence for one in way.stops] == ["Quiet hours where the patient lives, until Wed 08:00 CST."]


def test_quiet_hours_of_the_law_are_of_numbers_and_not_of_addresses(person, wide):
    evening = at(24, 21, 30)

    assert [is_quiet(person, wide, evening, channel) for channel in (CALL, TEXT, EMAIL)] == [True, True, False]


def test_quiet_hours_follow_the_number_that_would_be_used(person, wide):
    """The mobile is of Illinois, and the landline that a call would use of Florida."""
    both = replace(person, points=(LANDLINE._replace(value="3055550142"), MOBILE._replace(mark=None)))
    by_landline = replace(both, points=(LANDLINE._replace(value="3055550142"),))

    assert [is_quiet(one, wide, at(24, 20, 30), CALL) for one in (both, by_landline)] == [False, True]


def test_quiet_hours_never_end_where_clinic_and_law_never_meet(person, ask):
    nights = replace(ask, policy=DEFAULT_POLICY._replace(hours=ContactHours((time(21), time(23)), (time(5), time(7)))))
    way = can_contact(living(person, "3055550142"), nights, at(24, 12)).way(TEXT)

    assert [(one.code, one.owner, one.lifts_at) for one in way.stops] == [("quiet_hours", "Access lead", None)]
    assert way.again_at is None


def test_a_day_on_which_clinic_and_law_never_meet_is_passed_over():
    hours = narrowed(ContactHours((time(9), time(20)), (time(8), time(11))), law_of("7135550142").hours)

    assert next_open(hours, CHICAGO, at(21, 20)) == at(23, 9)


def test_counted_text_is_again_possible_when_clinic_and_law_allow_it(person, wide):
    texted = replace(living(person, "8605550142"), earlier=(Earlier(TEXT, at(24, 10)),))

    assert can_contact(texted, wide, at(24, 12)).way(TEXT).again_at == at(25, 9)
