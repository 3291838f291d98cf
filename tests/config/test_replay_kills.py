"""A worker is killed in the middle of a replay, as the kernel would do it: another ends it as if nothing had been."""

import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from config.digesting import Digester
from scheduling.mapping.rules import Rule
from scheduling.mapping.vocabulary import ReplayState
from scheduling.models import RefoldRequest, Replay
from scheduling.selectors.replay_pages import replay_progress
from scheduling.services.mapping import publish
from scheduling.vocabulary import Initiator, Status
from tests.scheduling.transport_cast import running_command
from tests.support.desk import HOUR
from tests.support.messages import siu

ZZ9 = Rule(0, filler_status="ZZ9", status=Status.CANCELLED, initiator=Initiator.PATIENT)
MINUTE = timedelta(minutes=1)
VISITS = 1200  # more than the first batch of a worker takes
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


def other_session():
    params = connection.get_connection_params()
    wanted = {name: params[name] for name in ("host", "port", "user", "password", "dbname") if params.get(name)}
    return psycopg.connect(**wanted)


def lost_visit(number, now):
    """A booking and its cancellation, the later the higher the number; each visit has a slot of its own."""
    said = {"visit": f"V{number}", "patient": f"N-{number}", "starts_at": now + 24 * HOUR + number * MINUTE}
    told_at = now - (VISITS - number) * MINUTE
    return siu("S12", at=told_at - 48 * HOUR, **said), siu("S15", at=told_at, status="ZZ9", **said)


def wait_until(session, reached, seconds=30):
    """Ask until a statement answers at least one; fails after so many seconds."""
    ends = time.monotonic() + seconds
    while session.execute(reached).fetchone()[0] < 1:
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_replay_of_a_killed_worker_ends_as_an_undisturbed_one(desk):
    now = timezone.now()
    for begin in range(0, VISITS, 300):
        desk.take(*(body for number in range(begin, begin + 300) for body in lost_visit(number, now)), now=now)
    older = desk.published[-1]
    desk.publish(ZZ9)
    replay = Replay.objects.latest("pk")
    Replay.objects.filter(pk=replay.pk).update(started_at=now)

    # The last visit of the source order stands in the way of the second batch, in which the worker is then killed.
    with other_session() as blocker, other_session() as observer:
        last = RefoldRequest.objects.order_by("-position").values_list("pk", flat=True)[0]
        blocker.execute("SELECT 1 FROM scheduling_appointment WHERE id = %s FOR UPDATE", [last])
        observer.autocommit = True
        with running_command("digest", "--drain") as worker:
            wait_until(observer, "SELECT count(*) FROM scheduling_replaystep")
            wait_until(observer, WAITING)
            worker.kill()
            worker.wait(10)
        blocker.rollback()

    replay.refresh_from_db()
    progress = replay_progress(replay, now=timezone.now())
    assert (replay.state, progress.done, progress.remaining) == (ReplayState.RUNNING, 1000, 200)
    assert (progress.rate or 0) > 0

    Digester().drain()

    replay.refresh_from_db()
    assert (replay.state, replay.steps.aggregate(Sum("appointments"))) == (
        ReplayState.DONE, {"appointments__sum": VISITS},
    )  # fmt: skip
    disturbed = desk.picture()
    for revision in (older, desk.published[-1]):
        publish(revision, effective_from=now - 99 * HOUR, actor=desk.people[0], now=now)
        Digester().drain()
    assert desk.picture() == disturbed
    assert len(desk.open_items()) > 0
