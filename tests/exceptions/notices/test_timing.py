"""Quiet hours by the clock on the wall, over midnight and on the days the clock is moved. No database."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions.notices.timing import Quiet, deadline, next_hour, send_after
from exceptions.vocabulary import EmailMode, NoticeKind

CHICAGO = ZoneInfo("America/Chicago")
NIGHT = Quiet(time(22), time(7), CHICAGO)
LUNCH = Quiet(time(12), time(13), CHICAGO)
EARLY = Quiet(time(22), time(2, 30), CHICAGO)  # ends in the hour that is skipped or repeated


def at(day, hour, minute=0, *, month=11, fold=0):
    """A wall clock in Chicago, 2026, as UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "moment", "ends"),
    [
        (NIGHT, at(24, 21, 59), at(24, 21, 59)),
        (NIGHT, at(24, 22), at(25, 7)),
        (NIGHT, at(24, 23, 59), at(25, 7)),
        (NIGHT, at(25, 0), at(25, 7)),
        (NIGHT, at(25, 6, 59), at(25, 7)),
        (NIGHT, at(25, 7), at(25, 7)),
        (LUNCH, at(24, 11, 59), at(24, 11, 59)),
        (LUNCH, at(24, 12, 30), at(24, 13)),
        (LUNCH, at(24, 13), at(24, 13)),
        (NIGHT, at(31, 23, month=10), at(1, 7)),
        (NIGHT, at(7, 23, month=3), at(8, 7, month=3)),
        (EARLY, at(8, 1, 59, month=3), at(8, 3, 30, month=3)),
        (Quiet(time(22), time(1, 30), CHICAGO), at(1, 1, 15), at(1, 1, 30)),
        (Quiet(time(22), time(1, 30), CHICAGO), at(1, 1, 45), at(1, 1, 45)),
        (Quiet(time(22), time(1, 30), CHICAGO), at(1, 1, 15, fold=1), at(1, 1, 30, fold=1)),
        (Quiet(time(9), time(9), CHICAGO), at(24, 9), at(24, 9)),
    ],
    ids=[
        "just before", "at the beginning", "before midnight", "at midnight", "just before the end", "at the end",
        "before hours within a day", "in hours within a day", "at the end within a day",
        "a night of 10 hours in autumn", "a night of 8 hours in spring", "an end that is skipped in spring",
        "an end that is repeated in autumn, first passing", "between the passings", "second passing", "no hours at all",
    ],
)  # fmt: skip
def test_quiet_hours_end(quiet, moment, ends):
    assert quiet.end_after(moment) == ends


def test_nights_of_the_moved_clock_are_as_long_as_they_are():
    autumn, spring = at(31, 22, month=10), at(7, 22, month=3)

    assert (NIGHT.end_after(autumn) - autumn, NIGHT.end_after(spring) - spring) == (
        timedelta(hours=10), timedelta(hours=8),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "quiet", "is_urgent", "first"),
    [
        (EmailMode.EACH, None, False, at(24, 21, 30)),
        (EmailMode.HOURLY, None, False, at(24, 22)),
        (EmailMode.HOURLY, NIGHT, False, at(25, 7)),
        (EmailMode.EACH, NIGHT, False, at(24, 21, 30)),
        (EmailMode.HOURLY, NIGHT, True, at(24, 21, 30)),
    ],
    ids=["each at once", "on the hour", "the hour is quiet", "now is not quiet", "urgent"],
)
def test_email_may_go_out_from(mode, quiet, is_urgent, first):
    assert send_after(at(24, 21, 30), mode=mode, quiet=quiet, is_urgent=is_urgent) == first


@pytest.mark.parametrize(
    ("moment", "hour"), [(at(24, 9), at(24, 10)), (at(24, 9, 59), at(24, 10))], ids=["on the hour", "just before"]
)
def test_next_hour_is_always_later(moment, hour):
    assert next_hour(moment) == hour


def test_step_is_old_sooner_than_the_rest():
    assert [deadline(kind, at(24, 9)) for kind in (NoticeKind.STEP, NoticeKind.RESOLVED)] == [at(24, 13), at(25, 9)]
