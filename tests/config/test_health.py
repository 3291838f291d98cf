"""What the health addresses say when all is well and when a part is missing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from config.cron import TickScheduler
from config.health import sign_of_life

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
NOTHING_RUNS = {"count": 0, "heartbeat_age_seconds": None}
ALL_WELL = {"database": True, "redis": True, "migrations": True}


pytestmark = pytest.mark.usefixtures("redis")


def test_livez_asks_nobody(client):
    answer = client.get("/livez")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_readyz_names_every_part(client, db):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "parts": ALL_WELL, "workers": NOTHING_RUNS, "cron": NOTHING_RUNS},
    )


def test_readyz_is_503_while_a_migration_is_missing(client, db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["parts"] == ALL_WELL | {"migrations": False}


def test_readyz_is_503_without_redis_and_still_answers(client, db, settings):
    settings.REDIS_URL = "unix:///no/such/redis.sock"

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        503,
        {"ready": False, "parts": ALL_WELL | {"redis": False}},
    )


def test_readyz_shows_a_living_cron(client, db, redis):
    scheduler = TickScheduler(redis)
    scheduler.register_birth()
    scheduler.heartbeat()

    cron = client.get("/readyz").json()["cron"]

    assert cron["count"] == 1
    assert 0 <= cron["heartbeat_age_seconds"] < 5


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_health_is_read_only(client, method):
    assert getattr(client, method)("/livez").status_code == 405


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([], {"count": 0, "heartbeat_age_seconds": None}),
        ([None], {"count": 1, "heartbeat_age_seconds": None}),
        (
            [NOON - timedelta(seconds=90), (NOON - timedelta(seconds=2)).replace(tzinfo=None)],
            {"count": 2, "heartbeat_age_seconds": 2.0},
        ),
    ],
    ids=["none", "never seen", "the youngest, with or without a zone"],
)
def test_sign_of_life_is_the_youngest(seen, expected):
    assert sign_of_life(seen, NOON) == expected
