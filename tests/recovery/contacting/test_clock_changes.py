"""Quiet hours and limits on the days on which clocks change, in several zones, against a plain recount. No database.

In 2026 the United States go forward on 8 March and back on 1 November. Arizona does neither; the Navajo Nation
inside it does both. Chile changes at midnight, so that a day begins at one.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.contacting.answer import can_contact
from recovery.contacting.facts import ContactHours, Earlier
from recovery.contacting.hours import is_open, local_day_begins, next_open
from recovery.contacting.policy import DEFAULT_POLICY, STRICTEST
from recovery.vocabulary import OutreachChannel

CALL, TEXT = OutreachChannel.CALL, OutreachChannel.TEXT
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW_YORK, CHICAGO, ARIZONA, NAVAJO, HAWAII, CHILE = (
    ZoneInfo(name)
    for name in (
        "America/New_York", "America/Chicago", "America/Phoenix", "Navajo", "Pacific/Honolulu", "America/Santiago",
    )
)  # fmt: skip
FORWARD, BACK = date(2026, 3, 8), date(2026, 11, 1)
ZONES = [NEW_YORK, CHICAGO, ARIZONA, NAVAJO, HAWAII]


def utc(on, hour, minute=0):
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC)


def stops(person, ask, now, channel=TEXT):
    return [one.code for one in can_contact(person, ask, now).way(channel).stops]


@pytest.mark.parametrize(
    ("zone", "on", "opens", "ends"),
    [
        (NEW_YORK, FORWARD, 16, 24), (CHICAGO, FORWARD, 17, 25), (NAVAJO, FORWARD, 18, 26), (ARIZONA, FORWARD, 19, 27),
        (HAWAII, FORWARD, 22, 30), (NEW_YORK, BACK, 17, 25), (CHICAGO, BACK, 18, 26), (NAVAJO, BACK, 19, 27),
        (ARIZONA, BACK, 19, 27), (HAWAII, BACK, 22, 30),
    ],
    ids=[
        "east forward", "central forward", "Navajo forward", "Arizona forward", "Hawaii forward", "east back",
        "central back", "Navajo back", "Arizona back", "Hawaii back",
    ],
)  # fmt: skip
def test_quiet_hours_on_the_sundays_on_which_clocks_change(person, ask, zone, on, opens, ends):
    """Sundays from 12 to 20, counted in hours of UTC since the midnight of that date."""
    there = replace(person, zone=zone)
    begins, over = utc(on, 0) + opens * HOUR, utc(on, 0) + ends * HOUR

    quiet = ["quiet_hours" in stops(there, ask, now) for now in (begins - MINUTE, begins, over - MINUTE, over)]

    assert quiet == [True, False, False, True]


@pytest.mark.parametrize(
    ("on", "arizona", "navajo"),
    [(date(2026, 3, 9), True, False), (date(2026, 11, 2), True, True), (date(2026, 7, 7), True, False)],
    ids=["after they go forward", "after they go back", "in summer"],
)
def test_quiet_hours_of_navajo_people_are_not_those_of_arizona(person, ask, on, arizona, navajo):
    """15:30 of UTC is half past eight in Arizona all year, and half past nine at Navajo while it is summer."""
    moment = utc(on, 15, 30)

    found = ["quiet_hours" in stops(replace(person, zone=zone), ask, moment) for zone in (ARIZONA, NAVAJO)]

    assert found == [arizona, navajo]


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [(CHICAGO, FORWARD, 23), (CHICAGO, BACK, 25), (NAVAJO, BACK, 25), (ARIZONA, BACK, 24), (ARIZONA, FORWARD, 24)],
    ids=["23 hours", "25 hours", "Navajo, 25 hours", "Arizona back", "Arizona forward"],
)
def test_one_text_a_day_counts_local_days_however_long_they_are(person, ask, zone, on, hours):
    midnight = datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)
    next_noon = midnight + (hours + 12) * HOUR

    def after(sent_at, now):
        return stops(replace(person, zone=zone, earlier=(Earlier(TEXT, sent_at),)), ask, now)

    last, first = midnight + hours * HOUR - MINUTE, midnight + hours * HOUR
    assert (after(last, next_noon), after(first, next_noon)) == ([], ["counted_today"])
    noon = midnight + (hours - 12) * HOUR + 30 * MINUTE
    assert (after(midnight - MINUTE, noon), after(midnight, noon)) == ([], ["counted_today"])


@pytest.mark.parametrize(("on", "hour"), [(FORWARD, 14), (BACK, 15)], ids=["forward", "back"])
def test_text_counted_today_says_tomorrows_nine_o_clock_across_the_change(person, ask, on, hour):
    the_day_before = datetime(on.year, on.month, on.day, 12, tzinfo=CHICAGO) - DAY
    texted = replace(person, zone=CHICAGO, earlier=(Earlier(TEXT, the_day_before.astimezone(UTC)),))
    on_sunday = replace(texted, earlier=(Earlier(TEXT, utc(on, 20)),))

    assert can_contact(texted, ask, the_day_before.astimezone(UTC) + HOUR).way(TEXT).again_at == utc(on, hour + 3)
    assert can_contact(on_sunday, ask, utc(on, 21)).way(TEXT).again_at == utc(on + DAY, hour)


@pytest.mark.parametrize("on", [FORWARD, BACK], ids=["forward", "back"])
def test_three_texts_a_week_count_seven_times_24_hours_across_the_change(person, ask, on):
    now = utc(on, 20)
    old = (Earlier(TEXT, now - 7 * DAY), Earlier(TEXT, now - 3 * DAY), Earlier(TEXT, now - 2 * DAY))
    young = (Earlier(TEXT, now - 7 * DAY + MINUTE), *old[1:])

    found = [stops(replace(person, zone=CHICAGO, earlier=earlier), ask, now) for earlier in (old, young)]

    assert found == [[], ["counted_week"]]


@pytest.mark.parametrize("on", [FORWARD, BACK], ids=["forward", "back"])
def test_rest_between_tries_is_real_time_across_the_change(person, ask, on):
    tried_at = utc(on, 5)  # before either change, which comes at 08:00 or 07:00 of UTC
    resting = replace(ask, tries=ask.tries._replace(used=1, last_at=tried_at, rest=20 * HOUR))
    there = replace(person, zone=CHICAGO)
    over = tried_at + 20 * HOUR

    assert ["resting" in stops(there, resting, now, CALL) for now in (over - MINUTE, over)] == [True, False]


def test_day_that_begins_at_one_o_clock_begins_there():
    """In Chile 6 September 2026 has no midnight."""
    noon = datetime(2026, 9, 6, 12, tzinfo=CHILE).astimezone(UTC)

    assert local_day_begins(CHILE, noon).astimezone(CHILE).hour == 1


clocks = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
spans = st.tuples(clocks, clocks).filter(lambda pair: pair[0] < pair[1])
moments = st.tuples(st.sampled_from([FORWARD, BACK]), st.integers(-36 * 60, 60 * 60)).map(
    lambda drawn: utc(drawn[0], 0) + drawn[1] * MINUTE
)


@given(zone=st.sampled_from(ZONES), now=moments, weekdays=spans, sundays=spans)
def test_hours_are_what_a_clock_on_the_wall_says(zone, now, weekdays, sundays):
    hours = ContactHours(weekdays, sundays)

    there = now.astimezone(zone)
    begins, ends = sundays if there.weekday() == 6 else weekdays
    assert is_open(hours, zone, now) == (begins <= there.time() < ends)


@given(zone=st.sampled_from(ZONES), now=moments)
def test_next_opening_is_the_first_open_minute(zone, now):
    """The default hours lie clear of the hour that is leapt over or comes twice."""
    opens = next_open(STRICTEST, zone, now)

    step = now
    while not is_open(STRICTEST, zone, step):
        step += MINUTE
    assert opens == step


def test_default_policy_has_the_strictest_hours():
    assert DEFAULT_POLICY.hours == STRICTEST
