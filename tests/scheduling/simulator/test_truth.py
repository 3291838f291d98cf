"""The log of truth answers for any moment, and tells the true from the told."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from scheduling.simulator.clinics import group_of
from scheduling.simulator.faults import REALISTIC
from scheduling.simulator.people import PatientState
from scheduling.simulator.stream import Simulation
from scheduling.simulator.truth import TruthEvent, TruthLog, VisitState
from scheduling.vocabulary import EventKind, Status

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
VISIT = VisitState("1", "s", "c", "m1", "p", "r", "FUP", NINE + timedelta(days=1), 20, Status.BOOKED, NINE)
PATIENT = PatientState(
    "m1", "s", "Waverly", "Ada", "F", date(1980, 1, 1), "en", "3125550100", "", "", "", True, False, False, False, ""
)


def event(number: int, hours: float, kind: EventKind, status: Status, **fields) -> TruthEvent:
    return TruthEvent(
        number, NINE + timedelta(hours=hours), kind, "s", "c", visit=VISIT._replace(status=status), patient=PATIENT,
        **fields,
    )  # fmt: skip


LOG = TruthLog(
    [
        event(1, 0, EventKind.CREATED, Status.BOOKED),
        event(2, 5, EventKind.CONFIRMED, Status.CONFIRMED),
        event(3, 24, EventKind.COMPLETED, Status.COMPLETED, is_told=False),
        event(4, 36, EventKind.MISSED, Status.MISSED, is_true=False, reason="timer"),
    ]
)


@pytest.mark.parametrize(
    ("hours", "true", "told"),
    [
        (-0.1, None, None),
        (0, Status.BOOKED, Status.BOOKED),
        (4.9, Status.BOOKED, Status.BOOKED),
        (5, Status.CONFIRMED, Status.CONFIRMED),
        (24, Status.COMPLETED, Status.CONFIRMED),
        (40, Status.COMPLETED, Status.MISSED),
    ],
    ids=["before", "booked", "just before", "confirmed", "untold completion", "false timer"],
)
def test_log_knows_what_was_true_and_what_was_told(hours, true, told):
    at = NINE + timedelta(hours=hours)

    states = (LOG.visit_at("s", "1", at), LOG.told_at("s", "1", at))

    assert tuple(state and state.status for state in states) == (true, told)


def test_log_follows_merges_to_the_survivor_from_their_moment_on():
    log = TruthLog(
        [
            TruthEvent(1, NINE, EventKind.PATIENT_CHANGED, "s", "c", patient=PATIENT),
            TruthEvent(2, NINE, EventKind.PATIENT_CHANGED, "s", "c", patient=PATIENT._replace(mrn="m2")),
            TruthEvent(
                3, NINE + timedelta(hours=1), EventKind.PATIENT_CHANGED, "s", "c",
                patient=PATIENT._replace(mrn="m2", merged_into="m1"),
            ),
        ]
    )  # fmt: skip

    survivors = [log.survivor("s", "m2", NINE + timedelta(hours=hours)) for hours in (0, 1)]

    assert survivors == ["m2", "m1"]


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    simulation = Simulation(11, group_of(12, volume=0.6), 30, REALISTIC)
    list(simulation)
    return simulation


def test_every_kind_of_truth_happens(simulation):
    kinds = {event.kind for event in simulation.log.events}

    assert kinds == set(EventKind)


def test_untold_and_false_events_happen(simulation):
    untold = {event.kind for event in simulation.log.events if not event.is_told}
    false = {(event.kind, event.reason) for event in simulation.log.events if not event.is_true}

    assert {EventKind.CHECKED_IN, EventKind.STARTED, EventKind.COMPLETED} <= untold
    assert false == {(EventKind.MISSED, "timer")}


def test_no_visit_changes_after_its_end(simulation):
    ended = {Status.COMPLETED, Status.CANCELLED, Status.BUMPED, Status.MISSED, Status.LEFT_UNSEEN}

    for source, key in simulation.log.visits():
        true = [event.visit.status for event in simulation.log.history(source, key) if event.is_true]
        assert not ended & set(true[:-1])


def test_a_visit_never_has_two_events_in_one_second(simulation):
    for source, key in simulation.log.visits():
        times = [event.at for event in simulation.log.history(source, key)]
        assert len(set(times)) == len(times)


def test_no_provider_sees_two_patients_at_once(simulation):
    gone = {Status.CANCELLED, Status.BUMPED, Status.ENTERED_IN_ERROR}
    taken: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    for source, key in simulation.log.visits():
        visit = simulation.log.visit_at(source, key, simulation.ends_at)
        if visit.status not in gone:
            span = (visit.starts_at, visit.starts_at + timedelta(minutes=visit.minutes))
            taken.setdefault((source, visit.provider), []).append(span)

    for spans in taken.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_patients_are_reachable_only_by_numbers_of_the_fictional_range(simulation):
    numbers = {
        number
        for event in simulation.log.events
        if event.patient
        for number in (event.patient.mobile, event.patient.home)
        if number
    }

    assert all(number[3:8] == "55501" and len(number) == 10 for number in numbers)
