"""Pages of messages and replies: allowed, wrong state (409), invalid (422), stranger (404), masked, audited."""

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.vocabulary import AuditAction, Role
from recovery.models import Outbound, Reply
from recovery.outreach.sending import send_outreach
from scheduling.models import Patient
from tests.recovery.outreach.conftest import LATER, MOBILE, NOW
from tests.recovery.outreach.test_replies import come


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def ruth(worked, signed_in):
    return signed_in(worked.ruth)


@pytest.fixture
def sent(worked, write, settings):
    settings.OUTREACH_TEXT = "local"
    written = write()
    send_outreach(NOW)
    written.refresh_from_db()
    return written


@pytest.fixture
def asked(sent):
    return come("CANCEL?", value=MOBILE)


def test_messages_are_listed_by_where_they_stand(ruth, sent):
    waiting, out = (ruth.get(f"/recovery/messages/{query}").content.decode() for query in ("", "?split=sent"))

    assert ("Quill" in waiting, "Ada Quill" in out, "Delivered" in out, "0142" in out, MOBILE in out) == (
        False, True, True, True, False,
    )  # fmt: skip
    listed = AuditEntry.objects.get(action=AuditAction.LISTED, subject_kind="recovery.outbound")
    assert (listed.subjects, listed.patients) == ([sent.pk], [sent.attempt.patient_id])


def test_reply_in_the_patients_place_comes_in_as_from_a_gateway(ruth, sent):
    answer = ruth.post(f"/recovery/messages/{sent.pk}/reply/", {"text": "STOP"}, follow=True)

    assert "No more messages to 1 person;" in answer.content.decode()
    assert Reply.objects.get().meaning == "stop"


def test_empty_reply_is_said_so(ruth, sent):
    answer = ruth.post(f"/recovery/messages/{sent.pk}/reply/", {"text": ""})

    assert (answer.status_code, Reply.objects.count()) == (422, 0)


def test_nobody_replies_for_a_patient_where_messages_really_leave(ruth, sent, settings):
    settings.OUTREACH_TEXT = "signed_http"

    assert ruth.post(f"/recovery/messages/{sent.pk}/reply/", {"text": "STOP"}).status_code == 404


def test_restricted_people_are_masked(ruth, sent, asked):
    Patient.objects.update(protection="Y")

    pages = [ruth.get(address).content.decode() for address in ("/recovery/messages/?split=sent", "/recovery/replies/")]

    assert [word for word in ("Quill", "0142", "CANCEL?", "Fri 27 Nov") for page in pages if word in page] == []
    assert ["Restricted" in page for page in pages] == [True, True]


def test_replies_wait_with_what_was_done(ruth, asked):
    page = ruth.get("/recovery/replies/").content.decode()

    shown = ("CANCEL?", "Ask them: the visit, or the messages?", "An opt-out must be honoured by Tue 8 Dec")
    assert [words for words in shown if words not in page] == []
    assert AuditEntry.objects.filter(action=AuditAction.LISTED, subject_kind="recovery.reply").count() == 1


def test_answer_is_recorded_once(ruth, worked, asked, signed_in):
    address = f"/recovery/replies/{asked.pk}/answer/"

    first = ruth.post(address, {"answer": "visit"}, follow=True)
    second = signed_in(worked.omar).post(address, {"answer": "stop"})

    assert "They cancel the visit" in first.content.decode()
    assert (second.status_code, "Ruth answered it already." in second.content.decode()) == (409, True)
    assert "Ruth" in ruth.get("/recovery/replies/?split=done").content.decode()


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_answer_that_is_none_is_asked_for_again(ruth, asked, answer):
    assert ruth.post(f"/recovery/replies/{asked.pk}/answer/", {"answer": answer}).status_code == 422


def test_strangers_find_nothing(asked, sent, person, signed_in, other_clinic):
    client = signed_in(person(Role.ACCESS, clinic=other_clinic))

    assert client.post(f"/recovery/replies/{asked.pk}/answer/", {"answer": "done"}).status_code == 404
    assert client.post(f"/recovery/messages/{sent.pk}/reply/", {"text": "STOP"}).status_code == 404
    assert [client.get(f"/recovery/{name}/").content.decode().count("Quill") for name in ("messages", "replies")] == [
        0,
        0,
    ]
    assert AuditEntry.objects.filter(action=AuditAction.DENIED).count() == 2


def test_roles_without_the_queue_are_refused(asked, person, signed_in, worked):
    client = signed_in(person(Role.MAPPING, source=worked.desk.source))

    assert [client.get(f"/recovery/{name}/").status_code for name in ("messages", "replies")] == [403, 403]


def test_reply_to_no_message_is_its_sources_alone(ruth, worked, sent, person, signed_in):
    Outbound.objects.all().delete()
    come("Who is this", key="r7", value=MOBILE)
    clerk = signed_in(person(Role.ACCESS, clinic=worked.desk.clinics["CARD"]))

    assert ["Who is this" in client.get("/recovery/replies/").content.decode() for client in (ruth, clerk)] == [
        True,
        False,
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(ruth, asked, django_assert_max_num_queries, rows):
    for number in range(1, rows):
        come("CANCEL?", key=f"more{number}", value=MOBILE)
    ruth.get("/recovery/replies/")

    with django_assert_max_num_queries(10):
        ruth.get("/recovery/replies/")
