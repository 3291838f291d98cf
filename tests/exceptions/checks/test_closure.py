"""Past visits without an end, by the clinic's calendar: over weekends, holidays and the night the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions.checks.closure import UnclosedVisit, find
from exceptions.checks.found import Found
from exceptions.checks.openings import Opening
from exceptions.vocabulary import SubjectKind

CHICAGO = ZoneInfo("America/Chicago")
CLINIC = Opening(
    CHICAGO, tuple((day, time(8), time(17)) for day in range(5)), frozenset({date(2026, 11, 26), date(2026, 11, 27)})
)
MINUTE = timedelta(minutes=1)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


def found(status: str, starts_at: datetime, now: datetime, clinic: int | None = 5) -> list[str]:
    visit = UnclosedVisit(1, 2, clinic, status, starts_at, 30)
    return [finding.check for finding in find([visit], {5: CLINIC}, now)]


@pytest.mark.parametrize(
    ("starts_at", "due_at"),
    [
        (local(23, 9), local(24, 17)),
        (local(20, 16), local(23, 17)),
        (local(25, 9), local(30, 17)),
        (local(21, 9), local(23, 17)),
        (local(24, 23, 45), local(25, 17)),
    ],
    ids=["monday", "friday", "before a long weekend", "on a saturday", "after hours"],
)
def test_visit_may_stay_open_until_the_next_business_day_is_over(starts_at, due_at):
    assert found("booked", starts_at, due_at) == []
    assert found("checked_in", starts_at, due_at + MINUTE) == ["never_closed"]


def test_business_day_after_the_change_of_clocks_ends_by_the_wall():
    # Friday 30 October; Monday 2 November closes at 17:00 CST, which is 23:00 UTC and not 22:00.
    friday = datetime(2026, 10, 30, 14, tzinfo=UTC)

    assert found("booked", friday, datetime(2026, 11, 2, 23, tzinfo=UTC)) == []
    assert found("booked", friday, datetime(2026, 11, 2, 23, 1, tzinfo=UTC)) == ["never_closed"]


@pytest.mark.parametrize(
    ("starts_at", "due_at"),
    [(local(24, 9), local(24, 23)), (local(24, 23, 45), local(25, 6, 15)), (local(1, 0), local(2, 6))],
    ids=["six hours after closing", "six hours after its end", "midnight of the long day"],
)
def test_visit_in_progress_may_run_over(starts_at, due_at):
    assert found("in_progress", starts_at, due_at) == []
    assert found("in_progress", starts_at, due_at + MINUTE) == ["still_in_progress"]


def test_visit_without_a_clinic_has_the_utc_day():
    starts_at = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert found("booked", starts_at, datetime(2026, 11, 25, tzinfo=UTC), clinic=None) == []
    assert found("booked", starts_at, datetime(2026, 11, 25, 0, 1, tzinfo=UTC), clinic=None) == ["never_closed"]


def test_finding_dates_from_when_the_visit_was_due_to_be_closed():
    visit = UnclosedVisit(9, 2, 5, "booked", local(23, 9), 30)

    assert list(find([visit], {5: CLINIC}, local(25, 12))) == [
        Found("never_closed", 2, 5, "", SubjectKind.APPOINTMENT, 9, local(24, 17))
    ]
