"""Offers that leave as texts: linked to their message, and a batch that goes on to the next people by itself."""

import pytest
from django.test import override_settings

from accounts.models import Grant
from recovery.errors import InvalidActError
from recovery.models import Attempt, ContactPolicy, MessageTemplate, Offer, OfferPolicy, Outbound
from recovery.offering import DEFAULT_RULES, store_steps
from recovery.services.claims import claim_item, release_item
from recovery.services.expire_offers import expire_offers
from recovery.services.make_offers import make_offers
from recovery.vocabulary import NextStep, OutreachChannel
from tests.recovery.refills import make_refill
from tests.support.desk import HOUR, LONG_AGO, NOW
from tests.support.messages import adt

WORDS = "{practice}: a visit is free {day} {time}. Reply YES or call {phone}. STOP ends texts."


@pytest.fixture
def refill(desk, settings):
    """A refill with four people who have mobiles, an approved wording, and texts switched on."""
    settings.OUTREACH_TEXT = "signed_http"
    settings.OUTREACH_URL, settings.OUTREACH_SECRET = "https://gateway.example", "s3cret-s3cret"
    made = make_refill(desk, people=0)
    for number in range(1, 5):
        made.add(number, phone=f"312555{number:04}^PRN^CP")
    author, approver = desk.people
    ContactPolicy.objects.create(
        clinic=desk.clinics["CARD"], weekdays_from="09:00", weekdays_until="20:00", sundays_from="12:00",
        sundays_until="20:00", practice="Northside", callback="312-555-0100", valid_from=LONG_AGO, recorded_at=LONG_AGO,
    )  # fmt: skip
    MessageTemplate.objects.create(
        topic="refill", channel="text", language="en", version=1, body=WORDS, written_by=author, written_at=LONG_AGO,
        approved_by=approver, approved_at=LONG_AGO,
    )  # fmt: skip
    made.claim()
    return made


def batch(refill, now=NOW):
    people = [refill.named(visit) for visit in refill.visits]
    return make_offers(refill.item.pk, people, refill.asked(now, is_batch=True, channel=OutreachChannel.TEXT)).offers


def test_offer_by_text_leaves_with_its_own_end(refill):
    offer = refill.offer("C1", channel=OutreachChannel.TEXT)

    outbound = Outbound.objects.get()
    assert (offer.attempt, outbound.deadline_at) == (outbound.attempt, offer.expires_at)
    assert Attempt.objects.get().value == "3125550001"


def test_offer_by_text_where_texts_are_off_makes_nothing(refill, settings):
    settings.OUTREACH_TEXT = ""

    with pytest.raises(InvalidActError):
        refill.offer("C1", channel=OutreachChannel.TEXT)
    assert (Offer.objects.count(), Attempt.objects.count()) == (0, 0)


def later(refill, end):
    """The feed is alive at the end of the offers."""
    refill.hear(adt("A08", at=end, patient="N-77"), now=end)
    return end


def test_batch_that_nobody_took_goes_on_to_the_next_people(refill):
    first = batch(refill)
    release_item(refill.item.pk, actor=refill.ruth, now=NOW)

    expire_offers(later(refill, NOW + HOUR))

    rounds = sorted(Offer.objects.values_list("round", "state"))
    assert rounds == [(1, "expired"), (1, "expired"), (2, "live"), (2, "live")]
    assert {offer.patient_id for offer in first}.isdisjoint(
        Offer.objects.filter(round=2).values_list("patient", flat=True)
    )
    assert refill.item.claimed_by is None


def test_batch_does_not_go_on_while_a_colleague_works_on_it(refill):
    batch(refill)
    release_item(refill.item.pk, actor=refill.ruth, now=NOW)
    end = later(refill, NOW + HOUR)
    claim_item(refill.item.pk, actor=refill.omar, version=None, now=end)

    expire_offers(end)

    assert (Offer.objects.filter(state="live").count(), refill.item.next_step) == (0, NextStep.NEXT_PERSON)


def test_batch_does_not_go_on_for_who_lost_the_right(refill):
    batch(refill)
    release_item(refill.item.pk, actor=refill.ruth, now=NOW)
    Grant.objects.filter(user=refill.ruth).delete()

    expire_offers(later(refill, NOW + HOUR))

    assert Offer.objects.filter(state="live").count() == 0


def test_offers_by_phone_do_not_go_on_by_themselves(refill):
    people = [refill.named(visit) for visit in refill.visits]
    make_offers(refill.item.pk, people, refill.asked(is_batch=True))
    release_item(refill.item.pk, actor=refill.ruth, now=NOW)

    expire_offers(later(refill, NOW + HOUR))

    assert Offer.objects.filter(state="live").count() == 0


def channels(refill, *names):
    """The clinic's order of channels."""
    OfferPolicy.objects.create(
        clinic=refill.desk.clinics["CARD"], steps=store_steps(DEFAULT_RULES.steps), channels=list(names),
        valid_from=LONG_AGO, recorded_at=LONG_AGO,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("order", "made_by", "step", "why"),
    [
        (["text", "call"], OutreachChannel.TEXT, NextStep.OTHER_CHANNEL, "No answer in time; call them."),
        (["call", "text"], OutreachChannel.CALL, NextStep.OTHER_CHANNEL, "No answer in time; text them."),
        (["call", "text"], OutreachChannel.TEXT, NextStep.NEXT_PERSON, "No answer in time."),
        (["text"], OutreachChannel.TEXT, NextStep.OTHER_CHANNEL, "No answer in time; call them."),
        (["text", "email"], OutreachChannel.CALL, NextStep.NEXT_PERSON, "No answer in time."),
    ],
    ids=["text, then a call", "call, then a text", "nothing comes after", "a person comes last", "a person was asked"],
)
def test_one_offer_without_an_answer_goes_on_by_the_clinics_next_channel(refill, order, made_by, step, why):
    channels(refill, *order)
    offer = refill.offer("C1", channel=made_by)
    release_item(refill.item.pk, actor=refill.ruth, now=NOW)

    expire_offers(later(refill, NOW + HOUR))

    offer.refresh_from_db()
    assert (refill.item.next_step, offer.state, offer.why) == (step, "expired", why)


def test_batch_goes_on_in_writing_to_the_same_people_before_the_next(refill):
    """Their e-mail addresses are on file, and e-mails come after texts at this clinic."""
    channels(refill, "text", "email")
    author, approver = refill.desk.people
    MessageTemplate.objects.create(
        topic="refill", channel="email", language="en", version=1, subject="A sooner visit", body=WORDS,
        written_by=author, written_at=LONG_AGO, approved_by=approver, approved_at=LONG_AGO,
    )  # fmt: skip
    asked = {offer.patient_id for offer in batch(refill)}
    for number in (1, 2):
        ways = f"312555{number:04}^PRN^CP~^NET^Internet^p{number}@mail.example"
        refill.hear(adt("A08", at=NOW, patient=f"P-{number}", phone=ways))
    release_item(refill.item.pk, actor=refill.ruth, now=NOW)

    with override_settings(OUTREACH_EMAIL="signed_http"):
        expire_offers(later(refill, NOW + HOUR))

    live = Offer.objects.filter(state="live").values_list("patient", "attempt__channel")
    assert set(live) == {(pk, "email") for pk in asked}


def test_batch_comes_back_to_a_person_where_nobody_is_left_to_write_to(refill):
    for visit in ("C3", "C4"):
        Offer.objects.filter(patient=refill.patient(visit)).delete()
        refill.visits.remove(visit)
        refill.hear(adt("A08", at=NOW, patient=f"P-{visit[1]}", phone=f"312555000{visit[1]}^PRN^CP", died_at=NOW))
    batch(refill)
    release_item(refill.item.pk, actor=refill.ruth, now=NOW)

    expire_offers(later(refill, NOW + HOUR))

    assert refill.item.next_step == NextStep.OTHER_CHANNEL
    assert set(Offer.objects.values_list("why", flat=True)) == {"No answer in time; call them."}
