"""Ticks: enqueued as JSON, run once at a time, dropped when too old."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django_rq.workers import get_worker
from rq.serializers import JSONSerializer

from accounts.models import SignInFailure
from accounts.models.sessions import DeskSession
from config import ticks
from config.cron import TickJob, TickScheduler
from config.ticks import TICKS, Tick, advisory_lock, clear_sessions, run_tick

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


def test_every_tick_is_enqueued_at_once_and_then_not_before_its_time(redis):
    scheduler = TickScheduler(redis)

    first = scheduler.enqueue_jobs()
    second = scheduler.enqueue_jobs()

    assert [job.name for job in first] == [tick.name for tick in TICKS]
    assert second == []


def test_a_tick_is_a_name_in_json_that_dies_when_it_waits_too_long(redis):
    job = TickJob(Tick("clear_sessions", clear_sessions, every_seconds=300)).enqueue(redis)

    assert job.serializer is JSONSerializer
    assert (job.func_name, job.args, job.kwargs) == ("config.ticks.run_tick", ("clear_sessions",), {})
    assert (job.ttl, job.result_ttl, job.timeout) == (600, 0, 600)


@pytest.mark.parametrize(("every", "life"), [(5, 60), (30, 60), (31, 62)])
def test_a_waiting_tick_lives_two_intervals_and_at_least_a_minute(every, life):
    assert TickJob(Tick("t", clear_sessions, every_seconds=every)).job_options["ttl"] == life


def test_the_worker_runs_what_cron_enqueued(redis, transactional_db):
    DeskSession.objects.create(session_key="past", session_data="", expire_date=datetime(2000, 1, 1, tzinfo=UTC))
    TickScheduler(redis).enqueue_jobs()

    get_worker("default", serializer="rq.serializers.JSONSerializer").work(burst=True)

    assert list(DeskSession.objects.all()) == []
    assert redis.keys("rq:job:*") == []


def test_only_ended_sessions_are_cleared(db):
    for key, ends in (("past", -1), ("now", 0), ("later", 1)):
        DeskSession.objects.create(session_key=key, session_data="", expire_date=NOON + timedelta(seconds=ends))

    clear_sessions(NOON)

    assert sorted(DeskSession.objects.values_list("session_key", flat=True)) == ["later", "now"]


def test_failed_sign_ins_that_no_longer_count_are_forgotten(db):
    for minutes in (4, 5, 600):
        SignInFailure.objects.create(key=b"k" * 32, failed_at=NOON - timedelta(minutes=minutes))

    clear_sessions(NOON)

    assert list(SignInFailure.objects.values_list("failed_at", flat=True)) == [NOON - timedelta(minutes=4)]


def other_connection() -> psycopg.Connection:
    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
        autocommit=True,
    )


def test_a_lock_is_had_by_one_at_a_time(db):
    with advisory_lock("a") as first, other_connection() as other:
        held = other.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted").fetchone()
        with advisory_lock("b") as another_name:
            assert (first, another_name) == (True, True)

    assert held is not None
    assert held[0] >= 1


def test_a_tick_that_another_process_runs_is_left_alone(db, monkeypatch):
    calls: list[datetime] = []
    monkeypatch.setattr(ticks, "TICKS", (Tick("counted", calls.append, every_seconds=5),))
    key = ticks.lock_key("tick:counted")
    with other_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [key])
        run_tick("counted")
        during = len(calls)
        other.execute("SELECT pg_advisory_unlock(%s)", [key])
    run_tick("counted")

    assert (during, len(calls)) == (0, 1)


def test_a_tick_that_fails_lets_go_of_its_lock(db, monkeypatch):
    def fail(now: datetime) -> None:
        raise LookupError

    monkeypatch.setattr(ticks, "TICKS", (Tick("failing", fail, every_seconds=5),))
    with pytest.raises(LookupError):
        run_tick("failing")

    with other_connection() as other:
        row = other.execute("SELECT pg_try_advisory_lock(%s)", [ticks.lock_key("tick:failing")]).fetchone()
    assert row == (True,)


def test_an_unknown_tick_is_no_failure(db):
    run_tick("of a newer version")
