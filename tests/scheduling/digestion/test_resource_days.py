"""Owner rows are named by source, resource and the source's own day; a stretch over midnight has two."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.digestion.resource_days import Days, resource_day_id

CHICAGO = ZoneInfo("America/Chicago")


def days():
    return Days({1: CHICAGO})


def spanned_dates(starts_at, minutes):
    """The dates of the owner rows that a stretch is named by; ``starts_at`` in Chicago's own time."""
    named = days()
    return [named.named[row_id][2] for row_id in named.spanned(1, "OKAFOR", starts_at.astimezone(UTC), minutes)]


@pytest.mark.parametrize(
    ("starts_at", "minutes", "dates"),
    [
        (datetime(2026, 11, 25, 9, tzinfo=CHICAGO), 30, [25]),
        (datetime(2026, 11, 25, 23, 45, tzinfo=CHICAGO), 14, [25]),
        (datetime(2026, 11, 25, 23, 45, tzinfo=CHICAGO), 15, [25]),
        (datetime(2026, 11, 25, 23, 45, tzinfo=CHICAGO), 16, [25, 26]),
        (datetime(2026, 11, 25, 23, 30, tzinfo=CHICAGO), None, [25]),
        (datetime(2026, 11, 25, 23, 31, tzinfo=CHICAGO), None, [25, 26]),
        (datetime(2026, 11, 26, 0, tzinfo=CHICAGO), 0, [26]),
        (datetime(2026, 11, 1, 0, tzinfo=CHICAGO), 1440, [1]),
        (datetime(2026, 11, 1, 0, tzinfo=CHICAGO), 1501, [1, 2]),
        (datetime(2026, 3, 8, 0, tzinfo=CHICAGO), 1380, [8]),
        (datetime(2026, 3, 8, 0, tzinfo=CHICAGO), 1381, [8, 9]),
    ],
    ids=[
        "by day", "ends before midnight", "ends at midnight", "ends after midnight", "30 minutes unless said",
        "30 minutes over midnight", "no minutes at midnight", "a whole day of 25 hours", "more than 25 hours",
        "a whole day of 23 hours", "more than 23 hours",
    ],
)  # fmt: skip
def test_stretch_has_the_days_it_begins_and_ends_in(starts_at, minutes, dates):
    assert [on.day for on in spanned_dates(starts_at, minutes)] == dates


def test_last_day_there_is_has_no_day_after():
    named = days()

    (row_id,) = named.spanned(1, "OKAFOR", datetime(9999, 12, 31, 23, 45, tzinfo=UTC), 60)

    assert (named.named[row_id], named.after(row_id)) == ((1, "OKAFOR", date(9999, 12, 31)), row_id)


def test_neighbours_are_the_same_resource_one_day_off():
    named = days()
    row_id = named(1, "OKAFOR", datetime(2026, 11, 26, 5, 45, tzinfo=UTC))

    before, after = named.before(row_id), named.after(row_id)

    assert (before, row_id, after) == tuple(
        resource_day_id(1, "OKAFOR", date(2026, 11, number)) for number in (24, 25, 26)
    )
    assert named.begins_at(row_id) == datetime(2026, 11, 25, 6, tzinfo=UTC)


def test_slot_without_a_resource_or_a_start_has_no_day():
    assert [days()(1, None, datetime(2026, 11, 25, tzinfo=UTC)), days()(1, "OKAFOR", None)] == [None, None]
