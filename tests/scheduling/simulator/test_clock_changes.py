"""Days on which clocks change: wall-clock feeds become ambiguous for an hour, feeds with offsets do not."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from scheduling.facts import ReaderContext
from scheduling.readers.envelopes import split
from scheduling.readers.registry import READERS
from scheduling.simulator.agenda import slot_starts
from scheduling.simulator.clinics import group_of
from scheduling.simulator.faults import NONE
from scheduling.simulator.organisation import Provider
from scheduling.simulator.profiles import feed_profile
from scheduling.simulator.stream import Simulation

GROUP = group_of(12, volume=2.0)
SOURCES = {source.feed_key: source for source in GROUP.sources}
CHICAGO = ZoneInfo("America/Chicago")
NIGHT_OWL = Provider("P1", "Mayhew", "Iris", "R1", 30, (0, 1, 2, 3, 4, 5, 6), time(0), time(4))


@pytest.mark.parametrize(
    ("day", "count", "gap"),
    [
        (date(2026, 11, 1), 8, timedelta(hours=1, minutes=30)),
        (date(2027, 3, 14), 6, timedelta(minutes=30)),
        (date(2026, 11, 2), 8, timedelta(minutes=30)),
    ],
    ids=["clocks go back", "clocks go forward", "an ordinary day"],
)
def test_template_slots_follow_the_wall_clock(day, count, gap):
    starts = slot_starts(day, NIGHT_OWL, CHICAGO)

    assert len(starts) == count
    assert max(later - earlier for earlier, later in pairwise(starts)) == gap


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 11, 1), {("northside", "ambiguous_local_time", 1)}), (date(2027, 3, 14), set())],
    ids=["clocks go back", "clocks go forward"],
)
def test_only_wall_clock_feeds_have_an_hour_that_cannot_be_told(day, expected):
    simulation = Simulation(2, GROUP, 4, NONE, starts_at=datetime.combine(day, time(), UTC) - timedelta(days=2))
    problems: Counter[tuple[str, str, int]] = Counter()
    wrong = 0
    for delivery in simulation:
        source = SOURCES[delivery.feed_key]
        profile = feed_profile(source)
        context = ReaderContext(ZoneInfo(source.timezone), {c.code: c.zone for c in source.clinics}, profile)
        messages = split(delivery.body, source.format, profile).messages
        for message, event_id in zip(messages, delivery.truth_event_ids, strict=True):
            event = simulation.log.event(event_id)
            reading = READERS[source.format](message, context)
            stretch = event.visit or event.slot
            if stretch is None:
                continue
            hour = stretch.starts_at.astimezone(GROUP.clinics[event.source, event.clinic].zone).hour
            problems.update((source.key, problem.kind, hour) for problem in reading.problems)
            wrong += any(fact.starts_at not in {None, stretch.starts_at} for fact in reading.appointments)

    assert wrong == 0
    assert {key for key in problems if key[1] != "incomplete_slot"} == expected
