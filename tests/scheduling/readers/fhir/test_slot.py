from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from scheduling.facts import Problem, ReaderContext, SlotFact
from scheduling.readers.fhir.reader import read

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def read_resource(resource, profile=None):
    return read(orjson.dumps(resource), ReaderContext(ZoneInfo("UTC"), profile=profile or {}))


def slot(**changes):
    return {
        "resourceType": "Slot",
        "id": "s1",
        "schedule": {"reference": "Schedule/t4"},
        "status": "free",
        "start": "2026-11-24T09:00:00Z",
        "end": "2026-11-24T09:15:00Z",
        "serviceType": [{"coding": [{"code": "57"}]}],
    } | changes


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("free", "open"),
        ("busy-tentative", "held"),
        ("busy", "taken"),
        ("busy-unavailable", "blocked"),
        ("entered-in-error", "blocked"),
    ],
)
def test_slot_status(status, expected):
    reading = read_resource(slot(status=status))

    assert reading.slots == [SlotFact("t4", NINE, 15, expected, visit_type="57", external_id="s1")]


def test_slot_belongs_to_whom_the_feed_says_its_schedule_does():
    reading = read_resource(slot(), {"schedules": {"t4": {"provider": "d2", "clinic": "c3"}}})

    assert reading.slots == [SlotFact("d2", NINE, 15, "open", "c3", "d2", "57", "s1")]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"status": "gone"}, Problem("unknown_slot_status", "Slot.status", "gone")),
        ({"schedule": {"display": "x"}}, Problem("no_schedule", "Slot.schedule")),
        ({"end": "2026-11-24T09:15:00+00:15"}, Problem("times_disagree", "end", "2026-11-24T09:15:00+00:15")),
        ({"start": "2026-11-24T09:00:00"}, Problem("time_without_zone", "start", "2026-11-24T09:00:00")),
    ],
    ids=["status", "schedule", "no length", "no zone"],
)
def test_slot_that_names_no_stretch_of_time_is_skipped(changes, problem):
    reading = read_resource(slot(**changes))

    assert (reading.slots, reading.problems) == ([], [problem])
    assert reading.skipped == ["Slot without schedule, start, end or a known status"]


def test_slot_that_was_deleted_is_a_problem():
    reading = read_resource({"resourceType": "Slot", "id": "s1", "_deleted": True})

    assert (reading.slots, reading.problems) == ([], [Problem("slot_deleted", "Slot.id", "s1")])


@pytest.mark.parametrize(
    ("actors", "note"),
    [
        (["Practitioner/d2", "Location/c3"], "Schedule t4: provider d2, clinic c3"),
        ([], "Schedule t4: provider not said, clinic not said"),
    ],
    ids=["both", "neither"],
)
def test_schedule_notes_whose_it_is(actors, note):
    reading = read_resource(
        {"resourceType": "Schedule", "id": "t4", "actor": [{"reference": actor} for actor in actors]}
    )

    assert (reading.slots, reading.skipped) == ([], [note])
