"""Times as people say them; DST days included."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.web import times

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)  # 09:41 CST


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (4740, "1 h 19"),
        (3660, "1 h 01"),
        (86399, "23 h 59"),
        (86400, "1 day"),
        (172800, "2 days"),
        (-1320, "22 min"),
    ],
)
def test_span_says_at_most_two_units(seconds, text):
    assert times.span(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(4, "now"), (-4, "now"), (5, "in 5 s"), (1500, "in 25 min"), (-480, "8 min ago")]
)
def test_relative_has_a_direction(seconds, text):
    assert times.relative(NOW + timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "09:41 CST"),
        (datetime(2026, 11, 25, 5, 59, tzinfo=UTC), "23:59 CST"),
        (datetime(2026, 11, 25, 6, 0, tzinfo=UTC), "Wed 00:00 CST"),
        (datetime(2026, 11, 30, 15, 0, tzinfo=UTC), "Mon 09:00 CST"),
        (datetime(2026, 12, 1, 15, 0, tzinfo=UTC), "1 Dec 09:00 CST"),
        (datetime(2026, 11, 18, 15, 0, tzinfo=UTC), "Wed 09:00 CST"),
        (datetime(2027, 1, 5, 15, 0, tzinfo=UTC), "5 Jan 2027 09:00 CST"),
        (datetime(2026, 7, 1, 15, 0, tzinfo=UTC), "1 Jul 10:00 CDT"),
    ],
    ids=["today", "last minute", "tomorrow", "in six days", "in a week", "six days ago", "next year", "summer"],
)
def test_clock_names_the_day_when_it_is_not_today(moment, text):
    assert times.clock(moment, CHICAGO, NOW) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "01:30 CDT"),
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), "01:30 CST"),
    ],
    ids=["first", "second"],
)
def test_the_twice_used_hour_is_told_apart_by_its_zone(moment, text):
    assert times.clock(moment, CHICAGO, datetime(2026, 11, 1, 12, tzinfo=UTC)) == text


def test_both_gives_relative_and_absolute():
    assert times.both(NOW + timedelta(minutes=59), CHICAGO, NOW) == "in 59 min (10:40 CST)"


def test_day_and_long_now_are_local():
    late = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)

    assert times.day(late, CHICAGO) == "Tue 24 Nov 2026"
    assert times.long_now(late, CHICAGO) == "Tuesday 24 November 2026, 23:00 CST"


@pytest.mark.parametrize(("second", "minute"), [(0, 41), (1, 42), (59, 42)])
def test_rounded_up_is_never_early(second, minute):
    assert times.rounded_up(NOW.replace(second=second)) == NOW.replace(minute=minute)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Chicago", "Central time"),
        ("Europe/Berlin", "Berlin time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_has_the_name_people_give_it(zone, words):
    assert times.zone_words(ZoneInfo(zone)) == words
