"""Feeds that are silent, late or behind: hit, near miss, boundary and the days the clocks change. No database."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exceptions.checks.found import Found
from exceptions.checks.freshness import DayFacts, FeedFacts, find, find_differences, silence, usual_gap
from exceptions.checks.openings import Opening
from exceptions.surveys.feeds import comparable
from exceptions.vocabulary import SubjectKind

CHICAGO = ZoneInfo("America/Chicago")
WEEK = Opening(CHICAGO, tuple((day, time(8), time(17)) for day in range(5)))
ALL_DAY = Opening(CHICAGO, tuple((day, time(0), time(23, 59)) for day in range(7)))
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)  # Tuesday noon in Chicago
TALKS = (40, 10, 10, 10, 10, 10, 3)  # one odd day among seven


def feed(**changed: Any) -> FeedFacts:
    facts: dict[str, Any] = {
        "feed_id": 1, "source_id": 2, "transport": "mllp", "set_up_at": NOW - 90 * DAY, "heard_at": NOW,
        "openings": (WEEK,),
    }  # fmt: skip
    return FeedFacts(**facts | changed)


def found(facts: FeedFacts, now: datetime = NOW) -> list[str]:
    return [finding.check for finding in find([facts], now)]


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("heard_at", "usual", "checks"),
    [
        (NOW - 30 * MINUTE, TALKS, ["silent_feed"]),
        (NOW - 29 * MINUTE, TALKS, []),
        (NOW - 30 * MINUTE, (40, 9, 10, 10, 10, 10, 3), []),
        (NOW - 30 * MINUTE, (10, 10), []),
        (NOW - 30 * MINUTE, (), []),
        (local(23, 8), (), ["silent_feed"]),
        (local(23, 9), (), []),
        (local(20, 13, 1), (0,) * 7, ["silent_feed"]),
        (None, (), ["never_heard"]),
    ],
    ids=["silent", "too short", "two quiet days", "too few days", "nothing known", "13 open hours", "12 open hours",
         "over a weekend", "never"],
)  # fmt: skip
def test_stream_is_silent_by_what_is_usual_or_after_twelve_open_hours(heard_at, usual, checks):
    assert found(feed(heard_at=heard_at, usual=usual)) == checks


@pytest.mark.parametrize(
    ("heard_at", "now"),
    [(local(20, 16, 50), local(23, 8, 20)), (local(24, 16, 45), local(25, 7)), (local(21, 9), local(22, 20))],
    ids=["monday morning", "before opening", "sunday"],
)
def test_closed_hours_are_no_silence(heard_at, now):
    facts = feed(heard_at=heard_at, usual=TALKS)

    assert (silence(facts, now), found(facts, now)) == (None, [])


def test_monday_is_compared_from_its_own_opening_on():
    assert silence(feed(heard_at=local(20, 16)), local(23, 9)) == (local(23, 8), local(23, 9))


def test_same_hours_are_those_of_the_wall_clock_when_it_changes():
    # Tuesday 3 November, two days after the clocks went back; compared with working days of the week before.
    facts = feed(heard_at=local(3, 9), set_up_at=local(1, 0, month=6))

    days = comparable(facts, CHICAGO, silence(facts, local(3, 10)))

    # Of the seven days before one is a Monday in the new time, the next five weekdays stand in the old.
    assert days[:2] == [(local(2, 9), local(2, 10)), (local(30, 9, month=10), local(30, 10, month=10))]
    assert days[1][0].hour == 14
    assert days[0][0].hour == 15
    assert len(days) == 7


def test_days_before_the_feed_was_set_up_are_not_compared():
    facts = feed(heard_at=NOW - HOUR, set_up_at=NOW - DAY - HOUR)

    assert comparable(facts, CHICAGO, silence(facts, NOW)) == [(NOW - DAY - HOUR, NOW - DAY)]


def test_round_the_clock_is_compared_over_midnight():
    facts = feed(heard_at=local(23, 23), openings=(ALL_DAY,))

    assert silence(facts, local(24, 1)) == (local(23, 23), local(24, 1))


@pytest.mark.parametrize(
    ("age", "checks"),
    [(50 * HOUR, []), (50 * HOUR + MINUTE, ["silent_feed"])],
    ids=["at the limit", "past it"],
)
def test_feed_of_files_may_be_quiet_for_two_days(age, checks):
    assert found(feed(transport="file", heard_at=NOW - age)) == checks


def test_feed_of_files_is_not_expected_on_closed_days():
    # From Friday morning to Monday: the weekend does not count.
    assert found(feed(transport="file", heard_at=local(20, 9)), local(23, 12)) == []
    assert found(feed(transport="file", heard_at=local(19, 8)), local(23, 12)) == ["silent_feed"]


@pytest.mark.parametrize(
    ("age", "extracts", "checks"),
    [
        (26 * HOUR, 1, []),
        (26 * HOUR + MINUTE, 1, ["extract_overdue"]),
    ],
    ids=["at the limit", "past it"],
)
def test_extract_is_overdue_two_hours_after_the_usual_gap(age, extracts, checks):
    taken = tuple(NOW - age - number * DAY for number in range(extracts))

    assert found(feed(transport="file", heard_at=NOW - age, extracts=taken)) == checks


@pytest.mark.parametrize(
    ("days", "gap"),
    [([0], 1), ([0, 5], 1), ([0, 1, 2, 3, 4], 1), ([0, 3, 4, 5, 6, 7, 10, 11], 3), ([0, 9, 10, 11], 1)],
    ids=["one", "two", "daily", "working days", "one was missed"],
)
def test_usual_gap_is_the_second_longest(days, gap):
    assert usual_gap(tuple(NOW - number * DAY for number in days)) == gap * DAY


def test_nightly_extract_of_the_long_day_is_not_overdue():
    # 02:30 to 02:30 over the night the clocks go back is 25 hours.
    facts = feed(transport="file", heard_at=local(31, 2, 30, month=10), extracts=(local(31, 2, 30, month=10),))

    assert found(facts, local(1, 2, 48)) == []


@pytest.mark.parametrize(
    ("age", "count", "checks"),
    [(60, 1, []), (61, 1, ["backlog"]), (1, 10_000, []), (1, 10_001, ["backlog"])],
    ids=["a minute", "older", "many", "too many"],
)
def test_backlog_is_old_or_long(age, count, checks):
    assert found(feed(waiting=count, waiting_since=NOW - timedelta(seconds=age))) == checks


@pytest.mark.parametrize(
    ("set_up_at", "waiting", "checks"),
    [(local(23, 12), 0, []), (local(23, 11, 59), 0, ["never_heard"]), (local(20, 16), 1, [])],
    ids=["nine open hours", "more", "something waits"],
)
def test_feed_that_never_spoke_is_told_after_a_working_day(set_up_at, waiting, checks):
    assert found(feed(heard_at=None, set_up_at=set_up_at, waiting=waiting)) == checks


def test_days_that_do_not_add_up_are_named_by_their_date():
    days = [DayFacts(1, 2, date(2026, 11, 23), 0), DayFacts(1, 2, date(2026, 11, 24), -3)]

    assert list(find_differences(days)) == [
        Found("ledger_difference", 2, None, "2026-11-24", SubjectKind.FEED, 1, datetime(2026, 11, 24, tzinfo=UTC), 1)
    ]
