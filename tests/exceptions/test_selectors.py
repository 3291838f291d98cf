"""What other floors ask."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions.models import IntegrationException, Membership
from exceptions.selectors import Impact, blocking_for, impact
from exceptions.vocabulary import Severity, State, SubjectKind
from scheduling.models import Appointment
from scheduling.vocabulary import PATIENT_FACING, REBOOKS, REFILLS, Decision

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
ONE, TWO, THREE = ((SubjectKind.APPOINTMENT, number) for number in (1, 2, 3))


def test_blocks_name_decisions_and_owner_worst_first(run, change, booked, place):
    bumped = booked(("unmapped_status", "S15 ZZ9"), status="bumped", visit_type=None, patient_id=None)
    run(change(1, bumped), change(2, booked()))

    found = blocking_for([ONE, TWO])

    (blocks,) = found.values()
    assert list(found) == [ONE]
    assert [block.kind.severity for block in blocks] == [Severity.BLOCKING, Severity.BLOCKING, Severity.DEGRADED]
    assert {(block.kind.id, block.raw, block.decisions, block.team, block.owner) for block in blocks} == {
        ("unmapped_status", "S15 ZZ9", frozenset(PATIENT_FACING), "Mapping", ""),
        ("missing_patient", "", frozenset({*REBOOKS, Decision.CONFIRM}), "Integration", ""),
        ("missing_visit_type", "", frozenset(REFILLS), "Integration", ""),
    }


def test_closed_exception_blocks_nothing_and_a_muted_one_does(run, change, booked):
    run(change(1, booked(status="missed", patient_id=None)), change(2, booked(("unmapped_status", ""))))
    IntegrationException.objects.filter(check_id="missing_patient").update(state=State.RESOLVED, resolved_at=NOON)
    IntegrationException.objects.filter(check_id="unmapped_status").update(state=State.MUTED, muted_until=NOON)

    assert list(blocking_for([ONE, TWO])) == [TWO]


def test_finding_about_one_decision_blocks_only_that(run, change, booked):
    run(change(1, booked(("unmapped_status", ""))))
    Membership.objects.update(decision=Decision.CONFIRM)

    assert [block.decisions for block in blocking_for([ONE])[ONE]] == [frozenset({Decision.CONFIRM})]


@pytest.mark.parametrize("size", [1, 3])
def test_blocks_of_many_subjects_take_one_query(run, change, booked, size):
    run(*(change(number, booked(("unmapped_status", ""))) for number in range(1, 4)))

    with CaptureQueriesContext(connection) as queries:
        assert len(blocking_for([ONE, TWO, THREE][:size])) == size

    assert len(queries) == 1


def visit(pk, place, starts_at, **changed):
    facts = {"status": "booked", "clinic": place.imaging, "said_at": NOON, "heard_at": NOON}
    Appointment.objects.create(
        pk=pk, source=place.lakeview, external_id=str(pk), starts_at=starts_at, order_key=b"", events=1,
        **facts | changed,
    )  # fmt: skip


def held_at(run, change, booked, place, starts, now=NOON):
    for pk, start in enumerate(starts, 1):
        visit(pk, place, start)
        run(change(pk, booked(("unmapped_status", ""))))
    return impact(IntegrationException.objects.select_related("clinic", "source").get(), now)


def test_impact_counts_by_local_hour(run, change, booked, place):
    starts = [NOON + timedelta(hours=4, minutes=m) for m in (0, 59)] + [NOON + timedelta(hours=6), NOON + timedelta(2)]

    cost = held_at(run, change, booked, place, starts)

    assert (cost.held, cost.slots, cost.first_day) == (4, 3, date(2026, 11, 24))
    assert cost.first_day_hours == [("10", 2), ("11", 0), ("12", 1)]


def test_impact_of_a_visit_taken_back_is_nothing(run, change, booked, place):
    visit(1, place, NOON + timedelta(hours=1), status="entered_in_error")
    visit(2, place, NOON + timedelta(hours=1), status=None)
    run(*(change(pk, booked(("unmapped_status", ""))) for pk in (1, 2)))

    cost = impact(IntegrationException.objects.get(), NOON)

    assert (cost.held, cost.slots) == (2, 1)


def test_hours_of_the_day_the_clocks_go_back_stand_twice(run, change, booked, place):
    first = datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO)
    starts = [first.astimezone(UTC), (first.replace(fold=1)).astimezone(UTC)]

    cost = held_at(run, change, booked, place, starts, now=starts[0] - timedelta(hours=1))

    assert cost.slots == 2
    assert cost.first_day_hours == [("01", 1), ("01", 1)]


def test_impact_of_nothing():
    assert (Impact(0, 0).first_day, Impact(0, 0).first_day_hours) == (None, [])
