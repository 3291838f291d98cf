"""The two checks of outreach, without a database: hit, near miss, boundary, and the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions.checks.found import Found
from exceptions.checks.openings import Opening
from exceptions.vocabulary import SubjectKind
from recovery.outreach.checks import NO_STATUS, SILENT_DAY, ClinicWork, Unheard, find_silent, find_unheard, last_day

CHICAGO = ZoneInfo("America/Chicago")
# Tuesdays to Saturdays, 8 to 17; shut on Thanksgiving.
HOURS = Opening(CHICAGO, tuple((day, time(8), time(17)) for day in range(1, 6)), frozenset({date(2026, 11, 26)}))
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
OPENS, CLOSES = datetime(2026, 11, 24, 14, tzinfo=UTC), datetime(2026, 11, 24, 23, tzinfo=UTC)
CHANCE = ((OPENS - HOUR, OPENS + HOUR),)
SILENT = [Found(SILENT_DAY, 2, 7, "", SubjectKind.FEED, 3, CLOSES)]


def silent(*, now=CLOSES, chances=CHANCE, contacted_at=None, hours=HOURS):
    return list(find_silent([ClinicWork(7, 2, 3, chances, contacted_at)], {7: hours}, now))


@pytest.mark.parametrize(
    ("now", "found"),
    [(CLOSES - SECOND, []), (CLOSES, SILENT), (CLOSES + 15 * HOUR, SILENT)],
    ids=["before it closes", "as it closes", "next morning"],
)
def test_silent_day_is_found_when_it_is_over(now, found):
    assert silent(now=now) == found


@pytest.mark.parametrize(
    ("contacted_at", "found"),
    [(OPENS - SECOND, SILENT), (OPENS, []), (CLOSES + HOUR, [])],
    ids=["before it opened", "as it opened", "afterwards, which clears it"],
)
def test_one_contact_since_the_day_began_is_enough(contacted_at, found):
    assert silent(contacted_at=contacted_at) == found


@pytest.mark.parametrize(
    ("begins", "ends", "found"),
    [
        (OPENS - HOUR, OPENS, []),
        (OPENS - HOUR, OPENS + SECOND, SILENT),
        (CLOSES - SECOND, CLOSES + HOUR, SILENT),
        (CLOSES, CLOSES + HOUR, []),
    ],
    ids=["over before it opened", "a second of the day", "its last second", "only afterwards"],
)
def test_day_without_a_chance_is_not_silent(begins, ends, found):
    assert silent(chances=((begins, ends),)) == found


def test_days_on_which_the_clinic_is_shut_do_not_count():
    thanksgiving_evening = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)

    assert last_day(HOURS, thanksgiving_evening) == (OPENS + 24 * HOUR, CLOSES + 24 * HOUR)


@pytest.mark.parametrize(
    "hours", [Opening(CHICAGO), Opening(CHICAGO, ((0, time(8), time(9)),), frozenset())], ids=["unknown", "Mondays"]
)
def test_clinic_without_hours_is_not_asked(hours):
    assert last_day(hours, CLOSES) == (None if not hours.hours else (OPENS - 24 * HOUR, OPENS - 23 * HOUR))


@pytest.mark.parametrize(
    ("on", "opens", "closes"),
    [
        (date(2026, 3, 8), datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 9, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 10, tzinfo=UTC)),
    ],
    ids=["an hour is missing", "an hour comes twice"],
)
def test_day_of_a_clock_change_is_one_day(on, opens, closes):
    night = Opening(CHICAGO, ((on.weekday(), time(0, 30), time(4)),))

    assert last_day(night, closes) == (opens, closes)
    assert last_day(night, closes - SECOND) != (opens, closes)


def test_messages_without_a_status_are_found_by_channel_and_source():
    assert list(find_unheard([Unheard("text", 2, 3, OPENS), Unheard("email", 4, 5, OPENS)])) == [
        Found(NO_STATUS, 2, None, "text", SubjectKind.FEED, 3, OPENS),
        Found(NO_STATUS, 4, None, "email", SubjectKind.FEED, 5, OPENS),
    ]
