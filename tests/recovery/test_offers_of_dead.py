"""Deceased: whoever is heard to have died is offered nothing any more, and their slot is free for the next at once."""

from datetime import timedelta

import pytest

from recovery.errors import GuardRefusedError
from recovery.models import Offer
from recovery.services.answer_offer import accept_offer
from recovery.vocabulary import NextStep
from tests.recovery.refills import MINUTE, make_refill
from tests.support.desk import DAY, NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture
from tests.support.messages import adt, merge

LATER = NOW + MINUTE


@pytest.fixture
def refill(desk):
    made = make_refill(desk)
    made.claim()
    return made


def death(patient):
    return adt("A08", at=NOW, patient=patient, died_at=NOW - DAY)


def test_deceased_are_offered_nothing_any_more_and_the_slot_is_free(refill):
    offer = refill.offer("C1")

    refill.hear(death("P-1"), now=LATER)

    offer.refresh_from_db()
    assert (offer.state, offer.why, offer.settled_at) == ("withdrawn", "The patient has died.", LATER)
    assert (refill.item.next_step, refill.item.not_before) == (NextStep.NEXT_PERSON, None)
    assert refill.offer("C2", now=LATER).state == "live"


def test_deceased_whose_yes_waits_for_its_booking_keep_no_slot(refill):
    offer = refill.offer("C1")
    accept_offer(offer.pk, actor=refill.ruth, now=NOW)

    refill.hear(death("P-1"), now=LATER)

    assert refill.states() == [("C1", "withdrawn")]
    assert refill.item.next_step == NextStep.NEXT_PERSON


def test_deceased_do_not_end_the_offers_of_others(refill):
    offer = refill.offer("C1")
    refill.hear(death("P-2"), now=LATER)

    offer.refresh_from_db()
    assert offer.state == "live"


def test_deceased_by_the_record_that_was_merged_away_count_too(refill):
    refill.hear(adt("A08", at=NOW - DAY, patient="P-9"), merge(at=NOW - DAY, survivor="P-1", retired="P-9"))
    refill.offer("C1")

    refill.hear(death("P-9"), now=LATER)

    assert refill.states() == [("C1", "withdrawn")]


def test_the_death_told_twice_changes_nothing(refill):
    refill.offer("C1")
    refill.hear(death("P-1"), now=LATER)
    version = refill.item.version

    refill.hear(adt("A08", at=NOW + timedelta(seconds=1), patient="P-1", died_at=NOW - DAY), now=LATER + MINUTE)

    assert (refill.item.version, Offer.objects.count()) == (version, 1)


def test_a_yes_of_the_dead_is_never_taken(refill):
    offer = refill.offer("C1")
    refill.hear(death("P-1"), now=LATER)

    with pytest.raises(GuardRefusedError, match="Taken back"):
        accept_offer(offer.pk, actor=refill.ruth, now=LATER)
