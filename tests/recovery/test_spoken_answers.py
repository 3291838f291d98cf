"""What somebody says to a freed slot on the phone answers its offer with the outcome of the call: one transaction."""

import pytest

from recovery.errors import GuardRefusedError
from recovery.models import Attempt, ItemEvent, Offer
from recovery.services.answer_offer import accept_offer
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.claims import LEASE, end_claims
from recovery.services.make_offers import make_offers
from recovery.services.next_steps import Told
from recovery.vocabulary import AttemptOutcome, Decider, ItemEventKind, Movable, NextStep
from tests.recovery.refills import MINUTE, SLOT_AT, make_refill
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, siu

LATER = NOW + MINUTE
YES = Told(AttemptOutcome.ACCEPTED, NextStep.WAIT_FOR_EHR, note="Will be there")
NO = Told(AttemptOutcome.DECLINED, NextStep.NEXT_PERSON)


@pytest.fixture
def refill(desk):
    made = make_refill(desk)
    made.claim()
    return made


def call(refill, visit="C1", *, now=NOW):
    return begin_call(
        refill.item.pk,
        actor=refill.ruth,
        version=None,
        now=now,
        patient_id=refill.patient(visit).pk,
        visit_id=refill.desk.visit(visit).pk,
    )


def tell(refill, attempt, told=YES, *, now=LATER):
    return record_outcome(attempt.pk, told, actor=refill.ruth, now=now)


def refused(refill, attempt, told=YES, *, now=LATER):
    """The code and sentence that the caller passes on; the outcome is kept."""
    with pytest.raises(GuardRefusedError) as refusal:
        tell(refill, attempt, told, now=now)
    attempt.refresh_from_db()
    return refusal.value.code, str(refusal.value), attempt.outcome, attempt.next_step


def test_yes_to_an_offer_that_is_out_takes_it(refill):
    refill.offer("C1")

    tell(refill, call(refill))

    item = refill.item
    assert refill.states() == [("C1", "pending")]
    assert (item.next_step, item.claimed_by, item.tries) == (NextStep.WAIT_FOR_EHR, None, 1)
    assert Attempt.objects.get().outcome == AttemptOutcome.ACCEPTED


def test_yes_where_nothing_was_out_makes_the_offer_and_takes_it(refill):
    attempt = tell(refill, call(refill))

    offer = Offer.objects.get()
    assert (offer.state, offer.answered_at, offer.attempt, offer.made_by) == ("pending", LATER, attempt, refill.ruth)
    refill.book("B1", patient="P-1", now=LATER + MINUTE)
    assert (refill.states(), refill.item.close_reason) == ([("C1", "booked")], "slot_filled")


def test_yes_counts_though_the_callers_claim_ran_out(refill):
    attempt = call(refill)
    late = NOW + LEASE + MINUTE
    end_claims(late)
    refill.hear(adt("A08", at=late, patient="N-77"), now=late)

    tell(refill, attempt, now=late)

    assert (refill.states(), refill.item.claimed_by) == ([("C1", "pending")], None)


def test_yes_ends_what_others_were_offered(desk):
    refill = make_refill(desk, people=3)
    refill.claim()
    make_offers(refill.item.pk, [refill.named("C1"), refill.named("C2")], refill.asked(is_batch=True))

    tell(refill, call(refill, "C2"))

    assert refill.states() == [("C1", "slot_gone"), ("C2", "pending")]


def test_yes_that_was_recorded_with_the_offer_already_changes_nothing(refill):
    offer = refill.offer("C1")
    attempt = call(refill)
    Offer.objects.filter(pk=offer.pk).update(state="pending", answered_at=NOW)

    tell(refill, attempt)

    assert (refill.states(), Offer.objects.get().answered_at) == ([("C1", "pending")], NOW)


def test_whoever_says_yes_second_is_told_who_was_faster_and_what_was_said_is_kept(desk):
    refill = make_refill(desk, people=3)
    refill.claim()
    first, _ = make_offers(refill.item.pk, [refill.named("C1"), refill.named("C2")], refill.asked(is_batch=True)).offers
    attempt = call(refill, "C2")
    accept_offer(first.pk, actor=refill.omar, now=NOW)

    found = refused(refill, attempt)

    told = "Recorded, but the slot is not theirs: Somebody took it at 09:41 CST."
    assert found == ("accepted", told, AttemptOutcome.ACCEPTED, NextStep.CLOSE)
    assert refill.states() == [("C1", "pending"), ("C2", "slot_gone")]
    assert (refill.item.next_step, refill.item.tries) == (NextStep.WAIT_FOR_EHR, 1)
    assert ItemEvent.objects.filter(kind=ItemEventKind.REFUSED, reason="accepted").count() == 1


def test_yes_to_a_slot_that_is_offered_to_somebody_else_waits_for_their_answer(refill):
    attempt = call(refill, "C2")
    refill.offer("C1")

    found = refused(refill, attempt)

    assert (found[0], found[2:]) == ("offered", (AttemptOutcome.ACCEPTED, NextStep.NEXT_PERSON))
    assert refill.states() == [("C1", "live")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (siu("S12", visit="B1", at=NOW, starts_at=SLOT_AT, patient="P-2"), "closed_slot_filled"),
        (
            siu("S15", visit="C1", at=NOW, starts_at=SLOT_AT + 10 * DAY + HOUR, patient="P-1", status="Cancelled"),
            "candidate_gone",
        ),
    ],
    ids=["the slot was filled", "their own visit went"],
)
def test_yes_to_what_changed_while_the_phone_rang(refill, body, code):
    attempt = call(refill)
    refill.hear(body, now=LATER)

    found = refused(refill, attempt)

    assert (found[0], found[2]) == (code, AttemptOutcome.ACCEPTED)
    assert Offer.objects.count() == 0


@pytest.mark.parametrize(
    ("rule", "step", "sentence"),
    [
        ({"movable": Movable.REVIEW}, NextStep.CLINICIAN, "Say which reviewer agreed."),
        ({"decider": Decider.SUPERVISOR}, NextStep.SUPERVISOR, "A supervisor decides about this visit type."),
    ],
    ids=["review", "supervisor"],
)
def test_yes_that_somebody_else_has_to_agree_to_goes_to_them(refill, rule, step, sentence):
    refill.desk.clinics["CARD"].visittyperule_versions.update(**rule)

    found = refused(refill, call(refill))

    assert (found[0], sentence in found[1], found[3]) == ("undecided", True, step)
    assert (refill.item.next_step, refill.item.claimed_by, Offer.objects.count()) == (step, None, 0)


def test_yes_while_messages_wait_is_recorded_a_moment_later(refill):
    attempt = call(refill)
    ids = refill.desk.receive(siu("S12", visit="Z", at=NOW, starts_at=SLOT_AT + 3 * DAY, patient="N-9"), now=NOW)

    assert refused(refill, attempt)[0::2] == ("unread", "")
    refill.desk.digest(ids, now=LATER)
    tell(refill, attempt)

    assert refill.states() == [("C1", "pending")]


def test_no_ends_the_offer_and_the_slot_goes_on(refill):
    refill.offer("C1")

    tell(refill, call(refill), NO)

    assert (refill.states(), refill.item.next_step) == ([("C1", "declined")], NextStep.NEXT_PERSON)
    assert refill.offer("C2", now=LATER).state == "live"
