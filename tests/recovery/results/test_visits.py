"""Missed visits by how long they were booked ahead; visits at risk that were to be confirmed."""

from datetime import timedelta

import pytest

from recovery.metrics.definitions import LEAD_BANDS
from recovery.metrics.measures import Chain, Ratio, Share
from recovery.selectors.results import read_results
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.claims import claim_item
from recovery.services.next_steps import Told
from recovery.vocabulary import AttemptOutcome, Family, NextStep
from tests.recovery.worked import MINUTE, VISIT_AT, make_asked
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

STARTS_AT = NOW + 2 * HOUR  # 11:41 in Chicago


def visit(desk, name, *, ahead, status, starts_at=STARTS_AT):
    desk.take(siu("S12", visit=name, at=starts_at - ahead, starts_at=starts_at))
    desk.take(siu("S14", visit=name, at=starts_at + HOUR, starts_at=starts_at, status=status), now=starts_at + HOUR)


def leads(scope, **more):
    figures = read_results(scope(now=NOW + DAY, **more)).figures
    found = {key: figures[f"lead_{key}"].measure for key, _, _ in LEAD_BANDS}
    return {key: share for key, share in found.items() if share.whole}


@pytest.mark.parametrize(
    ("ahead", "band"),
    [
        (HOUR, "same_day"),
        (11 * HOUR, "same_day"),
        (12 * HOUR, "week"),
        (6 * DAY, "week"),
        (7 * DAY, "fortnight"),
        (13 * DAY, "fortnight"),
        (14 * DAY, "month"),
        (29 * DAY, "month"),
        (30 * DAY, "longer"),
        (400 * DAY, "longer"),
    ],
    ids=["an hour", "the same morning", "the evening before", "6 days", "7", "13", "14", "29", "30", "over a year"],
)
def test_lead_is_counted_in_days_of_the_clinics_calendar(desk, scope, ahead, band):
    visit(desk, "V1", ahead=ahead, status="Noshow")

    assert leads(scope) == {band: Share(1, 1)}


def test_lead_over_a_dst_change_is_whole_days(desk, scope):
    """Booked before clocks went back on 1 November, at a later clock time: six days and 23 hours, seven dates."""
    starts_at = NOW - 17 * DAY
    visit(desk, "V1", ahead=7 * DAY - HOUR, status="Noshow", starts_at=starts_at)

    assert leads(scope) == {"fortnight": Share(1, 1)}


def test_only_visits_that_ended_count(desk, scope):
    for number, status in enumerate(("Noshow", "Complete", "Complete", "Cancelled", "Booked", "ZZ9")):
        visit(desk, f"V{number}", ahead=timedelta(days=3), status=status)

    assert leads(scope) == {"week": Share(1, 3)}


def test_leads_are_of_every_kind_of_work(desk, scope):
    visit(desk, "V1", ahead=DAY, status="Complete")

    assert [leads(scope, families=(family,)) for family in ("refill", "rebook_missed")] == [{"week": Share(0, 1)}] * 2


def test_visits_at_risk_are_found_acted_on_completed(desk, scope):
    asked = make_asked(desk)

    def work():
        over = VISIT_AT + 2 * HOUR
        figures = read_results(scope(now=over, families=(Family.CONFIRM,))).figures
        return figures["yield_confirm"].measure, figures["contacts_confirm"].measure

    assert work() == (Chain(1, 0, 0), Ratio(0, 0))

    claim_item(asked.item.pk, actor=asked.ruth, version=None, now=NOW)
    attempt = begin_call(asked.item.pk, actor=asked.ruth, version=None, now=NOW)
    told = Told(AttemptOutcome.CONFIRMED, NextStep.WAIT_FOR_EHR)
    record_outcome(attempt.pk, told, actor=asked.ruth, now=NOW + MINUTE)
    assert work() == (Chain(1, 1, 0), Ratio(1, 0))

    at = VISIT_AT + HOUR
    asked.hear(siu("S14", visit="V1", at=at, starts_at=VISIT_AT, status="Complete"), now=at)
    assert work() == (Chain(1, 1, 1), Ratio(1, 1))
