"""Whether the process lives and whether it can work; both answer without a login."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq.cron import CronScheduler
from rq.worker import Worker


@require_safe
@never_cache
def livez(_request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part that pages need works, else 503.

    Workers and cron are told beside them and do not decide: without them pages still
    show what is known, and a web process taken out of service would help nobody.
    """
    parts = {name: check() for name, check in NEEDED.items()}
    ready = all(parts.values())
    background = heartbeats(timezone.now())
    return JsonResponse({"ready": ready, "parts": parts, **background}, status=200 if ready else 503)


def database_answers() -> bool:
    """Ask PostgreSQL for a constant."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def redis_answers() -> bool:
    """Ping the server that carries the queues."""
    try:
        return bool(probe().ping())
    except RedisError:
        return False


def probe() -> Redis:
    """A connection that gives up at once: a health check that waits for retries is itself an outage."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))


def migrations_are_applied() -> bool:
    """Whether the database has every migration this code comes with."""
    try:
        return known_migrations() <= MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        return False


@functools.cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """App and name of every migration on disk, read once: the code of a process does not change."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {})


def heartbeats(now: datetime) -> dict[str, Any]:
    """How many workers and cron processes there are, and the age in seconds of the latest sign of life of each kind."""
    redis = probe()
    try:
        workers = [worker.last_heartbeat for worker in Worker.all(connection=redis)]
        crons = [scheduler.last_heartbeat for scheduler in CronScheduler.all(connection=redis)]
    except RedisError:
        return {}
    return {"workers": sign_of_life(workers, now), "cron": sign_of_life(crons, now)}


def sign_of_life(seen: list[datetime | None], now: datetime) -> dict[str, int | float | None]:
    """Count and youngest age; RQ gives its workers' times in UTC without saying so."""
    ages = [(now - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds() for at in seen if at]
    return {"count": len(seen), "heartbeat_age_seconds": round(min(ages), 1) if ages else None}


NEEDED: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "redis": redis_answers,
    "migrations": migrations_are_applied,
}
