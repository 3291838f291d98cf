"""Reasons agree with the exceptions of the same facts: what a check blocks, the verdict holds. No database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exceptions.catalogue import CATALOGUE
from exceptions.checks.required import NEEDED, StatedVisit, find
from recovery.decisions import DECISIONS_OF
from recovery.reasons import WORDINGS, StaticReason, missed_reasons, missing_reasons, slot_reasons
from recovery.vocabulary import Family, Level
from scheduling.folding.state import AppointmentState
from scheduling.vocabulary import Decision, Status

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WHOLE = {
    "starts_at": NOON, "clinic_code": "IMG", "clinic_id": 3, "resource": "MR2", "visit_type": "MRKNEE", "patient_id": 7,
}  # fmt: skip


def stated_visit(status: Status | None, **but: Any) -> StatedVisit:
    """A visit that states everything but what ``but`` says otherwise."""
    facts: dict[str, Any] = WHOLE | but
    return StatedVisit(status, **facts)


MISSING = ["missing_start", "missing_clinic", "missing_resource", "missing_visit_type", "missing_patient"]


@pytest.mark.parametrize("status", [None, *Status])
@pytest.mark.parametrize("field", [None, *WHOLE])
@pytest.mark.parametrize("decision", list(Decision))
def test_the_verdict_holds_what_the_exception_blocks(status, field, decision):
    facts = WHOLE | ({field: None} if field else {}) | ({"clinic_code": None} if field == "clinic_id" else {})
    hits = find(AppointmentState(status=status, said_at=NOON, **facts))

    held = missing_reasons(StatedVisit(status, **facts), [decision])

    assert held == [StaticReason(hit.check, Level.HELD) for hit in hits if decision in CATALOGUE[hit.check].blocks]


def test_every_missing_field_has_its_sentence_and_an_owner():
    assert sorted({check for needs in NEEDED.values() for _, check in needs}) == sorted(MISSING)
    for check in MISSING:
        assert len(WORDINGS[check].sentence.split()) <= 20
        assert WORDINGS[check].owner == "Integration owner"


@pytest.mark.parametrize(
    ("status", "stated", "slot", "codes"),
    [
        (Status.CANCELLED, "ECHO", "ECHO", []),
        (Status.CANCELLED, None, None, ["missing_visit_type"]),
        (Status.CANCELLED, None, "ECHO", ["missing_visit_type"]),
        (Status.BOOKED, None, "ECHO", []),
        (Status.BOOKED, "ECHO", None, ["missing_visit_type"]),
    ],
    ids=["known", "never sent", "taken back", "moved, slot knows", "moved, slot does not"],
)
def test_a_slot_needs_its_own_type_and_what_its_visit_needs(status, stated, slot, codes):
    visit = stated_visit(status, visit_type=stated)

    assert [reason.code for reason in slot_reasons(visit, slot)] == codes


def test_decisions_that_need_no_patient_are_not_held_for_one():
    visit = stated_visit(Status.BUMPED, patient_id=None)

    held = {family: [reason.code for reason in missing_reasons(visit, DECISIONS_OF[family])] for family in Family}

    of_people = {family: ["missing_patient"] for family in ("rebook_missed", "rebook_bumped", "confirm")}
    assert held == {"refill": [], **of_people}


@pytest.mark.parametrize(
    ("set_by", "minutes", "codes"),
    [
        ("person", 0, []),
        ("person", -1, ["missed_before_start"]),
        ("timer", 60, ["missed_by_timer"]),
        ("timer", -1, ["missed_by_timer", "missed_before_start"]),
        (None, 60, []),
    ],
    ids=["at the start", "before it", "by a timer", "by a timer before it", "unsaid"],
)
def test_missed_visit_that_may_not_have_been_missed_is_held(set_by, minutes, codes):
    reasons = missed_reasons(set_by, NOON, NOON + timedelta(minutes=minutes))

    assert [(reason.code, reason.level) for reason in reasons] == [(code, Level.HELD) for code in codes]
