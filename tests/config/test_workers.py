"""Jobs through a real Redis and our own worker class."""

import json
import zlib

import django_rq
from django_rq.workers import get_worker

from config.workers import DeskWorker


def fail_with_a_name() -> None:
    """A job that fails the way readers fail: with a value of the message in the sentence."""
    int("Erika Mustermann")


def all_values(redis) -> bytes:
    """Everything Redis holds, as the bytes it holds."""
    return b"\n".join(redis.dump(key) or b"" for key in redis.keys("*"))


def test_a_failed_job_leaves_its_place_but_no_value(redis, transactional_db):
    job = django_rq.get_queue("default").enqueue("tests.config.test_workers.fail_with_a_name")

    worker = get_worker("default", serializer="rq.serializers.JSONSerializer")
    worker.work(burst=True)

    result = job.latest_result()
    assert result is not None
    told = str(result.exc_string)
    assert type(worker) is DeskWorker
    assert "builtins.ValueError" in told
    assert "fail_with_a_name" in told
    assert "Mustermann" not in told
    assert b"Mustermann" not in all_values(redis)


def test_jobs_travel_as_json(redis):
    job = django_rq.get_queue("digest").enqueue("config.ticks.run_tick", "clear_sessions")

    stored = zlib.decompress(redis.hget(job.key, "data"))
    assert json.loads(stored) == ["config.ticks.run_tick", None, ["clear_sessions"], {}]
