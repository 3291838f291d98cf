"""The contact page of an item: every way with its reasons, marks, consent, reveals; and who may see what."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from accounts.vocabulary import AuditAction, Role
from recovery.contacting.owners import number_owner
from recovery.models import ContactMark, ContactPolicy, ItemEvent, QueueItem, Reveal
from recovery.services.claims import claim_item
from recovery.services.mark_contact import mark_contact
from recovery.vocabulary import Family, ItemEventKind, Mark, OutreachChannel
from scheduling.models import Consent, Patient
from tests.recovery.worked import make_worked
from tests.support.desk import DAY, HOUR, NOW
from tests.support.wordings import approve_text

MOBILE = "3125550142"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def worked(desk):
    return make_worked(desk)


@pytest.fixture
def ruth(worked, signed_in):
    """Access staff, signed in."""
    return signed_in(worked.ruth)


def page(client, worked, *, status=200):
    response = client.get(f"/recovery/{worked.item.pk}/contact/")
    assert response.status_code == status
    return response.content.decode()


def restrict(worked):
    Patient.objects.filter(pk=worked.patient.pk).update(vip="VIP")
    worked.patient.versions.create(
        statement={"vip": "VIP"}, order_key=b"\xff" * 29, valid_from=NOW, recorded_at=NOW, is_effective=True
    )


def sent(client, worked, what, **fields):
    return client.post(f"/recovery/{worked.item.pk}/{what}/", fields)


def test_every_way_is_shown_with_its_reasons_and_no_whole_number(ruth, worked):
    text = page(ruth, worked)

    for words in ("No mobile on file.", "No e-mail address on file.", "May be used", "Never reached", "Ada Quill"):
        assert words in text
    assert MOBILE not in text


def test_quiet_hours_say_when_again_in_both_times(ruth, worked):
    with time_machine.travel(NOW + 11 * HOUR, tick=False):
        text = page(ruth, worked)

    assert "Not now, again in 12 h 19 (Wed 09:00 CST)" in text


@pytest.mark.parametrize(("hours", "is_said"), [(10, True), (20, False)], ids=["dies at night", "lives on"])
def test_quiet_hours_that_outlast_the_chance_are_said(worked, signed_in, hours, is_said):
    evening = NOW + 11 * HOUR  # 20:41 in Chicago
    QueueItem.objects.filter(pk=worked.item.pk).update(useful_until=evening + hours * HOUR)
    with time_machine.travel(evening, tick=False):
        text = page(signed_in(worked.ruth), worked)

    assert ("The chance ends before that." in text) == is_said


def test_voicemail_withholds_the_specialty(ruth, worked):
    ContactPolicy.objects.create(
        clinic=worked.desk.clinics["CARD"], valid_from=NOW - DAY, recorded_at=NOW - DAY, weekdays_from="09:00",
        weekdays_until="20:00", sundays_from="12:00", sundays_until="20:00", practice="Northfield Health",
        callback="312-555-0100",
    )  # fmt: skip
    body = "This is {practice} for {first_name}. Please call {phone}."
    approve_text("en", channel=OutreachChannel.CALL, body=body)

    text = page(ruth, worked)

    assert "This is Northfield Health for Ada. Please call 312-555-0100." in text
    assert "Not said: day, time, place, provider, clinic, visit." in text
    assert "Echocardiogram" not in text


def test_without_a_name_and_number_of_ours_nothing_is_said(ruth, worked):
    approve_text("en", channel=OutreachChannel.CALL, body="This is {practice}. Call {phone}.")

    assert "Nothing is known for {phone}, {practice}." in page(ruth, worked)


def test_wrong_number_closes_the_way_for_everybody_and_is_audited(ruth, worked):
    response = sent(ruth, worked, "contact/mark", number=number_owner(MOBILE), mark="wrong")

    made = ContactMark.objects.get()
    assert (response.status_code, made.mark, made.value, made.recorded_by) == (302, Mark.WRONG, MOBILE, worked.ruth)
    assert "Every number is wrong." in page(ruth, worked)
    entry = AuditEntry.objects.get(action=AuditAction.CHANGED)
    assert (entry.patients, entry.detail) == ([worked.patient.pk], {"mark": "wrong"})


def test_confirmed_number_says_since_when(ruth, worked):
    sent(ruth, worked, "contact/mark", number=number_owner(MOBILE), mark="confirmed")

    assert "Confirmed Tue 24 Nov 2026" in page(ruth, worked)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"number": 1, "mark": "wrong"}, "This number is not on file any more."),
        ({"number": 1, "mark": "reached"}, "Say whether the number is right or wrong."),
        ({}, "Say whether the number is right or wrong."),
    ],
    ids=["not on file", "a mark of calls", "nothing said"],
)
def test_mark_that_makes_no_sense_is_refused(ruth, worked, fields, sentence):
    response = sent(ruth, worked, "contact/mark", **fields)

    assert (response.status_code, ContactMark.objects.count()) == (422, 0)
    assert sentence in response.content.decode()


def test_spoken_refusal_counts_at_once_with_who_and_when(ruth, worked):
    response = sent(ruth, worked, "contact/consent", is_allowed="no", channel="call", topic="")

    line = Consent.objects.get()
    assert response.status_code == 302
    assert (line.channel, line.topic, line.is_allowed, line.valid_from, line.recorded_by) == (
        "call", "", False, NOW, worked.ruth
    )  # fmt: skip
    assert "Call: refused by the patient." in page(ruth, worked)


def test_permission_lifts_a_refusal_and_both_lines_stay(ruth, worked):
    sent(ruth, worked, "contact/consent", is_allowed="no", channel="", topic="")
    with time_machine.travel(NOW + 10 * MINUTE, tick=False):
        sent(ruth, worked, "contact/consent", is_allowed="yes", channel="", topic="")
        text = page(ruth, worked)

    assert "refused by the patient" not in text
    assert list(Consent.objects.order_by("recorded_at").values_list("channel", "is_allowed")) == [
        ("all", False), ("all", True)
    ]  # fmt: skip


def test_restricted_patient_stays_hidden_until_a_reason_is_given(ruth, worked):
    restrict(worked)
    claim_item(worked.item.pk, actor=worked.ruth, version=worked.item.version, now=NOW)

    before = page(ruth, worked)
    response = sent(ruth, worked, "reveal", reason="She asked us to call today", version=worked.item.version)
    after = page(ruth, worked)

    assert (response.status_code, "Quill" in before, "Quill" in after) == (302, False, True)
    shown = Reveal.objects.get()
    assert (shown.person, shown.reason, shown.expires_at) == (
        worked.ruth, "She asked us to call today", NOW + 30 * MINUTE
    )  # fmt: skip
    assert ItemEvent.objects.filter(kind=ItemEventKind.REVEALED).count() == 1
    assert AuditEntry.objects.get(action=AuditAction.REVEALED).patients == [worked.patient.pk]


def test_reveal_ends_by_itself_and_is_nobody_elses(ruth, worked, signed_in):
    restrict(worked)
    Reveal.objects.create(
        patient=worked.patient, person=worked.ruth, reason="Calls her now", at=NOW, expires_at=NOW + 10 * MINUTE
    )

    assert "Quill" in page(ruth, worked)
    assert "Quill" not in page(signed_in(worked.omar), worked)
    with time_machine.travel(NOW + 10 * MINUTE, tick=False):
        assert "Quill" not in page(ruth, worked)


def test_whoever_gave_a_reason_may_call_from_the_item_and_lists_stay_hidden(ruth, worked):
    restrict(worked)
    claim_item(worked.item.pk, actor=worked.ruth, version=worked.item.version, now=NOW)
    item = f"/recovery/{worked.item.pk}/"
    before = ruth.get(item).content.decode()

    sent(ruth, worked, "reveal", reason="She asked us to call today", version=worked.item.version)
    after = ruth.get(item).content.decode()

    assert [("Ada Quill" in text, f"{item}call/" in text) for text in (before, after)] == [(False, False), (True, True)]
    listed = ruth.get("/recovery/").content.decode()
    assert (item in listed, "Restricted" in listed, "Ada Quill" in listed) == (True, True, False)


def test_nobody_marks_or_records_what_they_may_not_see(ruth, worked):
    restrict(worked)

    answers = [
        sent(ruth, worked, "contact/mark", number=number_owner(MOBILE), mark="wrong").status_code,
        sent(ruth, worked, "contact/consent", is_allowed="no", channel="", topic="").status_code,
    ]

    assert (answers, ContactMark.objects.count(), Consent.objects.count()) == ([409, 409], 0, 0)


@pytest.mark.parametrize(
    ("reason", "is_taken", "status"),
    [("short", True, 422), ("She asked us to call", False, 409)],
    ids=["no reason", "not taken"],
)
def test_reveal_is_refused(ruth, worked, reason, is_taken, status):
    restrict(worked)
    if is_taken:
        claim_item(worked.item.pk, actor=worked.ruth, version=worked.item.version, now=NOW)

    response = sent(ruth, worked, "reveal", reason=reason, version=worked.item.version)

    assert (response.status_code, Reveal.objects.count()) == (status, 0)
    assert reason in response.content.decode()


def test_slot_has_nobody_to_reach_yet(ruth, worked):
    slot = QueueItem.objects.get(family=Family.REFILL)

    response = ruth.get(f"/recovery/{slot.pk}/contact/")

    assert (response.status_code, "Choose somebody for the slot first." in response.content.decode()) == (200, True)


def test_supervisors_review_who_looked(worked, person, signed_in):
    Reveal.objects.create(
        patient=worked.patient, person=worked.ruth, reason="She asked us to call", at=NOW, expires_at=NOW + HOUR
    )
    supervisor = person(Role.SUPERVISOR, clinic=worked.desk.clinics["CARD"])
    elsewhere = person(Role.SUPERVISOR, clinic=worked.desk.clinics["DERM"])

    texts = [signed_in(one).get("/recovery/reveals/").content.decode() for one in (supervisor, elsewhere)]

    assert ["She asked us to call" in text for text in texts] == [True, False]
    assert signed_in(worked.omar).get("/recovery/reveals/").status_code == 403


@pytest.mark.parametrize("table", ["ContactMark", "Reveal", "ContactPolicy", "Consent"])
def test_what_was_noted_can_neither_be_changed_nor_removed(worked, table):
    rows = {
        "ContactMark": lambda: mark_contact(
            worked.patient.pk, number_owner(MOBILE), Mark.WRONG, clinic=None, actor=worked.ruth, now=NOW
        ),
        "Reveal": lambda: Reveal.objects.create(
            patient=worked.patient, person=worked.ruth, reason="x", at=NOW, expires_at=NOW + HOUR
        ),
        "ContactPolicy": lambda: ContactPolicy.objects.create(
            clinic=worked.desk.clinics["CARD"], valid_from=NOW, recorded_at=NOW, weekdays_from="09:00",
            weekdays_until="20:00", sundays_from="12:00", sundays_until="20:00",
        ),
        "Consent": lambda: Consent.objects.create(
            patient=worked.patient, channel="text", is_allowed=False, valid_from=NOW, recorded_at=NOW
        ),
    }  # fmt: skip
    row = rows[table]()
    same = type(row)._default_manager.filter(pk=row.pk)

    for change in (same.delete, lambda: same.update(id=row.pk)):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.parametrize("numbers", [1, 12], ids=["one number", "twelve numbers"])
def test_page_takes_the_same_queries_however_many_numbers(ruth, worked, django_assert_max_num_queries, numbers):
    points = [["phone", "home", f"31255501{number:02}", None, None] for number in range(numbers)]
    worked.patient.versions.create(
        statement={"phones_home": points}, order_key=b"\xff" * 29, valid_from=NOW, recorded_at=NOW, is_effective=True
    )
    page(ruth, worked)

    with django_assert_max_num_queries(25):
        assert page(ruth, worked).count("Never reached") == numbers + 1
