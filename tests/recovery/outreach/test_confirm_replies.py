"""A text asks whether they will come: the yes is entered in the EHR; a yes to a visit that changed never counts."""

from datetime import timedelta

import pytest

from recovery.models import Outbound, Reply
from recovery.outreach.reading_posts import ReplyPost
from recovery.outreach.sending import send_outreach
from recovery.services.apply_reply import apply_reply
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.claims import claim_item
from recovery.services.next_steps import Told
from recovery.services.send_outreach import send_message
from recovery.services.take_reply import take_reply
from recovery.vocabulary import AttemptOutcome, NextStep, OutreachChannel
from tests.recovery.outreach.conftest import LATER, MINUTE, MOBILE, NOW, POINTS, VISIT_AT, counted, stands, wordings
from tests.recovery.worked import make_asked
from tests.support.desk import DAY, HOUR
from tests.support.messages import siu

WILL_COME = "They will come; it is to be entered in the EHR."


@pytest.fixture
def asked(desk):
    made = make_asked(desk, POINTS)
    wordings(desk)
    return made


@pytest.fixture
def sent(asked, web):
    """Ruth wrote the text and it left."""
    item = claim_item(asked.item.pk, actor=asked.ruth, version=None, now=NOW)
    send_message(item.pk, OutreachChannel.TEXT, actor=asked.ruth, version=item.version, now=NOW)
    send_outreach(NOW)
    return asked


def come(text, *, now=LATER):
    """A reply comes in and is taken up: what was done, and whether nobody has to look at it."""
    stored = take_reply(ReplyPost("r1", f"+1{MOBILE}", text, ""), gateway="signed_http", now=now)
    apply_reply(stored.reply_id, now=now)
    reply = Reply.objects.get(pk=stored.reply_id)
    return reply.effect, reply.handled_at is not None


def test_the_text_names_the_visit_and_leaves(sent, web):
    assert stands() == [("sent", 1, "")]
    assert [post.said["body"] for post in web.posts] == [
        "Northside: your visit is Fri 27 Nov 09:41. Reply YES or call 312-555-0100. STOP ends texts."
    ]
    assert counted() == [("text", "sent", "other_channel", True)]


def test_yes_is_entered_in_the_ehr(sent):
    assert come("YES") == (WILL_COME, True)

    item = sent.item
    assert (item.state, item.next_step, item.not_before) == ("open", NextStep.BOOK_IT, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (siu("S13", visit="V1", at=NOW, starts_at=VISIT_AT + DAY), "The visit was moved"),
        (siu("S15", visit="V1", at=NOW, starts_at=VISIT_AT, status="Cancelled"), "The visit was called off"),
    ],
    ids=["moved", "cancelled"],
)
def test_yes_to_a_visit_that_changed_is_never_confirmed(sent, body, words):
    sent.hear(body, now=LATER)

    effect, is_done = come("YES", now=LATER + MINUTE)

    assert (effect, is_done) == (f"Not confirmed, call them back: {words}, known since 09:42 CST.", False)
    assert sent.item.next_step == NextStep.OTHER_CHANNEL


def test_yes_waits_for_what_has_not_been_read_yet(sent):
    waiting = sent.desk.receive(siu("S13", visit="V1", at=NOW, starts_at=VISIT_AT + DAY), now=LATER)

    first = come("YES")
    sent.desk.digest(waiting, now=LATER)
    apply_reply(Reply.objects.get().pk, now=LATER + timedelta(seconds=5))

    assert first == ("", False)
    assert Reply.objects.get().effect.startswith("Not confirmed, call them back: The visit was moved")


def test_no_and_cancel_are_questions_to_a_person(sent):
    assert come("NO") == ("They say no: find out to what.", False)
    assert sent.item.next_step == NextStep.CALL_BACK


def test_a_text_that_waits_stops_when_the_visit_is_confirmed(asked, web):
    item = claim_item(asked.item.pk, actor=asked.ruth, version=None, now=NOW)
    send_message(item.pk, OutreachChannel.TEXT, actor=asked.ruth, version=item.version, now=NOW)
    asked.hear(siu("S14", visit="V1", at=NOW, starts_at=VISIT_AT, status="Confirmed"), now=NOW)

    send_outreach(LATER)

    assert (web.posts, [state for state, _, _ in stands()]) == ([], ["refused"])


def test_after_a_text_and_a_call_nothing_more_is_done(sent):
    after_text, later = sent.item, NOW + 2 * HOUR
    item = claim_item(after_text.pk, actor=sent.ruth, version=None, now=later)
    attempt = begin_call(item.pk, actor=sent.ruth, version=item.version, now=later)
    told = Told(AttemptOutcome.VOICEMAIL, NextStep.OTHER_CHANNEL)
    record_outcome(attempt.pk, told, actor=sent.ruth, now=later)

    assert (after_text.tries, after_text.next_step, after_text.not_before) == (1, NextStep.OTHER_CHANNEL, NOW + HOUR)
    assert (sent.item.tries, sent.item.next_step) == (2, NextStep.CLOSE)


def test_a_text_that_did_not_leave_dies_with_the_chance(sent):
    assert Outbound.objects.get().deadline_at == VISIT_AT - 2 * HOUR
