"""A visit over local midnight stands in the next day's slots too, and gives both days back."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu, slot

LATE = datetime(2026, 11, 26, 5, 45, tzinfo=UTC)  # Wednesday 23:45 in Chicago
EARLY = LATE + timedelta(minutes=30)  # Thursday 00:15


def test_slot_after_midnight_is_not_offered_while_a_visit_of_the_evening_stands_in_it(desk):
    desk.take(siu("S12", visit="LATE", at=NOW - DAY, starts_at=LATE, minutes=60))
    desk.take(siu("S12", visit="EARLY", at=NOW - DAY, starts_at=EARLY))

    desk.take(siu("S15", visit="EARLY", at=NOW - HOUR, starts_at=EARLY, status="Cancelled"))

    assert desk.open_items() == []


def test_offer_after_midnight_closes_when_a_visit_of_the_evening_takes_it(desk):
    desk.take(siu("S12", visit="EARLY", at=NOW - DAY, starts_at=EARLY))
    desk.take(siu("S15", visit="EARLY", at=NOW - HOUR, starts_at=EARLY, status="Cancelled"))

    desk.take(siu("S12", visit="LATE", at=NOW - HOUR, starts_at=LATE, minutes=60, patient="N-2"))

    assert desk.open_items() == []


def test_offer_over_midnight_closes_when_a_visit_of_the_next_morning_takes_its_end(desk):
    desk.take(siu("S12", visit="LATE", at=NOW - DAY, starts_at=LATE, minutes=60))
    desk.take(siu("S15", visit="LATE", at=NOW - HOUR, starts_at=LATE, minutes=60, status="Cancelled"))

    desk.take(siu("S12", visit="EARLY", at=NOW - HOUR, starts_at=EARLY, patient="N-2"))

    assert desk.open_items() == []


@pytest.mark.parametrize(
    ("minutes", "is_open"), [(30, True), (31, False)], ids=["ends as it begins", "ends a minute into it"]
)
def test_slot_after_midnight_is_offered_once_the_visit_of_the_evening_has_ended(desk, minutes, is_open):
    desk.take(siu("S12", visit="LATE", at=NOW - DAY, starts_at=LATE, minutes=minutes))
    desk.take(siu("S12", visit="EARLY", at=NOW - DAY, starts_at=EARLY))

    desk.take(siu("S15", visit="EARLY", at=NOW - HOUR, starts_at=EARLY, status="Cancelled"))

    assert desk.open_items() == ([("refill", "EARLY")] if is_open else [])


def test_slot_after_midnight_is_offered_when_the_visit_of_the_evening_is_cancelled(desk):
    desk.take(siu("S12", visit="LATE", at=NOW - DAY, starts_at=LATE, minutes=60))
    desk.take(siu("S12", visit="EARLY", at=NOW - DAY, starts_at=EARLY, patient="N-2"))
    desk.take(siu("S15", visit="EARLY", at=NOW - HOUR, starts_at=EARLY, status="Cancelled", patient="N-2"))

    desk.take(siu("S15", visit="LATE", at=NOW - HOUR, starts_at=LATE, minutes=60, status="Cancelled"))

    assert desk.open_items() == [("refill", "EARLY"), ("refill", "LATE")]


def test_offers_of_the_evening_stay_when_only_the_next_day_changes(desk):
    """Of the day before, only what runs into this one is looked at anew."""
    for visit, starts_at, minutes in [("NOON", LATE - 12 * HOUR, 30), ("LATE", LATE, 60)]:
        desk.take(siu("S12", visit=visit, at=NOW - DAY, starts_at=starts_at, minutes=minutes))
        desk.take(
            siu("S15", visit=visit, at=NOW - HOUR, starts_at=starts_at, minutes=minutes, status="Cancelled")
        )  # fmt: skip

    desk.take(siu("S12", visit="EARLY", at=NOW - HOUR, starts_at=EARLY, patient="N-2"))

    assert desk.open_items() == [("refill", "NOON")]


@pytest.mark.parametrize("is_blocked_first", [True, False], ids=["blocked before", "blocked after"])
def test_template_that_blocks_a_stretch_over_midnight_keeps_the_slot_after_it(desk, is_blocked_first):
    block = slot("S23", at=NOW - DAY, starts_at=LATE, minutes=60)
    desk.take(siu("S12", visit="EARLY", at=NOW - DAY, starts_at=EARLY))
    cancel = siu("S15", visit="EARLY", at=NOW - HOUR, starts_at=EARLY, status="Cancelled")

    for body in (block, cancel) if is_blocked_first else (cancel, block):
        desk.take(body)

    assert desk.open_items() == []
