"""When a chance ends, when a missed visit may be called, and what counts as proof. No database."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery.hours import ClinicDay, close_of_business
from recovery.ranking import Weight, band, explain, rebook_weight, refill_weight
from recovery.reasons import ContactFacts, StaticReason, contact_reasons
from recovery.trust import FeedTrust, oldest, proven_at
from recovery.vocabulary import Family, Level

CHICAGO = ZoneInfo("America/Chicago")
WEEK = {weekday: time(17) for weekday in range(5)}
NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("starts_at", "shut_on", "closes_at"),
    [
        (datetime(2026, 11, 24, 9, tzinfo=CHICAGO), (), datetime(2026, 11, 24, 17, tzinfo=CHICAGO)),
        (datetime(2026, 11, 24, 18, tzinfo=CHICAGO), (), datetime(2026, 11, 24, 18, tzinfo=CHICAGO)),
        (datetime(2026, 11, 28, 9, tzinfo=CHICAGO), (), datetime(2026, 11, 29, 0, tzinfo=CHICAGO)),
        (datetime(2026, 11, 26, 9, tzinfo=CHICAGO), ("2026-11-26",), datetime(2026, 11, 27, 0, tzinfo=CHICAGO)),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), (), datetime(2026, 11, 24, 17, 30, tzinfo=CHICAGO)),
        (datetime(2026, 11, 1, 0, 30, tzinfo=CHICAGO), (), datetime(2026, 11, 2, 0, tzinfo=CHICAGO)),
    ],
    ids=["in hours", "after hours", "a weekend", "a closure", "another day in UTC", "the day of 25 hours"],
)
def test_close_of_business_is_the_clinics_own(starts_at, shut_on, closes_at):
    closes = close_of_business(starts_at, ClinicDay(CHICAGO, WEEK, frozenset(shut_on)))

    assert (closes, closes.tzinfo) == (closes_at.astimezone(UTC), UTC)


def test_without_a_calendar_the_day_ends_at_midnight():
    assert close_of_business(NOW, None) == datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "at"),
    [
        ({"digested_to": NOW - MINUTE}, NOW - MINUTE),
        ({"digested_to": NOW - HOUR, "heartbeat_at": NOW - MINUTE}, NOW - MINUTE),
        ({"digested_to": NOW - MINUTE, "oldest_waiting": NOW - HOUR}, NOW - HOUR),
        ({"digested_to": NOW - HOUR, "oldest_waiting": NOW - MINUTE}, NOW - HOUR),
        ({"digested_to": NOW - MINUTE, "extract_taken_at": NOW - 9 * HOUR}, NOW - 9 * HOUR),
        ({"oldest_waiting": NOW - MINUTE}, None),
        ({}, None),
    ],
    ids=["message", "heartbeat", "our backlog", "newer backlog", "an extract's taking", "only waiting", "nothing"],
)  # fmt: skip
def test_a_feed_is_proven_up_to_what_is_digested(facts, at):
    none = dict.fromkeys(("digested_to", "heartbeat_at", "extract_taken_at", "oldest_waiting"))

    assert proven_at(**(none | facts)) == at


def test_a_source_is_as_current_as_its_slowest_feed():
    fast, slow = FeedTrust(1, "a", "A", "", NOW), FeedTrust(2, "b", "B", "", NOW - HOUR)

    assert (oldest([fast, slow]), oldest([])) == (slow, None)


@pytest.mark.parametrize(("minutes", "value"), [(5, 1), (15, 1), (30, 2), (60, 4), (120, 8), (480, 8)])
def test_a_slot_is_worth_its_length(minutes, value):
    assert refill_weight(minutes) == Weight(value, 2)


def test_a_bumped_visit_of_somebody_reachable_weighs_most():
    mobile = ContactFacts(phones_home=[["phone", "mobile", "1", None, None]])
    landline = ContactFacts(phones_home=[["phone", "home", "1", None, None]])
    old = ContactFacts(phones_home=[["phone", "old", "1", None, None]])

    totals = [
        rebook_weight(family, contact).total
        for family in (Family.REBOOK_BUMPED, Family.REBOOK_MISSED)
        for contact in (mobile, landline, old)
    ]

    assert totals == [24, 16, 8, 12, 8, 4]


def test_the_place_in_the_list_is_explained():
    words = [
        explain(family, Weight(4, 3), band(family, useful_until=NOW + 2 * DAY, lost_at=NOW - 25 * HOUR, now=NOW))
        for family in (Family.REFILL, Family.REBOOK_BUMPED)
    ]

    assert words == [
        "Ends within 3 days; 60 min of clinic time.",
        "Lost within a week; the clinic gave it up; a mobile is on file.",
    ]


@pytest.mark.parametrize(
    ("family", "left", "age", "place"),
    [
        (Family.REFILL, HOUR, 9 * DAY, 0),
        (Family.REFILL, HOUR + SECOND, 9 * DAY, 1),
        (Family.REFILL, 7 * DAY, HOUR, 4),
        (Family.REFILL, 7 * DAY + SECOND, HOUR, 5),
        (Family.REBOOK_MISSED, MINUTE, DAY, 3),
        (Family.REBOOK_MISSED, MINUTE, DAY + SECOND, 4),
        (Family.REBOOK_MISSED, MINUTE, 7 * DAY, 4),
        (Family.REBOOK_BUMPED, MINUTE, 7 * DAY + SECOND, 5),
    ],
)
def test_a_slot_is_as_urgent_as_its_end_and_a_lost_visit_as_its_loss(family, left, age, place):
    assert band(family, useful_until=NOW + left, lost_at=NOW - age, now=NOW) == place


@pytest.mark.parametrize(
    ("refused", "reasons"),
    [
        (("all",), [StaticReason("opted_out", Level.HELD)]),
        (("text",), [StaticReason("opted_out_partly", Level.WARN, "text")]),
        ((), []),
    ],
    ids=["everything", "texts", "nothing"],
)
def test_the_consent_ledger_counts(refused, reasons):
    facts = ContactFacts(phones_home=[["phone", "mobile", "1", None, None]], refused=refused)

    assert contact_reasons(facts) == reasons
