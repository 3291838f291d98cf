"""Rebooked in time or not, over weekends, closures and DST changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery.chances import LostVisit, OtherVisit
from recovery.hours import ClinicDay
from recovery.metrics.rebooking import answers, business_days_after, loss_of
from recovery.reasons import ContactFacts
from recovery.vocabulary import Family

CHICAGO = ZoneInfo("America/Chicago")
DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 2, 15, tzinfo=UTC)  # 09:00 in Chicago
WEEKDAYS = ClinicDay(CHICAGO, dict.fromkeys(range(5), time(17)))
OPEN_SATURDAYS = ClinicDay(CHICAGO, dict.fromkeys(range(6), time(17)))


def lost(status="missed", *, flags=0, died=False, lost_at=MONDAY, starts_at=MONDAY):
    contact = ContactFacts(died=died)
    return LostVisit(1, 1, 7, 3, "OKAFOR", starts_at, 30, "ECHO", status, lost_at, lost_at, None, None, flags, None,
                     contact, "CARD")  # fmt: skip


def other(booked_at, *, starts_at=MONDAY + 20 * DAY, visit=2, clinic=3, kind="ECHO"):
    return OtherVisit(7, visit, clinic, kind, starts_at, booked_at)


def told(visit, *others, now=MONDAY + 40 * DAY, day=WEEKDAYS):
    return answers(loss_of(visit, others, CHICAGO), day, now)


@pytest.mark.parametrize(
    ("booked_after", "expected"),
    [
        (3 * DAY, {"missed_7": True, "missed_30": True}),
        (7 * DAY, {"missed_7": True, "missed_30": True}),
        (7 * DAY + timedelta(seconds=1), {"missed_7": False, "missed_30": True}),
        (30 * DAY, {"missed_7": False, "missed_30": True}),
        (31 * DAY, {"missed_7": False, "missed_30": False}),
        (-5 * DAY, {"missed_7": True, "missed_30": True}),
    ],
    ids=["soon", "on the 7th day's minute", "a second late", "on the 30th day's minute", "too late", "had another"],
)
def test_missed_visit_is_rebooked_within_so_many_days(booked_after, expected):
    assert told(lost(), other(MONDAY + booked_after)) == expected


def test_missed_visit_that_nobody_rebooked():
    assert told(lost()) == {"missed_7": False, "missed_30": False}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (MONDAY + 7 * DAY - timedelta(seconds=1), {}),
        (MONDAY + 7 * DAY, {"missed_7": True}),
        (MONDAY + 30 * DAY, {"missed_7": True, "missed_30": True}),
    ],
    ids=["before its days are over", "7 days over", "30 days over"],
)
def test_visit_counts_only_once_its_days_are_over(now, expected):
    assert told(lost(), other(MONDAY + DAY), now=now) == expected


@pytest.mark.parametrize("visit", [lost(flags=2), lost(died=True)], ids=["reason suppresses outreach", "died"])
def test_visit_that_nobody_wants_rebooked_is_left_out(visit):
    assert told(visit) == {}


def test_visit_rebooked_by_one_without_a_booking_time_is_left_out():
    assert told(lost(), other(None)) == {}
    assert told(lost(), other(None), other(MONDAY + DAY, visit=3)) == {"missed_7": True, "missed_30": True}


def test_visit_of_another_kind_elsewhere_takes_no_place():
    assert told(lost(), other(MONDAY + DAY, clinic=9, kind="MRI")) == {"missed_7": False, "missed_30": False}


def test_bumped_visit_counts_from_the_bump_in_business_days():
    visit = lost("bumped", starts_at=MONDAY + 60 * DAY)
    friday, next_monday = MONDAY + 4 * DAY, MONDAY + 7 * DAY

    assert told(visit, other(next_monday, starts_at=MONDAY + 70 * DAY)) == {"bumped_5": True}
    assert told(visit, other(next_monday + DAY, starts_at=MONDAY + 70 * DAY)) == {"bumped_5": False}
    assert told(visit, other(friday, starts_at=MONDAY + 70 * DAY), now=next_monday) == {}
    assert loss_of(visit, [], CHICAGO)[1:4] == (Family.REBOOK_BUMPED, MONDAY, MONDAY.date())


@pytest.mark.parametrize(
    ("since", "day", "expected"),
    [
        (MONDAY, WEEKDAYS, datetime(2026, 11, 10, 6, tzinfo=UTC)),
        (MONDAY, OPEN_SATURDAYS, datetime(2026, 11, 8, 6, tzinfo=UTC)),
        (MONDAY, WEEKDAYS._replace(shut_on=frozenset({"2026-11-04"})), datetime(2026, 11, 11, 6, tzinfo=UTC)),
        (MONDAY + 5 * DAY, WEEKDAYS, datetime(2026, 11, 14, 6, tzinfo=UTC)),
        (MONDAY, None, datetime(2026, 11, 10, tzinfo=UTC)),
        (datetime(2026, 10, 28, 15, tzinfo=UTC), WEEKDAYS, datetime(2026, 11, 5, 6, tzinfo=UTC)),
        (datetime(2026, 10, 23, 15, tzinfo=UTC), WEEKDAYS, datetime(2026, 10, 31, 5, tzinfo=UTC)),
        (datetime(2026, 11, 3, 2, tzinfo=UTC), WEEKDAYS, datetime(2026, 11, 10, 6, tzinfo=UTC)),
    ],
    ids=[
        "over a weekend", "open on Saturdays", "shut on a day", "lost on a Saturday", "hours not known",
        "over the DST change", "before the DST change", "late in the clinic's evening",
    ],
)  # fmt: skip
def test_business_days_end_with_the_clinics_own_day(since, day, expected):
    assert business_days_after(since, 5, day) == expected
