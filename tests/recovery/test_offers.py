"""Offers: one slot, one yes, pending until the EHR books, dead at once when the slot is filled elsewhere."""

from datetime import timedelta

import pytest

from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import ItemEvent, Offer, QueueItem
from recovery.offering import BOOK_WITHIN
from recovery.services.answer_offer import accept_offer, decline_offer, withdraw_offer
from recovery.services.claims import claim_item
from recovery.services.expire_items import expire_items
from recovery.services.expire_offers import expire_offers
from recovery.services.make_offers import make_offer, make_offers
from recovery.vocabulary import Decider, ItemEventKind, Movable, NextStep
from tests.recovery.refills import MINUTE, SLOT_AT, make_refill
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, siu

LATER = NOW + MINUTE
OWN_AT = SLOT_AT + 10 * DAY + HOUR  # the first candidate's own visit


@pytest.fixture
def refill(desk):
    made = make_refill(desk)
    made.claim()
    return made


def refused(act, *args, **kwargs):
    with pytest.raises(GuardRefusedError) as refusal:
        act(*args, **kwargs)
    return refusal.value.code, str(refusal.value)


def test_offer_stands_until_the_policys_window_ends(refill):
    offer = refill.offer("C1")

    assert (offer.state, offer.expires_at, offer.patient_id) == ("live", NOW + HOUR, refill.patient("C1").pk)
    assert list(ItemEvent.objects.filter(kind=ItemEventKind.OFFERED).values_list("item", flat=True)) == [refill.item.pk]


def test_a_second_offer_of_one_slot_waits_for_the_first(refill):
    refill.offer("C1")

    assert refused(refill.offer, "C2") == ("offered", "It is offered to somebody until 10:41 CST.")


def test_nobody_has_two_live_offers(refill):
    refill.offer("C1")
    refill.hear(
        siu("S12", visit="S2", at=NOW - 20 * DAY, starts_at=SLOT_AT + HOUR, patient="N-2"),
        siu("S15", visit="S2", at=NOW - HOUR, starts_at=SLOT_AT + HOUR, patient="N-2", status="Cancelled"),
    )
    other = QueueItem.objects.get(appointment__external_id="S2")
    from_other = make_refill_of(refill, other)

    assert refused(from_other, "C1") == ("live_offer", "Another slot is offered to them now.")


def make_refill_of(refill, item):
    claim_item(item.pk, actor=refill.ruth, version=None, now=NOW)
    return lambda visit: make_offer(item.pk, refill.named(visit), refill.asked())


def test_offer_needs_the_item_in_hand(refill):
    assert refused(refill.offer, "C1", actor=refill.omar)[0] == "taken"


def test_offer_is_refused_by_an_older_page(refill):
    assert refused(refill.offer, "C1", version=refill.item.version - 1)[0] == "changed"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (siu("S15", visit="C1", at=NOW, starts_at=OWN_AT, patient="P-1", status="Cancelled"), "candidate_gone"),
        (siu("S13", visit="C1", at=NOW, starts_at=SLOT_AT + DAY, patient="P-1"), "candidate_gone"),
        (adt("A08", at=NOW, patient="P-1", died_at=NOW - DAY), "died"),
    ],
    ids=["own visit cancelled", "own visit moved close", "died"],
)  # fmt: skip
def test_candidate_changed_before_the_offer(refill, body, code):
    refill.hear(body, now=LATER)

    assert refused(refill.offer, "C1", now=LATER)[0] == code


def test_never_more_than_three_offers_in_seven_days(refill):
    for day in range(3):
        Offer.objects.create(
            item=refill.item, patient=refill.patient("C1"), made_at=NOW - (7 - day) * DAY + MINUTE,
            expires_at=NOW - 3 * DAY + HOUR, state="declined", answered_at=NOW, settled_at=NOW,
        )  # fmt: skip

    assert refused(refill.offer, "C1")[0] == "offered_often"
    assert refill.offer("C2").state == "live"


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"movable": Movable.REVIEW}, "Say which reviewer agreed."),
        ({"decider": Decider.CLINICIAN}, "Say which clinician agreed."),
        ({"decider": Decider.SUPERVISOR}, "A supervisor decides about this visit type."),
    ],
    ids=["review", "clinician", "supervisor"],
)
def test_what_a_scheduler_may_not_decide_alone(refill, rule, sentence):
    refill.desk.clinics["CARD"].visittyperule_versions.update(**rule)

    with pytest.raises(InvalidActError) as refusal:
        refill.offer("C1")

    assert str(refusal.value) == sentence
    assert Offer.objects.count() == 0


def test_review_that_somebody_gave_lets_the_offer_out(refill):
    refill.desk.clinics["CARD"].visittyperule_versions.update(movable=Movable.REVIEW)

    assert refill.offer("C1", review="Dr Okafor, by phone").state == "live"


def test_first_yes_wins_and_the_second_is_told_when(refill):
    first, second = make_offers(
        refill.item.pk, [refill.named("C1"), refill.named("C2")], refill.asked(is_batch=True)
    ).offers
    accept_offer(first.pk, actor=refill.omar, now=LATER)

    assert refused(accept_offer, second.pk, actor=refill.ruth, now=LATER + MINUTE) == (
        "lost",
        "Somebody else took it at 09:42 CST.",
    )
    assert refill.states() == [("C1", "pending"), ("C2", "slot_gone")]


def test_batch_asks_no_more_people_than_the_step_allows(desk):
    refill = make_refill(desk, people=4)
    refill.claim()
    made = make_offers(refill.item.pk, [refill.named(visit) for visit in refill.visits], refill.asked(is_batch=True))

    assert (len(made.offers), made.refusals) == (2, ())
    assert {offer.round for offer in made.offers} == {1}


def test_accepted_offer_is_pending_until_the_ehr_books_that_person(refill):
    offer = refill.offer("C1")
    accept_offer(offer.pk, actor=refill.ruth, now=LATER)
    item = refill.item
    assert (refill.states(), item.state, item.next_step) == ([("C1", "pending")], "open", NextStep.WAIT_FOR_EHR)

    refill.book("B1", patient="P-1", now=LATER + MINUTE)

    assert (refill.states(), refill.item.close_reason) == ([("C1", "booked")], "slot_filled")


def test_slot_filled_by_somebody_else_kills_live_and_accepted_offers_in_the_same_batch(desk):
    refill = make_refill(desk, people=3)
    refill.claim()
    live, accepted = make_offers(
        refill.item.pk, [refill.named("C1"), refill.named("C2")], refill.asked(is_batch=True)
    ).offers
    Offer.objects.filter(pk=accepted.pk).update(state="pending", answered_at=NOW)
    refill.book("B1", patient="P-3", now=LATER)

    assert refill.states() == [("C1", "slot_gone"), ("C2", "slot_gone")]
    assert refused(accept_offer, live.pk, actor=refill.ruth, now=LATER + MINUTE)[0] == "closed_slot_filled"


def test_booking_of_the_offered_person_before_their_answer_counts_as_yes(refill):
    refill.offer("C1")
    refill.book("B1", patient="P-1", now=LATER)

    assert refill.states() == [("C1", "booked")]


def test_accept_is_refused_while_a_message_waits(refill):
    offer = refill.offer("C1")
    refill.desk.receive(siu("S12", visit="B1", at=LATER, starts_at=SLOT_AT, patient="P-2"), now=LATER)

    assert refused(accept_offer, offer.pk, actor=refill.ruth, now=LATER + MINUTE)[0] == "unread"
    assert refill.states() == [("C1", "live")]


def test_accept_is_refused_when_their_own_visit_went(refill):
    offer = refill.offer("C1")
    refill.hear(
        siu("S15", visit="C1", at=LATER, starts_at=OWN_AT, patient="P-1", status="Cancelled"),
        now=LATER,
    )

    assert refused(accept_offer, offer.pk, actor=refill.ruth, now=LATER + MINUTE)[0] == "candidate_moved"


@pytest.mark.parametrize(
    ("late", "is_refused"), [(-timedelta(seconds=1), False), (timedelta(0), True)], ids=["in time", "on the end"]
)
def test_answer_counts_until_the_window_ends(refill, late, is_refused):
    offer = refill.offer("C1")
    now = offer.expires_at + late
    refill.hear(adt("A08", at=now, patient="N-77"), now=now)  # the feed is alive

    if is_refused:
        assert refused(accept_offer, offer.pk, actor=refill.ruth, now=now) == (
            "ran_out",
            "The offer ran out at 10:41 CST.",
        )
    else:
        assert accept_offer(offer.pk, actor=refill.ruth, now=now).state == "pending"


def test_expiry_proposes_the_next_person_and_changes_nothing_twice(refill):
    offer = refill.offer("C1")

    assert [expire_offers(now) for now in (NOW, offer.expires_at, offer.expires_at)] == [0, 1, 0]
    item = refill.item
    assert (refill.states(), item.next_step, item.not_before) == ([("C1", "expired")], NextStep.NEXT_PERSON, None)


def test_no_frees_the_slot_for_the_next(refill):
    offer = refill.offer("C1")
    decline_offer(offer.pk, actor=refill.ruth, now=LATER)

    assert (refill.states(), refill.item.next_step) == ([("C1", "declined")], NextStep.NEXT_PERSON)
    assert refill.offer("C2", now=LATER).round == 2


def test_no_is_recorded_though_the_slot_went(refill):
    offer = refill.offer("C1")
    refill.book("B1", patient="P-2", now=LATER)

    assert refused(decline_offer, offer.pk, actor=refill.ruth, now=LATER)[0] == "offer_slot_gone"


def test_accepted_offer_without_a_booking_becomes_work_again(refill):
    accept_offer(refill.offer("C1").pk, actor=refill.ruth, now=LATER)

    expire_offers(LATER + BOOK_WITHIN - MINUTE)
    assert refill.item.next_step == NextStep.WAIT_FOR_EHR
    expire_offers(LATER + BOOK_WITHIN)
    assert (refill.item.next_step, refill.item.not_before) == (NextStep.BOOK_IT, None)


def test_accepted_offer_can_be_taken_back_and_the_slot_offered_again(refill):
    offer = refill.offer("C1")
    accept_offer(offer.pk, actor=refill.ruth, now=LATER)
    withdraw_offer(offer.pk, actor=refill.ruth, now=LATER, reason="No referral")
    refill.claim(now=LATER)

    assert refill.offer("C2", now=LATER).state == "live"
    assert refill.states() == [("C1", "withdrawn"), ("C2", "live")]


def test_chance_that_ended_ends_its_offers_and_a_late_booking_still_counts(refill):
    first = refill.offer("C1")
    accept_offer(first.pk, actor=refill.ruth, now=LATER)
    end = SLOT_AT - 35 * MINUTE
    expire_items(end)
    expire_offers(end)
    assert (refill.states(), refill.item.close_reason) == ([("C1", "pending")], "expired")

    refill.book("B1", patient="P-1", now=end + MINUTE)

    assert refill.states() == [("C1", "booked")]


def test_accepted_offer_that_nobody_ever_booked_ends_with_the_start(refill):
    accept_offer(refill.offer("C1").pk, actor=refill.ruth, now=LATER)
    expire_items(SLOT_AT - MINUTE)

    expire_offers(SLOT_AT)

    assert refill.states() == [("C1", "slot_gone")]
