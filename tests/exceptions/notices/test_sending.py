"""E-mails and webhooks go out through real servers: once, with their key, in order, and not when they are no news."""

import hmac
from datetime import timedelta

import pytest

from exceptions.models import IntegrationException, Notice, NoticeSettings
from exceptions.notices.sending import send_notices
from exceptions.vocabulary import EmailMode, NoticeKind, State, WebhookStyle
from tests.exceptions.conftest import NOON
from tests.support.receivers import drip, endless_body, mail_server

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def milo(people):
    """Milo wants each e-mail at once."""
    NoticeSettings.objects.create(person=people.milo, email=EmailMode.EACH)
    return people.milo


def test_email_says_what_and_where_and_carries_its_key(opened, ask, milo, mail, told, settings):
    settings.DESK_URL = "https://desk.example.org/"
    settings.DEFAULT_FROM_EMAIL = "Recovery Desk <desk@example.org>"
    exception = opened()
    ask(exception, milo, key="step:1")

    assert send_notices(NOON) == 1

    (letter,) = mail.letters
    assert (letter["To"], letter["From"], letter["X-Recovery-Desk-Key"]) == (
        "milo@example.org", "Recovery Desk <desk@example.org>", f"step:1:email:{milo.pk}",
    )  # fmt: skip
    assert letter["Subject"].strip() == "Blocking, needs somebody: Unmapped status, Imaging · Lakeview RIS"
    assert letter.get_content().replace("\r\n", "\n") == (
        "Unmapped status, Imaging · Lakeview RIS: needs somebody. 4 visits held.\n"
        f"https://desk.example.org/exceptions/{exception.pk}/\n\n"
        "-- \nYou get this because you answer for it, or did.\nWhat is sent to you, and when: https://desk.example.org/notices/settings/\n"
    )
    assert str(letter["Message-ID"]).endswith("@example.org>")
    assert told() == [("email", "sent", 1, "")]
    assert send_notices(NOON + MINUTE) == 0


def test_webhook_is_signed_and_carries_its_key(opened, ask, web, endpoint, told):
    exception = opened()
    ask(exception, endpoint, key="step:1")

    send_notices(NOON)

    (post,) = web.posts
    signed = post.headers["x-recovery-desk-timestamp"].encode() + b"." + post.body
    assert post.path == "/hook?team=7"
    assert post.headers["idempotency-key"] == f"step:1:webhook:{endpoint.pk}"
    assert post.headers["x-recovery-desk-signature"] == f"v1={hmac.new(b's3cret-s3cret', signed, 'sha256').hexdigest()}"
    assert post.said == {
        "key": f"step:1:webhook:{endpoint.pk}",
        "kind": "step",
        "created_at": "2026-11-24T12:00:00+00:00",
        "subject": "Blocking, needs somebody: Unmapped status, Imaging · Lakeview RIS",
        "check": "unmapped_status",
        "severity": "blocking",
        "source": "Lakeview RIS",
        "clinic": "Imaging",
        "held": 4,
        "notices": [
            {
                "exception": exception.pk,
                "sentence": "Unmapped status, Imaging · Lakeview RIS: needs somebody. 4 visits held.",
                "count": 1,
                "url": f"http://localhost:8000/exceptions/{exception.pk}/",
            }
        ],
        "more": 0,
    }
    assert told() == [("webhook", "sent", 1, "")]


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (WebhookStyle.SLACK, lambda said: said["text"]),
        (WebhookStyle.TEAMS, lambda said: said["attachments"][0]["content"]["body"][0]["text"]),
    ],
    ids=["slack", "teams"],
)
def test_chats_get_one_text_with_a_link(opened, ask, web, endpoint, place, style, text):
    endpoint.style = style
    endpoint.save()
    place.imaging.name = "X-ray <& CT>"
    place.imaging.save()
    exception = opened()
    ask(exception, endpoint)

    send_notices(NOON)

    url = f"http://localhost:8000/exceptions/{exception.pk}/"
    name = {WebhookStyle.SLACK: "X-ray &lt;&amp; CT&gt;", WebhookStyle.TEAMS: "X-ray <& CT>"}[style]
    link = {WebhookStyle.SLACK: f"<{url}|Open>", WebhookStyle.TEAMS: f"[Open]({url})"}[style]
    assert text(web.posts[0].said) == (f"Unmapped status, {name} · Lakeview RIS: needs somebody. 4 visits held. {link}")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (500, ("webhook", "waiting", 1, "The endpoint answered 500.")),
        (429, ("webhook", "waiting", 1, "The endpoint answered 429.")),
        (404, ("webhook", "failed", 1, "The endpoint answered 404.")),
        (302, ("webhook", "failed", 1, "The endpoint answered 302.")),
        (drip, ("webhook", "waiting", 1, "No answer within 5 s.")),
    ],
    ids=["out of order", "too many", "unknown address", "redirect, which is not followed", "a byte at a time"],
)
def test_answer_of_an_endpoint_decides_whether_it_is_tried_again(opened, ask, web, endpoint, told, answer, expected):
    web.answers.append(answer)
    web.headers["Location"] = web.url
    ask(opened(), endpoint)

    send_notices(NOON)

    assert (told(), len(web.posts)) == ([expected], 1)


def test_body_of_an_answer_is_never_read(opened, ask, web, endpoint, told):
    web.answers.append(endless_body)
    ask(opened(), endpoint)

    send_notices(NOON)

    assert told() == [("webhook", "sent", 1, "")]


def test_plain_http_goes_to_this_machine_only(opened, ask, endpoint, told):
    endpoint.url = "http://hooks.example.org/x"
    endpoint.save()
    ask(opened(), endpoint)

    send_notices(NOON)

    assert told() == [("webhook", "failed", 1, "Only https, or http on this machine.")]


def test_three_tries_with_growing_pauses_then_it_is_given_up(opened, ask, web, endpoint, told):
    web.answers += [503, 503, 503]
    ask(opened(), endpoint)

    seen = []
    for at in (0, 0.5, 1.5, 10, 17, 60, 120):
        send_notices(NOON + at * MINUTE)
        seen.append((len(web.posts), told()[0][1]))

    assert seen == [
        (1, "waiting"), (1, "waiting"), (2, "waiting"), (2, "waiting"), (3, "failed"), (3, "failed"), (3, "failed"),
    ]  # fmt: skip
    assert len(set(web.keys)) == 1


def test_endpoint_that_cannot_be_reached_rests_and_others_lose_no_try(opened, ask, web, endpoint, told):
    web.answers += [503]
    for _ in range(3):
        ask(opened(), endpoint, is_urgent=True)

    send_notices(NOON)
    first = (len(web.posts), told())
    send_notices(NOON + 2 * MINUTE)

    assert first == (1, [("webhook", "waiting", 1, "The endpoint answered 503."), *[("webhook", "waiting", 0, "")] * 2])
    assert [row[1] for row in told()] == ["sent"] * 3


def test_refused_connection_is_tried_again_until_the_server_is_back(opened, ask, milo, told, settings):
    with mail_server() as gone:
        pass
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", gone.port
    ask(opened(), milo)

    send_notices(NOON)
    refused = told()
    with mail_server(port=gone.port) as back:
        send_notices(NOON + 2 * MINUTE)

    problem = "The mail server cannot be used (ConnectionRefusedError)."
    assert refused == [("email", "waiting", 1, problem)]
    assert (len(back.letters), told()) == (1, [("email", "sent", 2, "")])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("451 Later", ("email", "waiting", 1, "The mail server put it off (451).")),
        ("554 No", ("email", "failed", 1, "The mail server refused it (554).")),
    ],
    ids=["put off", "refused"],
)
def test_answer_of_the_mail_server_decides_whether_it_is_tried_again(opened, ask, milo, mail, told, answer, expected):
    mail.answer = lambda _: answer
    ask(opened(), milo)

    send_notices(NOON)

    assert told() == [expected]


def test_one_refused_email_does_not_stop_the_next(opened, ask, milo, mail, told):
    mail.answer = lambda letter: "554 No" if "one" in letter["X-Recovery-Desk-Key"] else None
    for key in ("one", "two"):
        ask(opened(), milo, key=key)

    send_notices(NOON)

    assert [row[1] for row in told()] == ["failed", "sent"]


def test_without_a_mail_server_emails_wait_and_say_why_they_did_not_go(opened, ask, milo, told, settings):
    settings.EMAIL_HOST = ""
    ask(opened(), milo)

    send_notices(NOON)
    waiting = told()
    send_notices(NOON + 5 * HOUR)

    assert waiting == [("email", "waiting", 0, "")]
    assert told() == [("email", "expired", 0, "No mail server is set up (EMAIL_URL).")]


def test_what_is_too_late_is_not_sent(opened, ask, milo, mail, told):
    ask(opened(), milo)

    send_notices(NOON + 5 * HOUR)

    assert (mail.letters, told()) == ([], [("email", "expired", 0, "It could not go out in time.")])


def test_closed_meanwhile_is_no_news_and_its_closing_neither(opened, ask, milo, mail, told):
    exception = opened()
    ask(exception, milo)
    IntegrationException.objects.update(state=State.RESOLVED, resolved_at=NOON)
    ask(exception, milo, kind=NoticeKind.RESOLVED)

    send_notices(NOON)

    assert (mail.letters, told()) == (
        [], [("email", "dropped", 0, "Closed meanwhile."), ("email", "dropped", 0, "Closed before it was told.")]
    )  # fmt: skip


def test_whoever_was_told_hears_of_the_closing(opened, ask, milo, mail):
    exception = opened()
    ask(exception, milo)
    send_notices(NOON)
    IntegrationException.objects.update(state=State.RESOLVED, resolved_at=NOON)
    ask(exception, milo, kind=NoticeKind.RESOLVED)

    send_notices(NOON + MINUTE)

    assert [letter["Subject"].strip().split(":")[0] for letter in mail.letters] == [
        "Blocking, needs somebody", "Blocking, closed",
    ]  # fmt: skip


def test_email_about_what_a_person_no_longer_sees_is_dropped(opened, ask, people, milo, mail, told):
    ask(opened(), milo)
    milo.grants.all().delete()

    send_notices(NOON)

    assert (mail.letters, told()) == ([], [("email", "dropped", 0, "It is not in the scope of this person.")])


def test_endpoint_that_was_switched_off_gets_nothing(opened, ask, web, endpoint, told):
    ask(opened(), endpoint)
    endpoint.is_active = False
    endpoint.save()

    send_notices(NOON)

    assert (web.posts, told()) == ([], [("webhook", "dropped", 0, "The endpoint is switched off.")])


def test_urgent_goes_first_then_first_notices_then_by_age(opened, ask, milo, mail):
    known, new, urgent = opened(), opened(), opened()
    ask(known, milo, key="first")
    send_notices(NOON)
    ask(known, milo, key="again")
    ask(new, milo, key="new")
    ask(urgent, milo, key="urgent", is_urgent=True)

    send_notices(NOON + MINUTE)

    assert [key.split(":")[0] for key in mail.keys] == ["first", "urgent", "new", "again"]


def test_notice_in_the_desk_is_delivered_by_being_written(opened, ask, milo, mail):
    ask(opened(), milo)
    ask(opened(), milo)

    assert Notice.objects.filter(channel="in_app", state="sent", settled_at=NOON).count() == 2
