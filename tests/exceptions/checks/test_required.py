"""Missing fields are found only where a decision is at stake. No database."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from exceptions.catalogue import CATALOGUE
from exceptions.checks.kinds import Hit
from exceptions.checks.required import NEEDED, find
from scheduling.folding.state import AppointmentState
from scheduling.vocabulary import STANDING, Decision, Status

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def state(status, **changed):
    facts = {
        "status": status,
        "starts_at": NOON,
        "minutes": 30,
        "clinic_id": 3,
        "clinic_code": "IMG",
        "resource": "MR2",
        "visit_type": "MRKNEE",
        "patient_id": 7,
        "said_at": NOON,
    }
    return AppointmentState(**facts | changed)


def found(status, **changed):
    return [hit.check for hit in find(state(status, **changed))]


@pytest.mark.parametrize("status", [None, *Status])
def test_visit_with_every_field_lacks_nothing(status):
    assert found(status) == []


@pytest.mark.parametrize(
    ("status", "field", "check"),
    [
        (Status.BOOKED, "starts_at", "missing_start"),
        (Status.CONFIRMED, "starts_at", "missing_start"),
        (Status.CANCELLED, "starts_at", "missing_start"),
        (Status.CANCELLED, "resource", "missing_resource"),
        (Status.BUMPED, "visit_type", "missing_visit_type"),
        (Status.BUMPED, "patient_id", "missing_patient"),
        (Status.MISSED, "patient_id", "missing_patient"),
        (Status.PENDING, "patient_id", "missing_patient"),
    ],
)
def test_field_that_a_decision_needs_is_found(status, field, check):
    assert found(status, **{field: None}) == [check]


@pytest.mark.parametrize(
    ("status", "field"),
    [
        (Status.BOOKED, "resource"),
        (Status.BOOKED, "visit_type"),
        (Status.CANCELLED, "patient_id"),
        (Status.MISSED, "starts_at"),
        (Status.COMPLETED, "patient_id"),
        (Status.CHECKED_IN, "starts_at"),
        (Status.REQUESTED, "starts_at"),
        (Status.ENTERED_IN_ERROR, "patient_id"),
        (None, "patient_id"),
    ],
)
def test_field_that_no_decision_needs_is_no_finding(status, field):
    assert found(status, **{field: None}) == []


def test_clinic_is_missing_only_where_neither_code_nor_clinic_is_known():
    assert found(Status.BOOKED, clinic_id=None, clinic_code=None) == ["missing_clinic"]
    assert found(Status.BOOKED, clinic_id=None) == []  # its code is unknown, which is a finding of its own
    assert found(Status.BOOKED, clinic_code=None) == []


@pytest.mark.parametrize(
    ("status", "minutes", "raw"),
    [
        (Status.CANCELLED, None, [""]),
        (Status.BUMPED, None, [""]),
        (Status.BOOKED, None, []),
        (Status.MISSED, None, []),
        (Status.CANCELLED, 0, ["0 min"]),
        (Status.BOOKED, 1, []),
        (Status.BOOKED, 24 * 60, []),
        (Status.BOOKED, 24 * 60 + 1, ["1441 min"]),
        (Status.COMPLETED, 9999, []),
        (Status.MISSED, 9999, []),
    ],
)
def test_length_that_cannot_be_offered(status, minutes, raw):
    hits = find(state(status, minutes=minutes))

    assert [(hit.check, hit.raw) for hit in hits] == [("unknown_length", value) for value in raw]


def test_hit_stands_for_the_newest_statement():
    assert list(find(state(Status.MISSED, patient_id=None))) == [Hit("missing_patient", "", NOON)]


def test_a_day_with_a_clock_change_makes_no_difference():
    twice = datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=ZoneInfo("America/Chicago")).astimezone(UTC)

    assert found(Status.BOOKED, starts_at=twice) == []
    assert list(find(state(Status.BOOKED, starts_at=None, said_at=twice))) == [Hit("missing_start", "", twice)]


def test_what_is_needed_is_blocked():
    """Each missing field blocks the decisions that its statuses put at stake."""
    for status, needs in NEEDED.items():
        for _, check in needs:
            if status == Status.MISSED:
                assert Decision.REBOOK_MISSED in CATALOGUE[check].blocks
            elif status in STANDING:
                assert Decision.CONFIRM in CATALOGUE[check].blocks
