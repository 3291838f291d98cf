"""Senders in processes of their own: killed at the worst moments, and two at once. Nothing is lost or mixed up."""

import os
import signal
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone

from exceptions.models import Notice, NoticeSettings
from exceptions.notices.sending import send_notices
from exceptions.vocabulary import EmailMode
from tests.scheduling.transport_cast import running_command

pytestmark = pytest.mark.django_db(transaction=True)

CLAIM, MINUTE = timedelta(seconds=31), timedelta(minutes=1)
SLOWEST_PER_SECOND = 10  # on a machine that is busy with other things


@pytest.fixture
def milo(people):
    """Milo wants each e-mail at once, however many."""
    NoticeSettings.objects.create(person=people.milo, email=EmailMode.EACH, most_per_hour=5_000)
    return people.milo


def kill_at(mail, moment):
    """Run a real sender, kill it the first time that the mail server reaches a moment, and wait for its end."""
    running: list[int] = []

    def kill(*_):
        while running:
            os.kill(running.pop(), signal.SIGKILL)

    if moment == "after the e-mail was taken":
        mail.answer = kill
    else:
        mail.greet = kill
    with running_command("send_notices", EMAIL_URL=mail.url) as sender:
        running.append(sender.pid)
        assert sender.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("moment", "before"), [("after the e-mail was taken", 1), ("between claim and send", 0)], ids=str
)
def test_killed_sender_loses_nothing_and_repeats_once_with_the_same_key(opened, ask, milo, mail, moment, before):
    now = timezone.now()
    ask(opened(), milo, key="step:1", now=now)

    kill_at(mail, moment)
    left = Notice.objects.values_list("channel", "state", "tries").get(channel="email")
    came = len(mail.letters)
    while_claimed = send_notices(timezone.now())
    afterwards = [send_notices(timezone.now() + CLAIM), send_notices(timezone.now() + 10 * MINUTE)]

    assert (left, came, while_claimed, afterwards) == (("email", "sending", 1), before, 0, [1, 0])
    assert mail.keys == [f"step:1:email:{milo.pk}"] * (before + 1)
    assert len({letter["Message-ID"] for letter in mail.letters}) == 1
    assert list(Notice.objects.order_by("channel").values_list("channel", "state", "tries")) == [
        ("email", "sent", 2), ("in_app", "sent", 0),
    ]  # fmt: skip


def test_notice_that_kills_every_sender_is_given_up_and_says_so(opened, ask, milo, mail):
    ask(opened(), milo, now=timezone.now())
    Notice.objects.filter(channel="email").update(state="sending", tries=3, claimed_until=timezone.now() - MINUTE)

    send_notices(timezone.now())

    assert (mail.keys, list(Notice.objects.filter(channel="email").values_list("state", "problem"))) == (
        [], [("failed", "The sender ended in the middle of the last try.")]
    )  # fmt: skip


def test_two_senders_at_once_send_each_notice_once(opened, ask, milo, mail, endpoint, web):
    endpoint.most_per_hour = 5_000
    endpoint.save()
    exception, now = opened(), timezone.now()
    for number in range(150):
        ask(exception, milo, key=f"mail{number}", now=now)
        ask(exception, endpoint, key=f"hook{number}", now=now)

    with ExitStack() as stack:
        senders = [stack.enter_context(running_command("send_notices", EMAIL_URL=mail.url)) for _ in range(2)]
        outs = [sender.communicate(timeout=120)[0] for sender in senders]

    shares = [int(out.split()[0]) for out in outs]
    assert (len(mail.keys), len(set(mail.keys)), len(web.keys), len(set(web.keys))) == (150,) * 4
    assert sum(shares) == 300
    assert set(Notice.objects.values_list("state", "tries", "channel")) == {
        ("sent", 1, "email"), ("sent", 1, "webhook"), ("sent", 0, "in_app"),
    }  # fmt: skip


def test_thousand_notices_drain_in_order_and_in_time(opened, ask, milo, mail):
    exception, now = opened(), timezone.now()
    for number in range(1000):
        ask(exception, milo, key=f"n{number}", now=now)

    begun = time.monotonic()
    sent = send_notices(now, seconds=60)
    rate = sent / (time.monotonic() - begun)

    assert (sent, mail.keys) == (1000, [f"n{number}:email:{milo.pk}" for number in range(1000)])
    print(f"{rate:.0f} notices a second")  # noqa: T201 - read with -s
    assert rate > SLOWEST_PER_SECOND
