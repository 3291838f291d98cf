"""Offers on the item's page: whom to ask, what is out, and answers; refusals keep the page."""

import pytest
import time_machine

from accounts.models import AuditEntry
from recovery.models import Offer, WaitlistEntry
from recovery.vocabulary import Movable
from scheduling.models import Patient
from tests.recovery.refills import SLOT_AT, make_refill
from tests.support.desk import DAY, NOW


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def refill(desk):
    made = make_refill(desk)
    made.claim()
    return made


@pytest.fixture
def client(refill, signed_in):
    return signed_in(refill.ruth)


def post_offer(client, refill, *visits, **more):
    people = [f"-{refill.desk.visit(visit).pk}" for visit in visits]
    data = {"version": refill.item.version, "person": people} | more
    return client.post(f"/recovery/{refill.item.pk}/offer/?whole=1", data)


def post_answer(client, refill, offer, answer):
    return client.post(f"/recovery/{refill.item.pk}/offers/{offer.pk}/answer/?whole=1", {"answer": answer})


def page(client, refill):
    return client.get(f"/recovery/{refill.item.pk}/").content.decode()


def test_offer_is_made_and_its_end_is_shown_with_the_answers(client, refill):
    assert post_offer(client, refill, "C1").status_code == 302

    text = page(client, refill)
    assert "1 h left, until" in text
    assert ("Takes it" in text, "Says no" in text) == (True, True)
    assert AuditEntry.objects.filter(detail__verb="offer").count() == 1


def test_whoever_was_offered_the_slot_can_be_called_about_it(client, refill):
    post_offer(client, refill, "C1")

    pane = client.get(f"/recovery/{refill.item.pk}/").context["pane"]

    assert sorted(one.is_offered for one in pane.candidates.fitting) == [False, True]


def test_answers_are_recorded(client, refill):
    post_offer(client, refill, "C1")
    offer = Offer.objects.get()

    assert post_answer(client, refill, offer, "accepted").status_code == 302

    assert refill.states() == [("C1", "pending")]
    assert "Book it in the EHR; its message closes this." in page(client, refill)


def test_several_are_asked_at_once_where_the_policy_says_so(client, refill):
    pane = client.get(f"/recovery/{refill.item.pk}/").context["pane"]
    assert (pane.candidates.may_ask_several, len(pane.candidates.batch)) == (True, 2)

    post_offer(client, refill, "C1", "C2")

    assert refill.states() == [("C1", "live"), ("C2", "live")]


def test_lost_race_is_a_409_with_its_sentence(client, refill):
    post_offer(client, refill, "C1", "C2")
    first, second = Offer.objects.order_by("pk")
    post_answer(client, refill, first, "accepted")

    response = post_answer(client, refill, second, "accepted")

    assert response.status_code == 409
    assert "Somebody else took it at 09:41 CST." in response.content.decode()


@pytest.mark.parametrize(
    "data",
    [{"person": []}, {"person": ["-"]}, {"person": ["x-1"]}, {"version": ""}],
    ids=["none", "empty", "words", "no version"],
)  # fmt: skip
def test_offer_that_names_nobody_is_a_422(client, refill, data):
    assert client.post(f"/recovery/{refill.item.pk}/offer/", {"version": 1, "person": ["-1"]} | data).status_code == 422


def test_answer_that_is_none_is_a_422(client, refill):
    post_offer(client, refill, "C1")

    assert post_answer(client, refill, Offer.objects.get(), "perhaps").status_code == 422


def test_review_is_asked_for_where_the_type_needs_one(client, refill):
    refill.desk.clinics["CARD"].visittyperule_versions.update(movable=Movable.REVIEW)

    assert "Who agreed to move" in page(client, refill)
    assert post_offer(client, refill, "C1").status_code == 422
    assert post_offer(client, refill, "C1", review="Dr Okafor").status_code == 302


def test_offer_of_a_restricted_patient_hides_the_name(client, refill):
    post_offer(client, refill, "C1")
    Patient.objects.filter(pk=refill.patient("C1").pk).update(vip="Y", given="Zelda")

    text = page(client, refill)

    assert ("Restricted" in text, "Zelda" in text) == (True, False)


def test_strangers_page_is_missing(refill, person, signed_in, other_clinic):
    stranger = signed_in(person("access", clinic=other_clinic))

    assert stranger.post(f"/recovery/{refill.item.pk}/offer/", {"version": 1, "person": "-1"}).status_code == 404


def test_somebody_on_the_waitlist_without_a_visit_is_offered_it(client, refill):
    patient = refill.patient("C2")
    refill.desk.visit("C2").delete()
    entry = WaitlistEntry.objects.create(
        source=refill.desk.source, patient=patient, clinic=refill.desk.clinics["CARD"], visit_type="ECHO",
        origin="staff", since=NOW - 50 * DAY, added_at=NOW,
    )  # fmt: skip

    assert "on the waitlist" in page(client, refill)
    data = {"version": refill.item.version, "person": f"{entry.pk}-"}
    assert client.post(f"/recovery/{refill.item.pk}/offer/", data).status_code == 302
    assert Offer.objects.get().entry == entry
    refill.book("B1", patient="P-2", now=NOW, starts_at=SLOT_AT)
    entry.refresh_from_db()
    assert (Offer.objects.get().state, entry.state) == ("booked", "booked")
