"""Redis carries "there is work" and nothing else; it may vanish at any moment."""

import django_rq
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from config.digesting import sweep_waiting
from scheduling.services.waking import JOB, QUEUE, forget_wake, wake_workers
from tests.support.desk import DAY, NOW
from tests.support.messages import siu


def jobs():
    return [job.func_name for job in django_rq.get_queue(QUEUE).jobs]


def test_many_wakes_are_one_job(redis):
    for _ in range(3):
        wake_workers()

    assert jobs() == [JOB]


def test_wake_after_a_worker_looked_is_a_job_again(redis):
    wake_workers()
    forget_wake()
    wake_workers()

    assert jobs() == [JOB, JOB]


def test_nothing_of_a_message_is_in_redis(redis, desk):
    desk.receive(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY))
    wake_workers()

    kept = b"".join(redis.dump(key) or b"" for key in redis.keys("*"))
    assert not any(word in kept for word in (b"Quill", b"N-1", b"V1|", b"MSH"))


def test_sweep_wakes_only_when_something_waits(redis, desk, django_capture_on_commit_callbacks):
    sweep_waiting(NOW)
    assert jobs() == []

    desk.receive(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY))
    redis.flushdb()
    with django_capture_on_commit_callbacks(execute=True):
        sweep_waiting(NOW)

    assert jobs() == [JOB]


def test_sweep_finds_a_visit_to_fold_anew(redis, desk, django_capture_on_commit_callbacks):
    desk.take(siu("S14", visit="V1", at=NOW - DAY, starts_at=NOW + DAY, status="ZZ9"))
    desk.publish()
    redis.flushdb()

    with django_capture_on_commit_callbacks(execute=True):
        sweep_waiting(NOW)

    assert jobs() == [JOB]


@pytest.fixture
def no_redis(monkeypatch):
    """A Redis that is away: a real client whose server does not exist."""
    gone = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    monkeypatch.setattr("scheduling.services.waking.get_connection", lambda _: gone)
    with pytest.raises(RedisConnectionError):
        gone.ping()


def test_no_redis_is_no_error(no_redis):
    wake_workers()
    forget_wake()
