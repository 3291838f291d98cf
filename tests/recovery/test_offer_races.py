"""Two real processes at one slot or one patient: exactly one wins, and the other is told."""

from contextlib import ExitStack

import pytest

from recovery.models import Offer, QueueItem
from recovery.services.make_offers import make_offers
from tests.recovery.refills import MINUTE, SLOT_AT, make_refill
from tests.recovery.sides import sides_of
from tests.support.desk import DAY, HOUR, NOW, make_desk
from tests.support.messages import adt, siu

ROUNDS = 4
LATER = NOW + MINUTE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sides():
    """``sides(ruth, omar)`` starts a process for each; what it returns moves all at once and gives their answers."""
    with ExitStack() as stack:
        yield lambda *people: stack.enter_context(sides_of(*people))


@pytest.fixture
def refill():
    return make_refill(make_desk())


def again(refill):
    """The slot as it was: no offers, the item free."""
    Offer.objects.all().delete()
    QueueItem.objects.update(claimed_by=None, claimed_at=None, claimed_until=None, next_step="", not_before=None)
    refill.claim()


def test_two_patients_accept_one_slot(refill, sides):
    move = sides(refill.ruth, refill.omar)
    for _ in range(ROUNDS):
        again(refill)
        people = [refill.named(visit) for visit in refill.visits]
        offers = make_offers(refill.item.pk, people, refill.asked(is_batch=True)).offers

        answers = move(*(f"accept {LATER.isoformat()} {offer.pk}" for offer in offers))

        assert sorted(answers) == ["done", "lost"]
        assert sorted(state for _, state in refill.states()) == ["pending", "slot_gone"]


def test_one_answer_and_the_end_of_its_time(refill, sides):
    move = sides(refill.ruth, refill.omar)
    for _ in range(ROUNDS):
        again(refill)
        offer = refill.offer("C1")
        just = offer.expires_at - MINUTE
        refill.hear(adt("A08", at=just, patient="N-77"), now=just)  # the feed is alive

        accepted, _ = move(f"accept {just.isoformat()} {offer.pk}", f"expire {offer.expires_at.isoformat()}")

        expected = {"done": [("C1", "pending")], "offer_expired": [("C1", "expired")]}
        assert refill.states() == expected[accepted]


def test_an_answer_and_the_ehr_that_books_somebody_else(refill, sides):
    move = sides(refill.ruth, refill.omar)
    refill.claim()
    offer = refill.offer("C1")
    ids = refill.desk.receive(siu("S12", visit="B1", at=LATER, starts_at=SLOT_AT, patient="P-2"), now=LATER)

    accepted, digested = move(f"accept {LATER.isoformat()} {offer.pk}", f"digest {LATER.isoformat()} {ids[0]}")

    # Within its first second the message may come second: then the yes stands until the batch ends it.
    assert (digested, accepted in {"done", "unread", "busy", "closed_slot_filled"}) == ("done", True)
    assert (refill.states(), refill.item.close_reason) == ([("C1", "slot_gone")], "slot_filled")


def test_one_patient_is_offered_two_slots(refill, sides):
    refill.hear(
        siu("S12", visit="S2", at=NOW - 20 * DAY, starts_at=SLOT_AT + HOUR, patient="N-2"),
        siu("S15", visit="S2", at=NOW - HOUR, starts_at=SLOT_AT + HOUR, patient="N-2", status="Cancelled"),
    )
    other = QueueItem.objects.get(appointment__external_id="S2")
    move = sides(refill.ruth, refill.ruth)
    visit = refill.desk.visit("C1").pk
    for _ in range(ROUNDS):
        again(refill)
        QueueItem.objects.filter(pk=other.pk).update(
            claimed_by=refill.ruth, claimed_at=NOW, claimed_until=NOW + 10 * MINUTE
        )

        answers = move(*(f"offer {NOW.isoformat()} {item} {visit}" for item in (refill.item.pk, other.pk)))

        assert sorted(answers) == ["done", "live_offer"]
        assert Offer.objects.filter(state="live").count() == 1
