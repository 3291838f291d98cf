"""Senders in processes of their own: killed at the worst moments, and two at once. Nothing is lost or sent twice."""

import os
import signal
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.utils import timezone

from recovery.models import Attempt, ContactPolicy, Outbound, QueueItem
from recovery.outreach.sending import send_outreach
from scheduling.models import FeedProof, PatientVersion
from tests.recovery.outreach.conftest import MINUTE, SECRET
from tests.scheduling.transport_cast import running_command
from tests.support.desk import DAY, LONG_AGO

pytestmark = pytest.mark.django_db(transaction=True)
CLAIM = timedelta(seconds=31)


@pytest.fixture
def queued(worked, write, web):
    """A message that was written a moment ago, by the real clock: processes have one of their own."""
    written = write()
    now = timezone.now()
    day = {"weekdays_from": "00:00", "weekdays_until": "23:59:59", "sundays_from": "00:00", "sundays_until": "23:59:59"}
    clinic = worked.item.clinic
    ContactPolicy.objects.create(clinic=clinic, valid_from=LONG_AGO + DAY, recorded_at=LONG_AGO, **day)
    FeedProof.objects.update(digested_to=now, heartbeat_at=now)
    QueueItem.objects.filter(pk=worked.item.pk).update(
        starts_at=now + 3 * DAY, useful_until=now + 3 * DAY, ready_from=now - MINUTE, lost_at=now - MINUTE
    )
    Attempt.objects.update(at=now)
    known_long_ago()
    Outbound.objects.update(send_after=now - MINUTE, deadline_at=now + DAY)
    return written


def known_long_ago():
    """The same statements as if they had been recorded years ago: the desk of the tests lives on a day of its own.

    The patient lives where it is about noon, so that the hours of the law never stand in the way.
    """
    behind = timezone.now().hour - 12
    for version in PatientVersion.objects.all():
        version.pk, version.recorded_at = None, LONG_AGO
        version.statement = version.statement | {"zone": f"Etc/GMT{behind:+d}" if behind else "Etc/GMT"}
        version.save(force_insert=True)


def run(web):
    """A real sender in a process of its own."""
    return running_command("send_outreach", OUTREACH_TEXT="signed_http", OUTREACH_URL=web.url, OUTREACH_SECRET=SECRET)


def test_killed_sender_loses_nothing_and_repeats_once_with_the_same_key(queued, web):
    running: list[int] = []

    def kill(handler):
        while running:
            os.kill(running.pop(), signal.SIGKILL)
        handler.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    web.answers.append(kill)
    with run(web) as sender:
        running.append(sender.pid)
        assert sender.wait(60) == -signal.SIGKILL
    left = Outbound.objects.values_list("state", "tries").get()
    now = timezone.now()
    while_claimed = send_outreach(now)
    afterwards = [send_outreach(now + CLAIM), send_outreach(now + 10 * MINUTE)]

    assert (left, while_claimed, afterwards) == (("sending", 1), 0, [1, 0])
    assert web.keys == [queued.key] * 2
    assert Outbound.objects.values_list("state", "tries").get() == ("sent", 2)


def test_message_that_kills_every_sender_is_given_up_and_says_so(queued, web):
    Outbound.objects.update(state="sending", tries=3, claimed_until=timezone.now() - MINUTE)

    send_outreach(timezone.now())

    assert (web.keys, Outbound.objects.values_list("state", "problem").get()) == (
        [], ("failed", "The sender ended in the middle of the last try."),
    )  # fmt: skip


def test_two_senders_at_once_send_each_message_once(worked, queued, web):
    first = queued.attempt
    fields = {
        field.attname: getattr(first, field.attname) for field in Attempt._meta.concrete_fields if field.name != "id"
    }
    attempts = Attempt.objects.bulk_create(Attempt(**fields) for _ in range(60))
    row = Outbound.objects.get()
    Outbound.objects.bulk_create(
        Outbound(attempt=attempt, key=f"k{attempt.pk}", template=row.template, body="x", send_after=row.send_after,
            deadline_at=row.deadline_at)
        for attempt in attempts
    )  # fmt: skip

    with ExitStack() as stack:
        senders = [stack.enter_context(run(web)) for _ in range(2)]
        outs = [sender.communicate(timeout=120)[0] for sender in senders]

    assert sum(int(out.split()[0]) for out in outs) == 61
    assert (len(web.keys), len(set(web.keys))) == (61, 61)
    assert set(Outbound.objects.values_list("state", "tries")) == {("sent", 1)}
