"""Replies come back: stored before 200, once; opt-outs at once, "cancel" asked, a yes never to what has changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connections

from recovery.errors import GuardRefusedError
from recovery.models import Attempt, ItemEvent, Offer, Outbound, QueueItem, Reply
from recovery.outreach.reading_posts import ReplyPost
from recovery.outreach.sending import send_outreach
from recovery.services.answer_reply import answer_reply
from recovery.services.apply_reply import apply_replies, apply_reply
from recovery.services.take_reply import take_reply
from recovery.vocabulary import NextStep, ReplyAnswer
from scheduling.models import Consent
from tests.recovery.outreach.conftest import LATER, MINUTE, MOBILE, NOW, POINTS, stands
from tests.recovery.outreach.test_statuses import post
from tests.support.desk import DAY, HOUR
from tests.support.messages import adt, siu

SECOND = timedelta(seconds=1)
STOPPED = "Northside: no more texts. Questions: 312-555-0100. After STOP, START begins them again."


@pytest.fixture
def sent(worked, write, web):
    written = write()
    send_outreach(NOW)
    return written


def come(text, *, key="r1", value=f"+1{MOBILE}", now=LATER, answers=""):
    """A reply comes in and is taken up."""
    stored = take_reply(ReplyPost(key, value, text, answers), gateway="signed_http", now=now)
    apply_reply(stored.reply_id, now=now)
    return Reply.objects.get(pk=stored.reply_id)


def refusals():
    """(MRN, channel, topic, is allowed) of the ledger, in order."""
    return list(Consent.objects.order_by("pk").values_list("patient__mrn", "channel", "topic", "is_allowed"))


def test_stop_refuses_texts_for_everybody_who_has_the_number(worked, sent):
    worked.hear(adt("A08", at=NOW, patient="N-2", family="Marsh", phone="(312) 555-0142^PRN^CP"))

    reply = come("STOP")

    assert refusals() == [("N-1", "text", "", False), ("N-2", "text", "", False)]
    assert (reply.meaning, reply.effect, reply.handled_at, reply.handled_by) == (
        "stop", "No more messages to 2 people; a confirmation goes out.", LATER, None,
    )  # fmt: skip
    assert ["opted_out_partly", 1, "text"] in worked.item.reasons  # at once, not with the next message


def test_stop_ends_what_waits_and_one_confirmation_goes_within_five_minutes(worked, sent, web):
    waiting = Outbound.objects.create(
        attempt=Attempt.objects.create(
            item=worked.item, patient=worked.patient, clinic=worked.item.clinic, decision="rebook_bumped",
            channel="text", value=MOBILE, person_owner=1, number_owner=sent.attempt.number_owner, at=NOW,
            outcome="sent", outcome_at=NOW, next_step="other_channel",
        ),
        key="waiting", template=sent.template, body="x", send_after=NOW, deadline_at=NOW + DAY,
    )  # fmt: skip

    come("STOP")
    come("STOP", key="r2")
    send_outreach(LATER)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == ("refused", "The patient asked for no more messages.")
    assert [one.said["body"] for one in web.posts[1:]] == [STOPPED]
    confirmation = Outbound.objects.latest("pk")
    assert (confirmation.deadline_at, confirmation.attempt.is_counted) == (LATER + 5 * MINUTE, False)


def test_confirmation_that_is_late_never_goes(worked, sent, web):
    come("STOP")

    send_outreach(LATER + 5 * MINUTE)

    assert (len(web.posts), stands()[-1][0]) == (1, "expired")


def test_start_allows_again(worked, sent):
    come("STOP")
    come("START", key="r2", now=LATER + SECOND)

    assert [row[3] for row in refusals()] == [False, True]


@pytest.mark.parametrize("text", ["CANCEL", "Cancelar por favor"])
def test_cancel_is_a_question_to_a_person(worked, sent, text):
    reply = come(text)

    assert (reply.meaning, reply.effect, reply.handled_at) == ("ask", "Ask them: the visit, or the messages?", None)
    assert refusals() == []
    item = worked.item
    assert (item.next_step, item.not_before) == (NextStep.CALL_BACK, None)


def test_yes_without_an_offer_is_a_call_back(worked, sent):
    reply = come("YES")

    assert (reply.effect, worked.item.next_step) == ("They say yes: call them back to book.", NextStep.CALL_BACK)


def test_yes_to_a_visit_that_changed_is_never_confirmed(worked, sent):
    worked.hear(siu("S12", visit="V2", at=NOW, starts_at=NOW + 5 * DAY), now=LATER)

    reply = come("YES", now=LATER + MINUTE)

    assert (reply.effect, reply.handled_at) == (
        "The chance closed meanwhile, nothing was confirmed: the patient has another visit.", None,
    )  # fmt: skip


@pytest.fixture
def offered(worked, sent):
    """The message offers the slot that the bumped visit left."""
    worked.hear(siu("S12", visit="V8", at=NOW - DAY, starts_at=NOW + 2 * DAY, patient="N-8", phone="3125550188"))
    worked.hear(siu("S15", visit="V8", at=NOW - HOUR, starts_at=NOW + 2 * DAY, patient="N-8", status="Cancelled"))
    slot = QueueItem.objects.get(family="refill", appointment__external_id="V8")
    return Offer.objects.create(
        item=slot, patient=worked.patient, attempt=sent.attempt, made_by=worked.ruth, made_at=NOW,
        expires_at=NOW + HOUR,
    )  # fmt: skip


def test_yes_to_an_offer_takes_it_through_the_guard(worked, offered):
    reply = come("YES")

    offered.refresh_from_db()
    assert (offered.state, reply.effect, reply.handled_at) == (
        "pending", "Accepted; it waits for the booking in the EHR.", LATER,
    )  # fmt: skip


def test_no_to_an_offer_declines_it(worked, offered):
    come("No thanks")

    offered.refresh_from_db()
    assert offered.state == "declined"


def test_yes_to_a_slot_that_was_filled_is_never_confirmed(worked, offered):
    start = NOW + 2 * DAY
    worked.hear(siu("S12", visit="V9", at=NOW, starts_at=start, patient="N-9", phone="3125550199"), now=LATER)

    reply = come("YES", now=LATER + MINUTE)

    offered.refresh_from_db()
    assert (offered.state == "pending", reply.handled_at) == (False, None)
    assert reply.effect.startswith("Not confirmed, call them back: ")


def test_yes_waits_until_what_came_before_it_is_read(worked, offered):
    worked.desk.receive(adt("A08", at=NOW, phone=POINTS), now=LATER)

    waiting = come("YES", now=LATER + SECOND)
    before = (waiting.effect, waiting.handled_at)
    worked.desk.digest(now=LATER + 2 * SECOND)
    apply_replies(LATER + 10 * SECOND)

    waiting.refresh_from_db()
    assert (before, waiting.effect) == (("", None), "Accepted; it waits for the booking in the EHR.")


def test_reply_from_a_number_nobody_has_is_kept(worked, sent):
    reply = come("STOP", value="+13125550777")

    assert (reply.outbound, reply.source, refusals()) == (None, None, [])
    assert reply.effect == "No more messages to 0 people."


def test_naming_somebody_elses_message_links_to_none(worked, sent):
    reply = come("YES", value="+13125550777", answers=sent.key)

    assert reply.outbound is None


def test_address_posts_are_stored_once_and_repeats_change_nothing(client, worked, sent):
    said = {"id": "SM-9", "from": f"+1{MOBILE}", "text": "STOP"}

    with time_machine.travel(LATER, tick=False):
        answers = [
            post(client, "/outreach/replies/signed_http/", one).json() for one in (said, said, said | {"text": "START"})
        ]

    assert answers == [{"taken": True}, {"taken": False}, {"taken": False}]
    assert list(Reply.objects.values_list("key", "body")) == [("signed_http:SM-9", "STOP")]
    assert refusals() == [("N-1", "text", "", False)]


@pytest.mark.parametrize("said", [{}, {"id": "1", "from": "2"}, {"id": 1, "from": "2", "text": ""}, [], "x"], ids=str)
def test_garbage_is_refused_in_a_sentence(client, worked, sent, said):
    answer = post(client, "/outreach/replies/signed_http/", said)

    assert (answer.status_code, answer.json()["error"].endswith("."), Reply.objects.count()) == (400, True, 0)


def test_stored_reply_is_taken_up_by_the_sweep(worked, sent):
    take_reply(ReplyPost("r1", f"+1{MOBILE}", "STOP", ""), gateway="signed_http", now=LATER)

    done = [apply_replies(LATER + 4 * SECOND), apply_replies(LATER + 5 * SECOND), apply_replies(LATER + HOUR)]

    assert (done, len(refusals())) == ([0, 1, 0], 1)


@pytest.mark.django_db(transaction=True)
def test_same_reply_at_once_from_many_is_applied_once(worked, sent):
    def one(_):
        try:
            return come("STOP").pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(one, range(6)))) == 1

    assert refusals() == [("N-1", "text", "", False)]


@pytest.mark.parametrize(
    ("answer", "effect", "step"),
    [
        (ReplyAnswer.STOP, "No more messages to 1 person; a confirmation goes out.", NextStep.CALL_BACK),
        (ReplyAnswer.VISIT, "They cancel the visit: it is to be cancelled in the EHR.", NextStep.SUPERVISOR),
        (ReplyAnswer.CALL, "To be called back.", NextStep.CALL_BACK),
        (ReplyAnswer.DONE, "Answered.", NextStep.CALL_BACK),
    ],
)
def test_person_says_what_was_meant(worked, sent, answer, effect, step):
    reply = come("CANCEL")

    answer_reply(reply.pk, answer, actor=worked.omar, now=LATER + MINUTE)

    reply.refresh_from_db()
    assert (reply.effect, reply.handled_by, reply.handled_at) == (effect, worked.omar, LATER + MINUTE)
    assert worked.item.next_step == step
    assert ItemEvent.objects.filter(kind="answered").count() == (
        2 if answer in (ReplyAnswer.VISIT, ReplyAnswer.CALL) else 1
    )


def test_second_answer_is_refused(worked, sent):
    reply = come("CANCEL")
    answer_reply(reply.pk, ReplyAnswer.DONE, actor=worked.omar, now=LATER)

    with pytest.raises(GuardRefusedError, match="Omar answered it already"):
        answer_reply(reply.pk, ReplyAnswer.STOP, actor=worked.ruth, now=LATER)

    assert refusals() == []
