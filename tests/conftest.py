"""What tests of every floor share: a source, a clinic, people with grants, a flush that the guard lets pass."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import django_rq
import pytest
from django.core.cache import caches
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from hypothesis import settings
from redis import Redis

from accounts.models import Clinic, Grant, Source, User
from tests.support.desk import desk  # noqa: F401 - a fixture for tests of every floor

# A shared machine may be slow at any moment, which says nothing about the code.
settings.register_profile(
    "desk", deadline=None, print_blob=True, max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "30"))
)
settings.load_profile("desk")

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
AUDIT_TABLE = "accounts_auditentry"
_django_sql_flush = DatabaseOperations.sql_flush


def sql_flush_past_the_guard(self: DatabaseOperations, style: Any, tables: Any, **options: Any) -> list[str]:
    """Empty the tables after a transactional test; only the owner may lift the guard, and only DDL does it."""
    statements = _django_sql_flush(self, style, tables, **options)
    if AUDIT_TABLE not in tables:
        return statements
    return [
        f"ALTER TABLE {AUDIT_TABLE} DISABLE TRIGGER USER",
        *statements,
        f"ALTER TABLE {AUDIT_TABLE} ENABLE ALWAYS TRIGGER audit_refuses_change",
        f"ALTER TABLE {AUDIT_TABLE} ENABLE ALWAYS TRIGGER audit_refuses_truncate",
    ]


DatabaseOperations.sql_flush = sql_flush_past_the_guard  # type: ignore[method-assign,assignment]  # tests only


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps an event loop in its worker's thread, and others start loops of their own.

    xdist hands tests out in this order, so on every worker the browser comes after everything else.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish() -> None:
    """Nine thousand tests and their modules stay; looking through them for garbage again and again takes minutes."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_kept_counts():
    """Counts of the rail are kept per person id for some seconds, and ids repeat between tests."""
    caches["local"].clear()


@pytest.fixture
def source(db):
    return Source.objects.create(key="northside", name="Northside EHR", timezone="America/Chicago", created_at=NOW)


@pytest.fixture
def clinic(source):
    return Clinic.objects.create(source=source, key="cardiology", name="Cardiology", timezone="America/Chicago")


@pytest.fixture
def other_source(db):
    return Source.objects.create(key="lakeview", name="Lakeview RIS", timezone="America/Denver", created_at=NOW)


@pytest.fixture
def other_clinic(other_source):
    return Clinic.objects.create(source=other_source, key="imaging", name="Imaging", timezone="America/Denver")


@pytest.fixture
def person(db):
    """Make people: ``person(Role.ACCESS, clinic=clinic)``; without a role they may do nothing."""
    numbers = count(1)

    def make(*roles: str, source: Source | None = None, clinic: Clinic | None = None, **fields: Any) -> User:
        name = fields.pop("username", f"person{next(numbers)}@northfield.example")
        user = User.objects.create_user(name, email=name, password=fields.pop("password", None), **fields)
        Grant.objects.bulk_create([Grant(user=user, role=role, source=source, clinic=clinic) for role in roles])
        return user

    return make


@pytest.fixture
def signed_in():
    """Return a client that is signed in as a person."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def redis() -> Iterator[Redis]:
    """The tests' own Redis, empty before and after."""
    connection = django_rq.get_connection("default")
    connection.flushdb()
    yield connection
    connection.flushdb()
