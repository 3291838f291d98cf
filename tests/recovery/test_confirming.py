"""Which visits at risk are asked about, and why the others are not. No database: the plan is pure."""

from datetime import UTC, datetime, timedelta

import pytest

from recovery.chances import RiskyVisit
from recovery.confirming import CONFIRMABLE, plan_confirms
from recovery.decisions import CONFIRM_NOTICE
from recovery.ranking import Weight, confirm_weight, risk_step
from recovery.reasons import ContactFacts
from recovery.vocabulary import CloseReason, Family
from scheduling.vocabulary import EventKind, Status, TroubleKind

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
STARTS = NOW + 2 * DAY
KEY = (str(Family.CONFIRM), "12")
MOBILE = ContactFacts(phones_home=[["phone", "mobile", "1", None, None]])
LANDLINE = ContactFacts(phones_home=[["phone", "home", "1", None, None]])


def visit(**changes):
    known = RiskyVisit(
        12, 1, 7, 3, "OKAFOR", STARTS, 30, "ECHO", Status.BOOKED, None, MOBILE, "CARD", 0.34, STARTS, NOW - HOUR
    )
    return known._replace(**changes)


def refused(**changes):
    """Why a visit is not asked about; None where it is."""
    plan = plan_confirms([visit(**changes)], NOW)
    assert plan.knows(KEY)
    return plan.refused.get(KEY)


def test_a_visit_at_risk_is_asked_about_until_two_hours_before_it():
    item = plan_confirms([visit()], NOW).desired[KEY]

    assert (item.patient_id, item.cause, item.lost_at, item.ready_from, item.useful_until, item.weight) == (
        7, EventKind.CREATED, NOW - HOUR, NOW - HOUR, STARTS - 2 * HOUR, Weight(1, 3, 3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.PENDING, None),
        (Status.BOOKED, None),
        (None, None),
        (Status.CONFIRMED, CloseReason.CONFIRMED),
        (Status.CHECKED_IN, CloseReason.ARRIVED),
        (Status.IN_PROGRESS, CloseReason.ARRIVED),
        (Status.COMPLETED, CloseReason.OVER),
        (Status.MISSED, CloseReason.OVER),
        (Status.LEFT_UNSEEN, CloseReason.OVER),
        (Status.CANCELLED, CloseReason.CALLED_OFF),
        (Status.BUMPED, CloseReason.CALLED_OFF),
        (Status.ENTERED_IN_ERROR, CloseReason.CALLED_OFF),
        (Status.REQUESTED, CloseReason.CALLED_OFF),
        (Status.WAITLISTED, CloseReason.CALLED_OFF),
    ],
)
def test_only_a_visit_that_stands_unconfirmed_is_asked_about(status, reason):
    assert refused(status=status) == reason


def test_every_status_was_thought_of():
    assert {status for status in Status if refused(status=status) is None} == CONFIRMABLE - {None}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"starts_at": STARTS + SECOND}, CloseReason.MOVED),
        ({"starts_at": None}, CloseReason.MOVED),
        ({"contact": MOBILE._replace(died=True)}, CloseReason.UNWANTED),
        ({"starts_at": NOW + CONFIRM_NOTICE, "decided_start": NOW + CONFIRM_NOTICE}, CloseReason.EXPIRED),
        ({"starts_at": NOW + CONFIRM_NOTICE + SECOND, "decided_start": NOW + CONFIRM_NOTICE + SECOND}, None),
    ],
    ids=["moved", "without a time", "died", "at the least notice", "a second before it"],
)
def test_a_visit_that_moved_or_comes_too_soon_is_not_asked_about(changes, reason):
    assert refused(**changes) == reason


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"troubles": [[TroubleKind.UNMAPPED, "ZZ9", ""]], "status": None}, [(TroubleKind.UNMAPPED, 2, "ZZ9")]),
        ({"clinic_id": None, "clinic_code": None}, [("missing_clinic", 2, "")]),
        ({"person_id": None, "contact": None}, [("missing_patient", 2, "")]),
        ({"contact": ContactFacts()}, [("no_contact", 2, "")]),
        (
            {"contact": MOBILE._replace(vip="Y", refused=("text",))},
            [("opted_out_partly", 1, "text"), ("restricted", 1, "")],
        ),
        ({"contact": MOBILE._replace(publicity="N", vip="Y")}, [("opted_out", 2, ""), ("restricted", 1, "")]),
        ({"contact": MOBILE._replace(is_merged=True)}, [("merged", 1, "")]),
    ],
    ids=["unmapped", "no clinic", "nobody named", "no number", "refused texts", "asked for none", "merged"],
)
def test_what_stands_in_the_way_is_stored(changes, reasons):
    assert [tuple(reason) for reason in plan_confirms([visit(**changes)], NOW).desired[KEY].reasons] == reasons


def test_an_hour_that_comes_twice_makes_no_visit_moved():
    """The night in which the clocks go back: both 01:30s are other moments, and a visit stays at its own."""
    first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    now = first - DAY

    plans = [plan_confirms([visit(starts_at=first + move, decided_start=first)], now) for move in (0 * HOUR, HOUR)]

    assert [plan.refused.get(KEY) for plan in plans] == [None, CloseReason.MOVED]


@pytest.mark.parametrize(("score", "step"), [(0.0, 1), (0.149, 1), (0.15, 2), (0.299, 2), (0.3, 3), (1.0, 3)])
def test_a_score_weighs_in_three_steps(score, step):
    assert risk_step(score) == step


def test_a_visit_that_may_be_kept_weighs_half_a_freed_slot_of_its_length():
    weights = [
        confirm_weight(minutes, 0.2, contact)
        for minutes, contact in ((10, MOBILE), (60, LANDLINE), (240, ContactFacts()))
    ]

    assert weights == [Weight(1, 3, 2), Weight(2, 2, 2), Weight(4, 1, 2)]
