"""Never guess (I4): what is not certain holds its visit, and every hold has an exception."""

import pytest

from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

BOOKING = siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + 3 * HOUR)


def hold_of(desk):
    return [kind for kind, _ in desk.troubles("V1")]


def test_unmapped_cancellation_holds_its_visit_and_opens_no_work(desk):
    """The slot may be free or not: nobody is called."""
    desk.take(BOOKING, siu("S15", visit="V1", at=NOW - HOUR, status="ZZ9", starts_at=NOW + 3 * HOUR))

    assert (desk.visit("V1").status, desk.visit("V1").is_uncertain) == ("booked", True)
    assert hold_of(desk) == ["unmapped_status"]
    assert desk.open_items() == []
    assert [(check, count) for check, _, count in desk.live()] == [("unmapped_status", 1)]
    assert desk.ledger() == {"received": 2, "applied": 1, "held": 1}


def test_hold_stays_when_a_certain_event_follows(desk):
    desk.take(BOOKING, siu("S14", visit="V1", at=NOW - 2 * HOUR, status="ZZ9"))
    desk.take(siu("S15", visit="V1", at=NOW - HOUR, status="Cancelled", starts_at=NOW + 3 * HOUR))

    assert desk.visit("V1").status == "cancelled"
    assert hold_of(desk) == ["unmapped_status"]


def test_status_that_contradicts_its_trigger_is_held(desk):
    desk.take(BOOKING, siu("S26", visit="V1", at=NOW - HOUR, status="Arrived"))

    assert (desk.visit("V1").status, hold_of(desk)) == ("booked", ["conflicting_status"])


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["in one batch", "one by one"])
def test_events_that_disagree_at_one_time_are_held(desk, is_one_batch):
    bodies = [
        BOOKING,
        siu("S14", visit="V1", at=NOW - HOUR, status="Confirmed", control="C1"),
        siu(
            "S15", visit="V1", at=NOW - HOUR, status="Cancelled", starts_at=NOW + 3 * HOUR, reason="PT01", control="C2"
        ),
    ]
    for group in [bodies] if is_one_batch else [[body] for body in bodies]:
        desk.take(*group)

    assert hold_of(desk) == ["equal_time_disagreement"]
    assert [check for check, _, _ in desk.live()] == ["equal_time_disagreement"]


def test_numbered_events_of_one_time_are_in_order(desk):
    desk.take(
        BOOKING,
        siu("S15", visit="V1", at=NOW - HOUR, status="Cancelled", sequence=2),
        siu("S14", visit="V1", at=NOW - HOUR, status="Confirmed", sequence=1),
    )

    assert (desk.visit("V1").status, hold_of(desk)) == ("cancelled", [])


@pytest.mark.parametrize(
    ("seconds", "status", "hold"),
    [(300, "cancelled", []), (301, "booked", ["ahead_of_receipt"])],
    ids=["five minutes ahead", "a second more"],
)
def test_source_time_ahead_of_receipt_is_held(desk, seconds, status, hold):
    ahead = siu("S15", visit="V1", at=NOW + (HOUR / 3600) * seconds, status="Cancelled", starts_at=NOW + 3 * HOUR)

    desk.take(BOOKING, ahead)

    assert (desk.visit("V1").status, hold_of(desk)) == (status, hold)


def test_hold_ends_its_exception_when_the_news_outdates_it(desk):
    desk.take(BOOKING, siu("S15", visit="V1", at=NOW + HOUR, status="Cancelled"))
    assert hold_of(desk) == ["ahead_of_receipt"]

    desk.take(siu("S14", visit="V1", at=NOW + 2 * HOUR, status="Confirmed"), now=NOW + 2 * HOUR)

    assert (hold_of(desk), desk.live()) == ([], [])
