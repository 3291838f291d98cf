"""Offers on the item's page: whom to ask, what is out, and answers; refusals keep the page."""

import psycopg
import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.vocabulary import AuditAction
from recovery.models import Attempt, Offer, WaitlistEntry
from recovery.vocabulary import Movable
from scheduling.models import Patient
from tests.recovery.refills import SLOT_AT, make_refill
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu


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


def candidates(client, refill):
    """The answer of the part that lists who could take the slot."""
    return client.get(f"/recovery/{refill.item.pk}/candidates/", headers={"HX-Request": "true"})


def test_offer_is_made_and_its_end_is_shown_with_the_answers(client, refill):
    assert post_offer(client, refill, "C1").status_code == 302

    text = page(client, refill)
    assert "1 h left, until" in text
    assert ("Takes it" in text, "Says no" in text) == (True, True)
    assert AuditEntry.objects.filter(detail__verb="offer").count() == 1


def test_whoever_was_offered_the_slot_can_be_called_about_it(client, refill):
    post_offer(client, refill, "C1")

    shown = candidates(client, refill).context["shown"]

    assert sorted(one.is_offered for one in shown.found.fitting) == [False, True]


def test_answers_are_recorded(client, refill):
    post_offer(client, refill, "C1")
    offer = Offer.objects.get()

    assert post_answer(client, refill, offer, "accepted").status_code == 302

    assert refill.states() == [("C1", "pending")]
    assert "Book it in the EHR; its message closes this." in page(client, refill)


def test_several_are_asked_at_once_where_the_policy_says_so(client, refill):
    found = candidates(client, refill).context["shown"].found
    assert (found.may_ask_several, len(found.batch)) == (True, 2)

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

    assert "Who agreed to the move" in post_offer(client, refill, "C1", look="1", channel="call").content.decode()
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

    assert "on the waitlist" in candidates(client, refill).content.decode()
    data = {"version": refill.item.version, "person": f"{entry.pk}-"}
    assert client.post(f"/recovery/{refill.item.pk}/offer/", data).status_code == 302
    assert Offer.objects.get().entry == entry
    refill.book("B1", patient="P-2", now=NOW, starts_at=SLOT_AT)
    entry.refresh_from_db()
    assert (Offer.objects.get().state, entry.state) == ("booked", "booked")


def statements(monkeypatch, do):
    """How many statements an act sends, by Django's cursors and by those that bind on the server."""
    sent = []
    execute = psycopg.Cursor.execute

    def counted(cursor, query, *args, **more):
        sent.append(str(query))
        return execute(cursor, query, *args, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    do()
    monkeypatch.setattr(psycopg.Cursor, "execute", execute)
    return [one for one in sent if not one.lstrip().startswith(("SAVEPOINT", "RELEASE"))]


def test_opening_a_refill_looks_for_nobody(client, refill, monkeypatch):
    client.get(f"/recovery/{refill.item.pk}/")  # whatever is kept is kept

    opened = statements(monkeypatch, lambda: client.get(f"/recovery/{refill.item.pk}/"))

    assert len(opened) <= 10, "\n".join(opened)
    assert not any("recovery_waitlistentry" in one for one in opened)


def test_the_list_of_people_takes_the_same_statements_however_many_they_are(client, refill, monkeypatch):
    candidates(client, refill)
    two = statements(monkeypatch, lambda: candidates(client, refill))
    for number in range(3, 7):
        refill.add(number)

    six = statements(monkeypatch, lambda: candidates(client, refill))

    assert len(candidates(client, refill).context["shown"].cards) == 6
    assert len(two) == len(six), "\n".join(six)


def test_a_card_says_why_they_fit_what_they_gain_and_how_they_are_reached(client, refill):
    refill.add(3, days=20)

    best = candidates(client, refill).context["shown"].cards[0]

    one = best.candidate
    assert (one.name, one.days_sooner, one.fits) == ("Ada Quill", 20, "Same visit type. Their own provider.")
    assert (one.waited_days, one.own_at, best.offered) == (3, SLOT_AT + 20 * DAY + 3 * HOUR, "Not asked in 7 days")
    assert [(way.name, way.tone, way.note) for way in best.ways] == [
        ("Call", "fresh", ""), ("Text", "idle", "No mobile on file."), ("E-mail", "idle", "No e-mail address on file."),
    ]  # fmt: skip


def test_the_order_says_how_fair_it_is(client, refill):
    refill.add(3, days=80)

    assert candidates(client, refill).context["shown"].found.fair == (
        "Waits longest: Ada Quill, 3 days, stands first. Nobody here was asked in 7 days."
    )


def test_names_that_are_shown_are_in_the_trail(client, refill):
    AuditEntry.objects.all().delete()

    candidates(client, refill)

    (read,) = AuditEntry.objects.filter(action=AuditAction.READ)
    assert read.patients == sorted([refill.patient("C1").pk, refill.patient("C2").pk])


def test_a_call_begins_with_whoever_was_chosen(client, refill):
    data = {"version": refill.item.version, "person": f"-{refill.desk.visit('C2').pk}"}

    response = client.post(f"/recovery/{refill.item.pk}/call/?whole=1", data)

    assert response.status_code == 302
    assert Attempt.objects.get().patient == refill.patient("C2")


@pytest.mark.parametrize(
    ("person", "status", "sentence"),
    [("", 422, "Choose whom to call."), ("-0", 409, "They do not fit this slot any more.")],
    ids=["nobody", "no candidate"],
)
def test_a_call_to_nobody_who_fits_is_refused(client, refill, person, status, sentence):
    response = client.post(f"/recovery/{refill.item.pk}/call/", {"version": refill.item.version, "person": person})

    assert (response.status_code, sentence in response.content.decode()) == (status, True)
    assert Attempt.objects.count() == 0


def test_a_slot_of_a_restricted_patient_lists_nobody_and_says_why(client, refill):
    leaver = refill.item.appointment.patient
    Patient.objects.filter(pk=leaver.pk).update(vip="Y")

    text = candidates(client, refill).content.decode()

    assert "a restricted patient gave this slot back" in text
    assert "Ada Quill" not in text


def test_what_was_typed_survives_a_refused_offer(client, refill):
    refill.desk.clinics["CARD"].visittyperule_versions.update(movable=Movable.REVIEW)
    refill.hear(siu("S15", visit="C1", at=NOW, starts_at=SLOT_AT + 10 * DAY + HOUR, status="Cancelled", patient="P-1"))

    response = post_offer(client, refill, "C1", review="Dr Okafor")

    assert response.status_code == 409
    assert "They do not fit this slot any more." in response.content.decode()
    assert response.context["review"] == "Dr Okafor"


def test_who_only_looks_offers_nothing(refill, person, signed_in):
    launch = signed_in(person("launch", clinic=refill.item.clinic))

    answer = launch.get(f"/recovery/{refill.item.pk}/candidates/")
    offer = launch.post(f"/recovery/{refill.item.pk}/offer/", {"version": 1, "person": "-1"})

    assert (answer.status_code, "Take the item to offer it." in answer.content.decode()) == (200, True)
    assert offer.status_code == 403
