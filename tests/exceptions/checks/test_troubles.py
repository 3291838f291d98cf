"""Every trouble of the fold is a hold with a check of its own. No database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exceptions.catalogue import CATALOGUE
from exceptions.judging import judge
from scheduling.folding.fold import fold
from scheduling.folding.order import order_key
from scheduling.folding.state import AppointmentState, FoldEvent, Trouble
from scheduling.vocabulary import PATIENT_FACING, MappingOutcome, TroubleKind

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def event(at=NOON, digest=b"1", received=None, **facts):
    said: dict[str, Any] = {
        "status": "booked",
        "kind": "created",
        "starts_at": NOON + 60 * MINUTE,
        "minutes": 30,
        "initiator": "patient",
        "reason_code": "PT01",
        "clinic_id": 3,
        "clinic_code": "IMG",
        "resource": "MR2",
        "visit_type": "MRKNEE",
        "patient_id": 7,
    }
    key = order_key(at, None, digest.decode(), digest)
    return FoldEvent(order_key=key, source_at=at, received_at=received or at, **said | facts)


def found(*events):
    return {(finding.check, finding.raw) for finding in judge(1, fold(events))}


@pytest.mark.parametrize("kind", list(TroubleKind))
def test_every_trouble_holds_every_patient_facing_decision(kind):
    check = CATALOGUE[kind]

    assert (check.is_hold, check.self_clearing, check.blocks) == (True, True, frozenset(PATIENT_FACING))


@pytest.mark.parametrize("kind", list(TroubleKind))
def test_trouble_is_found_under_its_own_name(kind):
    state = AppointmentState(status="completed", clinic_id=3, troubles=(Trouble(kind, "raw", NOON),))

    assert {(f.check, f.clinic_id, f.raw, f.at) for f in judge(1, state)} == {(kind, 3, "raw", NOON)}


@pytest.mark.parametrize(
    ("outcome", "check"),
    [
        (MappingOutcome.UNMAPPED, {("unmapped_status", "S15 ZZ9")}),
        (MappingOutcome.AMBIGUOUS, {("ambiguous_status", "S15 ZZ9")}),
        (MappingOutcome.CONFLICT, {("conflicting_status", "S15 ZZ9")}),
        (MappingOutcome.MAPPED, set()),
    ],
)
def test_meaning_that_mapping_could_not_give(outcome, check):
    assert found(event(), event(NOON + MINUTE, b"2", mapping=outcome, raw="S15 ZZ9")) == check


@pytest.mark.parametrize(
    ("minutes", "checks"),
    [(4, set()), (5, set()), (5.001, {("ahead_of_receipt", "")})],
    ids=["under 5 min", "5 min", "over 5 min"],
)
def test_event_ahead_of_receipt(minutes, checks):
    ahead = event(NOON + MINUTE, b"2", received=NOON + MINUTE - minutes * MINUTE, kind="confirmed", status="confirmed")

    assert found(event(received=NOON - 9 * MINUTE), ahead) == checks


@pytest.mark.parametrize(
    ("apart", "status", "checks"),
    [
        (timedelta(0), "cancelled", {("equal_time_disagreement", "")}),
        (timedelta(0), "booked", set()),
        (timedelta(microseconds=1), "cancelled", set()),
    ],
    ids=["one time, two stories", "one time, one story", "a microsecond apart"],
)
def test_two_events_of_one_time(apart, status, checks):
    assert found(event(), event(NOON + apart, b"2", status=status)) == checks


def test_news_clears_what_one_moment_left_open():
    disagreeing = (event(), event(NOON, b"2", status="cancelled", kind="cancelled"))

    assert found(*disagreeing, event(NOON + MINUTE, b"3")) == set()


@pytest.mark.parametrize(
    ("before", "after", "checks"),
    [
        ("completed", "booked", {("impossible_transition", "completed to booked")}),
        ("booked", "completed", set()),
        ("missed", "checked_in", set()),
    ],
)
def test_change_of_status(before, after, checks):
    assert found(event(status=before), event(NOON + MINUTE, b"2", status=after)) == checks


def test_id_that_names_two_patients():
    assert found(event(), event(NOON + MINUTE, b"2", patient_id=8)) == {("reused_appointment_id", "")}
    assert found(event(), event(NOON + MINUTE, b"2", patient_id=7)) == set()


def test_clinic_code_that_belongs_to_nobody():
    assert found(event(clinic_id=None, clinic_code="MOB3")) == {("unknown_clinic", "MOB3")}


@pytest.mark.parametrize("is_bad", [True, False], ids=["in the repeated hour", "an hour later"])
def test_start_in_the_hour_that_the_clocks_repeat(is_bad):
    start = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)

    checks = found(event(starts_at=start, has_bad_start=is_bad))

    assert checks == ({("ambiguous_local_time", "")} if is_bad else set())
