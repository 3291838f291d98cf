"""Lost visits rebooked in time, through the real pipeline: merges, other clinics, what the queue did about them."""

from datetime import timedelta

import pytest

from recovery.metrics.measures import Chain, Ratio, Share
from recovery.models import QueueItem
from recovery.selectors.results import Behind, behind, read_results
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.claims import claim_item
from recovery.services.next_steps import Told
from recovery.vocabulary import AttemptOutcome, Family, NextStep
from scheduling.models import Patient
from tests.recovery.worked import make_worked
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, merge, siu

MISSED_AT = NOW - 9 * DAY  # a Sunday; the week of Monday 9 November
COUNTED = NOW + 30 * DAY


def miss(desk, visit="V1", *, at=MISSED_AT, patient="N-1", **more):
    desk.take(siu("S12", visit=visit, at=at - 20 * DAY, starts_at=at, patient=patient, **more), now=at)
    desk.take(
        siu("S26", visit=visit, at=at + HOUR, starts_at=at, patient=patient, status="Noshow", **more), now=at + HOUR
    )


def rebook(desk, *, booked_at, visit="V2", starts_at=NOW + 20 * DAY, patient="N-1", **more):
    desk.take(siu("S12", visit=visit, at=booked_at, starts_at=starts_at, patient=patient, **more), now=booked_at)


def shares(scope, **more):
    found = read_results(scope(**more)).figures
    return [found[name].measure for name in ("missed_7", "missed_30", "bumped_5")]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (6, [Share(1, 1), Share(1, 1), Share()]),
        (8, [Share(0, 1), Share(1, 1), Share()]),
        (31, [Share(0, 1), Share(0, 1), Share()]),
    ],
    ids=["within 7 days", "within 30 days", "later"],
)
def test_missed_visit_that_was_rebooked(desk, scope, days, expected):
    miss(desk)
    rebook(desk, booked_at=MISSED_AT + days * DAY, starts_at=MISSED_AT + 40 * DAY)

    assert shares(scope, now=COUNTED) == expected


def test_missed_visit_whose_days_are_not_over(desk, scope):
    miss(desk)

    assert shares(scope, now=MISSED_AT + 6 * DAY) == [Share(), Share(), Share()]
    assert shares(scope, now=MISSED_AT + 8 * DAY) == [Share(0, 1), Share(), Share()]


def test_rebooking_under_another_record_of_the_person_counts_once_they_are_merged(desk, scope):
    miss(desk)
    rebook(desk, booked_at=MISSED_AT + DAY, patient="N-2")
    assert shares(scope, now=COUNTED)[0] == Share(0, 1)

    desk.take(merge(at=NOW, survivor="N-2", retired="N-1"))

    assert shares(scope, now=COUNTED)[0] == Share(1, 1)


def test_rebooking_that_was_cancelled_again_does_not_count(desk, scope):
    miss(desk)
    rebook(desk, booked_at=MISSED_AT + DAY)
    desk.take(siu("S15", visit="V2", at=NOW, starts_at=NOW + 20 * DAY, status="Cancelled"))

    assert shares(scope, now=COUNTED)[0] == Share(0, 1)


def test_rebooking_at_another_clinic_counts_for_the_clinic_that_lost_the_visit(desk, scope):
    miss(desk)
    rebook(desk, booked_at=MISSED_AT + DAY, clinic="DERM")
    derm = desk.clinics.pop("DERM")
    assert shares(scope, now=COUNTED)[0] == Share(1, 1)

    desk.clinics = {"DERM": derm}
    assert shares(scope, now=COUNTED)[0] == Share()


def test_visits_of_the_dead_are_left_out(desk, scope):
    miss(desk)
    desk.take(adt("A08", at=NOW, died_at=NOW - DAY))

    assert shares(scope, now=COUNTED) == [Share(), Share(), Share()]


def test_days_of_the_period_are_those_of_the_miss(desk, scope):
    miss(desk)

    assert shares(scope, now=COUNTED, first=MISSED_AT, last=MISSED_AT)[0] == Share(0, 1)
    assert shares(scope, now=COUNTED, first=MISSED_AT + DAY)[0] == Share()
    assert shares(scope, now=COUNTED, last=MISSED_AT - DAY)[0] == Share()


def test_misses_are_told_week_by_week(desk, scope):
    miss(desk)
    miss(desk, "V5", at=MISSED_AT + DAY, patient="N-5")

    weeks = read_results(scope(now=COUNTED, first=MISSED_AT, last=MISSED_AT + DAY)).figures["missed_7"].weeks

    assert [(f"{monday:%m-%d}", share) for monday, share in weeks] == [("11-09", Share(0, 1)), ("11-16", Share(0, 1))]


@pytest.fixture
def worked(desk):
    """A visit bumped on Tuesday at 08:41 in Chicago; five business days end with next Tuesday."""
    return make_worked(desk)


@pytest.mark.parametrize(
    ("booked_at", "expected"),
    [(NOW + 7 * DAY, Share(1, 1)), (NOW + 8 * DAY, Share(0, 1))],
    ids=["on the fifth business day", "on the sixth"],
)
def test_bumped_visit_that_was_rebooked(worked, scope, booked_at, expected):
    rebook(worked.desk, booked_at=booked_at, starts_at=NOW + 30 * DAY)

    assert shares(scope, now=NOW + 9 * DAY, last=NOW + DAY)[2] == expected
    assert shares(scope, now=NOW + 6 * DAY, last=NOW + DAY)[2] == Share()


def call(worked, outcome=AttemptOutcome.BOOKED, step=NextStep.WAIT_FOR_EHR):
    item = worked.item
    claim_item(item.pk, actor=worked.ruth, version=None, now=NOW)
    attempt = begin_call(item.pk, actor=worked.ruth, version=None, now=NOW)
    record_outcome(attempt.pk, Told(outcome, step), actor=worked.ruth, now=NOW + timedelta(minutes=2))
    return item


def work(scope, **more):
    found = read_results(scope(**more)).figures
    return found["yield_rebook_bumped"].measure, found["contacts_rebook_bumped"].measure


def test_work_on_lost_visits_is_found_acted_on_completed(worked, scope):
    asked = {"now": NOW + 40 * DAY, "last": NOW + DAY}
    assert work(scope, **asked) == (Chain(1, 0, 0), Ratio(0, 0))

    call(worked)
    assert work(scope, **asked) == (Chain(1, 1, 0), Ratio(1, 0))

    starts_at = NOW + 5 * DAY
    rebook(worked.desk, booked_at=NOW + HOUR, starts_at=starts_at)
    worked.hear(
        siu("S14", visit="V2", at=starts_at + HOUR, starts_at=starts_at, status="Complete"), now=starts_at + HOUR
    )
    assert work(scope, **asked) == (Chain(1, 1, 1), Ratio(1, 1))


def test_lost_visits_behind_a_figure_are_named_by_item(worked, scope):
    item = call(worked)
    rebook(worked.desk, booked_at=NOW + HOUR, starts_at=NOW + 5 * DAY)
    found = read_results(scope(now=NOW + 9 * DAY, families=(Family.REBOOK_BUMPED,)))
    row = Behind(item.pk, Family.REBOOK_BUMPED, "Card", NOW.date(), "Rebooked")

    assert [behind(found, figure, 5) for figure in ("bumped_5", "yield_rebook_bumped", None)] == [[row]] * 3
    assert behind(found, "missed_7", 5) == []


def test_lost_visits_of_restricted_patients_are_counted_and_not_listed(worked, scope):
    Patient.objects.update(vip="VIP")
    found = read_results(scope(now=NOW + 9 * DAY, families=(Family.REBOOK_BUMPED,)))

    assert found.figures["bumped_5"].measure == Share(0, 1)
    assert behind(found, None, 5) == []


def test_nobody_lost_a_visit(desk, scope):
    assert shares(scope) == [Share(), Share(), Share()]
    assert not QueueItem.objects.exists()
