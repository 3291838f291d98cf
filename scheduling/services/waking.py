"""Tell the workers that there is work. Redis is transport only: if it is down, the sweep finds what waits."""

import structlog
from django_rq import get_connection, get_queue
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

# Named, not imported: the job lives on the roof, which this floor does not know.
JOB = "config.digesting.digest_waiting"
QUEUE = "digest"
_WANTED = "desk:digest-wanted"
_SECONDS = 2


def wake_workers() -> None:
    """Enqueue one digestion job; within two seconds of the last one this does nothing. Call it after the commit."""
    try:
        if get_connection(QUEUE).set(_WANTED, 1, nx=True, ex=_SECONDS):
            get_queue(QUEUE).enqueue(JOB, result_ttl=0, failure_ttl=3600)
    except RedisError:
        log.warning("redis is out of reach; the sweep will find what waits")


def forget_wake() -> None:
    """Let the next arrival enqueue at once; a job calls it before it looks at the inbox."""
    try:
        get_connection(QUEUE).delete(_WANTED)
    except RedisError:
        log.warning("redis is out of reach; the next wake-up may take two seconds")
