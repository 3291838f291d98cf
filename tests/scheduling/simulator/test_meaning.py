"""The packs understand what the simulator says: told events map to their own status, odd ones are held."""

from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from scheduling.facts import ReaderContext
from scheduling.mapping.packs import suggested_rules
from scheduling.mapping.resolve import resolve
from scheduling.mapping.rules import MappingContext
from scheduling.readers.envelopes import split
from scheduling.readers.registry import READERS
from scheduling.simulator.clinics import group_of
from scheduling.simulator.dialects import DIALECTS
from scheduling.simulator.faults import NONE, FaultKind
from scheduling.simulator.profiles import feed_profile
from scheduling.simulator.stream import Simulation
from scheduling.vocabulary import MappingOutcome

GROUP = group_of(12, volume=0.5)
SOURCES = {source.feed_key: source for source in GROUP.sources}
RULES = {key: suggested_rules(1, f"demo-{key}") for key in DIALECTS}


def resolutions(simulation):
    """(delivery, truth event, resolution) of every appointment fact; in extracts only rows without a fault are sure."""
    for delivery in simulation:
        source = SOURCES[delivery.feed_key]
        profile = feed_profile(source)
        context = ReaderContext(ZoneInfo(source.timezone), {c.code: c.zone for c in source.clinics}, profile)
        for message, event_id in zip(
            split(delivery.body, source.format, profile).messages, delivery.truth_event_ids, strict=True
        ):
            for fact in READERS[source.format](message, context).appointments:
                found = resolve(fact.signals, MappingContext(1, None), RULES[source.key])
                yield delivery, simulation.log.event(event_id), found


def test_every_told_event_maps_to_the_status_it_told():
    simulation = Simulation(3, GROUP, 14, NONE)

    wrong = Counter(
        (event.source, event.kind, event.reason, found.outcome, found.status)
        for _, event, found in resolutions(simulation)
        if found.outcome is not MappingOutcome.MAPPED or found.status != event.visit.status
    )

    assert wrong == Counter()


@pytest.mark.parametrize(
    ("kind", "plan"),
    [
        (FaultKind.UNMAPPED, replace(NONE, unmapped=0.2)),
        (FaultKind.CONTRADICTORY, replace(NONE, contradictory=0.2)),
    ],
    ids=["unmapped", "contradictory"],
)
def test_no_odd_message_is_taken_at_its_word(kind, plan):
    simulation = Simulation(4, GROUP, 14, plan)

    believed = Counter(
        (event.source, event.kind, found.status)
        for delivery, event, found in resolutions(simulation)
        if kind in delivery.faults and found.outcome is MappingOutcome.MAPPED
    )

    assert believed == Counter()
