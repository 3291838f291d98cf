"""Promised bookings that do not come become exceptions, and go away with the booking or the promise."""

import pytest

from exceptions.models import IntegrationException
from exceptions.services.run_survey import run_survey
from recovery.bookings.checks import HEARD_WITHIN, NOT_BOOKED, NOT_HEARD
from recovery.offering import BOOK_WITHIN
from recovery.services.answer_offer import accept_offer, withdraw_offer
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.claims import claim_item
from recovery.services.expire_offers import expire_offers
from recovery.services.next_steps import Told
from recovery.vocabulary import AttemptOutcome, NextStep
from scheduling.vocabulary import Decision
from tests.recovery.refills import MINUTE, SLOT_AT, make_refill
from tests.recovery.worked import VISIT_AT, make_worked
from tests.support.desk import DAY, NOW
from tests.support.messages import siu


def live(at):
    """Live findings of the survey by check and clinic, as of a moment."""
    run_survey("bookings", now=at)
    found = IntegrationException.objects.filter(check_id__in=[NOT_BOOKED, NOT_HEARD], live_count__gt=0)
    return sorted(found.values_list("check_id", "clinic__key"))


@pytest.fixture
def accepted(desk):
    """An accepted offer."""
    refill = make_refill(desk)
    refill.claim()
    accept_offer(refill.offer("C1").pk, actor=refill.ruth, now=NOW)
    return refill


@pytest.fixture
def told(desk):
    """A call about a bumped visit that ended with "Booked a visit"."""
    worked = make_worked(desk)
    claim_item(worked.item.pk, actor=worked.ruth, version=None, now=NOW)
    attempt = begin_call(worked.item.pk, actor=worked.ruth, version=None, now=NOW)
    record_outcome(attempt.pk, Told(AttemptOutcome.BOOKED, NextStep.WAIT_FOR_EHR), actor=worked.ruth, now=NOW)
    return worked


def test_accepted_offer_without_a_booking_is_found_and_clears_with_the_booking(accepted):
    due = NOW + BOOK_WITHIN
    before, fired = live(due - MINUTE), live(due)

    exception = IntegrationException.objects.get(check_id=NOT_BOOKED)
    assert exception.kind.blocks == {Decision.WEEKLY_REPORT}
    accepted.book("B1", patient="P-1", now=due + MINUTE)
    assert (before, fired, live(due + 2 * MINUTE)) == ([], [(NOT_BOOKED, "card")], [])


def test_offer_that_was_taken_back_is_owed_no_booking(accepted):
    due = NOW + BOOK_WITHIN
    fired = live(due)
    withdraw_offer(accepted.item.offers.get().pk, actor=accepted.ruth, now=due)

    assert (fired, live(due + MINUTE)) == ([(NOT_BOOKED, "card")], [])


def test_slot_that_has_begun_is_owed_no_booking(accepted):
    assert live(SLOT_AT) == []


def test_told_booking_that_never_came_is_found_and_clears_with_the_visit(told):
    due = NOW + HEARD_WITHIN
    before, fired = live(due - MINUTE), live(due)
    told.hear(siu("S12", visit="V2", at=due, starts_at=VISIT_AT + DAY), now=due + MINUTE)

    assert (before, fired, live(due + 2 * MINUTE)) == ([], [(NOT_HEARD, "card")], [])


def test_told_booking_that_never_came_is_work_again(told):
    due = NOW + HEARD_WITHIN
    expire_offers(due - MINUTE)
    assert told.item.next_step == NextStep.WAIT_FOR_EHR
    expire_offers(due)
    assert (told.item.next_step, told.item.not_before) == (NextStep.BOOK_IT, None)


def test_what_was_told_since_counts(told):
    """They call again, and nobody answers: nothing is promised any more."""
    from_now = NOW + HEARD_WITHIN
    told.hear(siu("S12", visit="Z", at=from_now, starts_at=VISIT_AT + DAY, patient="N-9"), now=from_now)
    claim_item(told.item.pk, actor=told.omar, version=None, now=from_now)
    attempt = begin_call(told.item.pk, actor=told.omar, version=None, now=from_now)
    record_outcome(attempt.pk, Told(AttemptOutcome.NO_ANSWER, NextStep.TRY_AGAIN), actor=told.omar, now=from_now)

    assert live(from_now + MINUTE) == []
