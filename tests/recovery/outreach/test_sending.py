"""Messages leave through real servers: once, with their key, and not when what they rest on has changed."""

import hmac
from datetime import timedelta

import orjson
import pytest

from accounts.models import ClinicLaunchMode
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, ItemEvent, MessageTemplate, Outbound, QueueItem, Reply
from recovery.outreach.sending import send_outreach
from recovery.vocabulary import ItemEventKind, NextStep, OutreachChannel
from scheduling.models import Consent
from tests.recovery.outreach.conftest import (
    LATER,
    MINUTE,
    MOBILE,
    NOW,
    POINTS,
    SECRET,
    VISIT_AT,
    counted,
    stands,
)
from tests.support.desk import DAY, HOUR
from tests.support.messages import adt, merge, siu
from tests.support.receivers import drip, mail_server

TEXT, EMAIL = OutreachChannel.TEXT, OutreachChannel.EMAIL
SECOND = timedelta(seconds=1)
SAID = "Northside: your visit of Fri 27 Nov needs a new time. Reply YES or call 312-555-0100. STOP ends texts."


def test_text_is_signed_carries_its_key_and_says_nothing_about_the_patient(worked, write, web):
    written = write()

    assert send_outreach(NOW) == 1

    (post,) = web.posts
    signed = post.headers["x-recovery-desk-timestamp"].encode() + b"." + post.body
    assert post.headers["x-recovery-desk-signature"] == f"v1={hmac.new(SECRET.encode(), signed, 'sha256').hexdigest()}"
    assert post.headers["idempotency-key"] == written.key
    assert post.said == {
        "key": written.key,
        "channel": "text",
        "to": "+13125550142",
        "body": SAID,
    }
    assert stands() == [("sent", 1, "")]
    assert send_outreach(LATER) == 0


def test_email_goes_by_the_mail_server(worked, write, mail, settings):
    settings.OUTREACH_FROM = "Card <card@example.org>"
    written = write(EMAIL)

    assert send_outreach(NOW) == 1

    (letter,) = mail.letters
    assert (letter["To"], letter["From"], letter["Subject"], letter["X-Recovery-Desk-Key"]) == (
        "ada@example.org", "Card <card@example.org>", "Northside: about your visit", written.key,
    )  # fmt: skip
    assert stands() == [("sent", 1, "")]


def test_writing_lets_the_item_rest_and_counts(worked, write, web):
    write()

    item = worked.item
    assert (item.next_step, item.not_before, item.claimed_by, item.tries) == (
        NextStep.OTHER_CHANNEL, NOW + 4 * HOUR, None, 1,
    )  # fmt: skip
    assert counted() == [("text", "sent", "other_channel", True)]
    with pytest.raises(GuardRefusedError) as refusal:
        write(now=NOW + 5 * HOUR)
    assert refusal.value.code == "counted_today"


def test_gateway_names_its_own_id(worked, write, web):
    def answer(handler):
        body = b'{"id": "SM-7"}'
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    web.answers.append(answer)
    write()

    send_outreach(NOW)

    assert Outbound.objects.get().gateway_id == "SM-7"


def test_without_a_gateway_nothing_is_written(worked, write, settings):
    settings.OUTREACH_TEXT = ""

    with pytest.raises(InvalidActError, match="switched off"):
        write()

    assert (Attempt.objects.count(), Outbound.objects.count()) == (0, 0)


def test_wording_is_the_patients_language_and_nobody_gets_another(worked, write, web):
    worked.hear(adt("A08", at=NOW - SECOND, phone=f"{POINTS}||spa"))
    MessageTemplate.objects.filter(language="en").update(retired_at=NOW)

    assert write().body.startswith("ES Northside: your visit of vie 27 nov")


def test_no_wording_in_the_patients_language_no_message(worked, write, web):
    worked.hear(adt("A08", at=NOW - SECOND, phone=f"{POINTS}||som"))

    with pytest.raises(GuardRefusedError) as refusal:
        write()

    assert (refusal.value.code, Outbound.objects.count()) == ("no_template", 0)


def opted_out(worked):
    Consent.objects.create(patient=worked.patient, channel="text", is_allowed=False, valid_from=NOW, recorded_at=NOW)


def wrote_back(worked):
    Reply.objects.create(
        key="x:1", value=f"+1{MOBILE}", body="What?", received_at=NOW, meaning="ask", effect="Read it."
    )


def merged(worked):
    """Into a record that could be reached as well."""
    worked.hear(
        adt("A08", at=NOW, patient="N-9", phone=POINTS), merge(at=NOW, survivor="N-9", retired="N-1"), now=LATER
    )


def booked_again(worked):
    worked.hear(siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT + DAY), now=LATER)


CHANGES = {
    "booked again": (booked_again, "has another visit"),
    "died": (lambda w: w.hear(adt("A08", at=NOW, died_at=NOW - DAY), now=LATER), "Outreach is not wanted"),
    "merged": (merged, "This record was merged"),
    "opted out": (opted_out, "Text: refused by the patient."),
    "another number": (lambda w: w.hear(adt("A08", at=NOW, phone="3125550999^PRN^CP"), now=LATER), "Another number"),
    "no number": (lambda w: w.hear(adt("A08", at=NOW, phone='""'), now=LATER), "No phone or e-mail is on file."),
    "a reply of theirs waits": (wrote_back, "A reply of theirs"),
    "clinic not live any more": (lambda _: ClinicLaunchMode.objects.all().delete(), "only observes"),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=list(CHANGES))
def test_what_changed_since_it_was_written_never_leaves(worked, write, web, change, said):
    write()

    change(worked)
    send_outreach(LATER)

    assert web.posts == []
    ((state, _, problem),) = stands()
    assert (state, said in problem) == ("refused", True), problem
    assert counted() == [("text", "put_back", "try_again", False)]
    assert ItemEvent.objects.filter(kind=ItemEventKind.REFUSED).count() == 1


def test_refused_message_gives_the_item_back_at_once(worked, write, web):
    write()
    opted_out(worked)

    send_outreach(LATER)

    item = worked.item
    assert (item.next_step, item.not_before, item.tries) == (NextStep.TRY_AGAIN, None, 0)


def test_data_too_old_to_know_of_an_opt_out_stops_it(worked, write, web):
    write()

    send_outreach(NOW + 15 * MINUTE - 5 * SECOND)
    at_the_limit = stands()
    Outbound.objects.update(state="waiting", tries=0, settled_at=None, problem="")
    send_outreach(NOW + 15 * MINUTE + SECOND)

    assert at_the_limit == [("sent", 1, "")]
    assert (stands()[0][0], "opt-outs is 15 min old" in stands()[0][2]) == ("refused", True)


@pytest.mark.parametrize(
    ("hour", "minute", "state"), [(19, 59, "sent"), (20, 0, "refused")], ids=["last minute", "over"]
)
def test_quiet_hours_are_looked_at_when_it_leaves(worked, write, web, hour, minute, state):
    written = write()
    evening = NOW.replace(hour=hour + 6 - 24 if hour + 6 >= 24 else hour + 6, minute=minute) + DAY * (hour + 6 >= 24)
    worked.hear(siu("S12", visit="V9", at=evening, starts_at=evening + DAY, patient="N-9", phone=""), now=evening)
    Outbound.objects.filter(pk=written.pk).update(deadline_at=evening + DAY)

    send_outreach(evening)

    assert stands()[0][0] == state


def test_message_waits_while_others_are_unread_and_leaves_after(worked, write, web):
    write()
    worked.desk.receive(adt("A08", at=NOW, phone=f"{MOBILE}^PRN^CP"), now=NOW)

    send_outreach(NOW + 2 * SECOND)
    waiting = (len(web.posts), stands())
    worked.desk.digest(now=NOW + 3 * SECOND)
    send_outreach(NOW + 8 * SECOND)

    assert waiting == (0, [("waiting", 0, "")])
    assert (len(web.posts), stands()) == (1, [("sent", 1, "")])


def test_too_late_is_never_sent_and_counts_for_nothing(worked, write, web):
    written = write()
    Outbound.objects.filter(pk=written.pk).update(deadline_at=LATER)

    send_outreach(LATER)

    assert (web.posts, stands()) == ([], [("expired", 0, "It could not go out in time.")])
    assert counted() == [("text", "put_back", "other_channel", False)]


def test_deadline_is_the_end_of_the_chance(worked, write, web):
    assert write().deadline_at == worked.item.useful_until


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (500, ("waiting", 1, "The endpoint answered 500.")),
        (404, ("failed", 1, "The endpoint answered 404.")),
        (drip, ("waiting", 1, "No answer within 5 s.")),
    ],
    ids=["out of order", "not taken", "a byte at a time"],
)
def test_answer_of_the_gateway_decides_whether_it_is_tried_again(worked, write, web, answer, expected):
    web.answers.append(answer)
    write()

    send_outreach(NOW)

    assert (stands(), len(web.posts)) == ([expected], 1)


def test_three_tries_with_one_key_then_it_is_given_up_and_another_way_is_next(worked, write, web):
    web.answers += [503, 503, 503]
    write()

    seen = []
    for minutes in (0, 0.5, 1.5, 5, 7, 12):
        send_outreach(NOW + minutes * MINUTE)
        seen.append((len(web.posts), stands()[0][0]))

    assert seen == [(1, "waiting"), (1, "waiting"), (2, "waiting"), (2, "waiting"), (3, "failed"), (3, "failed")]
    assert len(set(web.keys)) == 1
    item = worked.item
    assert (item.next_step, item.not_before) == (NextStep.OTHER_CHANNEL, None)


def test_mail_server_that_is_down_rests_and_is_tried_when_it_is_back(worked, write, settings):
    with mail_server() as gone:
        pass
    settings.OUTREACH_EMAIL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp", "127.0.0.1", gone.port
    write(EMAIL)

    send_outreach(NOW)
    down = stands()
    with mail_server(port=gone.port) as back:
        send_outreach(NOW + 2 * MINUTE)

    assert down == [("waiting", 1, "The mail server cannot be used (ConnectionRefusedError).")]
    assert (len(back.letters), stands()) == (1, [("sent", 2, "")])


def test_nothing_about_the_patient_is_logged(worked, write, web, capsys, caplog):
    web.answers += [404]
    write()

    send_outreach(NOW)

    printed = capsys.readouterr()
    said = printed.out + printed.err + caplog.text
    assert [word for word in (MOBILE, "Quill", "Ada", "ada@example.org") if word in said] == []
    assert MOBILE not in orjson.dumps(list(ItemEvent.objects.values_list("detail", flat=True))).decode()


def test_local_gateway_keeps_what_was_sent(worked, write, settings):
    settings.OUTREACH_TEXT = "local"
    written = write()

    send_outreach(NOW)

    written.refresh_from_db()
    assert (written.state, written.gateway_id, written.status_at is not None) == (
        "delivered", f"local-{written.pk}", True,
    )  # fmt: skip


def test_closed_item_counts_no_try_back(worked, write, web):
    write()
    QueueItem.objects.filter(pk=worked.item.pk).update(state="closed", closed_at=NOW, close_reason="done")

    send_outreach(LATER)

    item = QueueItem.objects.get(pk=worked.item.pk)
    assert (stands()[0][0], item.tries, item.next_step) == ("refused", 1, NextStep.OTHER_CHANNEL)
