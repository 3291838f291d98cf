"""Days that are counted: four weeks unless asked otherwise, a year at most."""

from datetime import UTC, date, datetime, timedelta

import pytest

from recovery.metrics.periods import Period, PeriodError, period

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, Period(date(2026, 10, 28), TODAY)),
        (date(2026, 11, 20), None, Period(date(2026, 11, 20), TODAY)),
        (None, date(2026, 3, 28), Period(date(2026, 3, 1), date(2026, 3, 28))),
        (TODAY, TODAY, Period(TODAY, TODAY)),
        (date(2026, 12, 1), None, Period(date(2026, 12, 1), date(2026, 12, 1))),
        (date(2025, 11, 24), TODAY, Period(date(2025, 11, 24), TODAY)),
    ],
    ids=["nothing said", "first day only", "last day only", "one day", "first day ahead", "366 days"],
)
def test_period_of_the_days_asked_for(first, last, expected):
    assert period(first, last, TODAY) == expected


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (TODAY, TODAY - timedelta(days=1), "The first day is after the last."),
        (TODAY - timedelta(days=366), TODAY, "Choose at most 366 days."),
    ],
    ids=["backwards", "367 days"],
)
def test_days_that_make_no_period_are_refused(first, last, sentence):
    with pytest.raises(PeriodError, match=f"^{sentence}$"):
        period(first, last, TODAY)


def test_bounds_hold_in_every_zone():
    """From Kiribati (UTC+14) to Baker Island (UTC-12)."""
    found = Period(TODAY, TODAY)

    assert found.begins_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert found.ends_at == datetime(2026, 11, 25, 14, tzinfo=UTC)


def test_weeks_are_named_by_their_mondays():
    assert list(Period(date(2026, 11, 15), TODAY).weeks) == [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
