"""An exception, people, an endpoint, and servers that receive what is sent."""

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest

from exceptions.models import IntegrationException, Notice, WebhookEndpoint
from exceptions.notices.outgoing import about_of
from exceptions.notices.queueing import queue_notices
from exceptions.notices.requests import NoticeRequest
from exceptions.notices.sentences import sentence
from exceptions.vocabulary import NoticeKind, Severity
from tests.exceptions.conftest import NOON
from tests.support.receivers import Mail, Web, mail_server, send_mail_to, web_server

__all__ = ["NOON"]


@pytest.fixture
def opened(place) -> Callable[..., IntegrationException]:
    """Open an exception in Imaging; keywords change it."""

    def build(check_id: str = "unmapped_status", **changed: Any) -> IntegrationException:
        number = IntegrationException.objects.count()
        facts = {
            "fingerprint": sha256(str(number).encode()).digest()[:16],
            "check_id": check_id,
            "source": place.lakeview,
            "feed": place.lakeview_feed,
            "clinic": place.imaging,
            "raw": "ZZ9",
            "severity": Severity.BLOCKING,
            "opened_at": NOON,
            "occurred_first": NOON,
            "occurred_last": NOON,
            "live_count": 4,
        }
        return IntegrationException.objects.create(**facts | changed)

    return build


@pytest.fixture
def ask(db) -> Callable[..., list[int]]:
    """Queue one notice about an exception to somebody; returns the ids of all notices of its key, by channel."""

    def build(
        exception: IntegrationException,
        to: Any,
        *,
        key: str = "",
        kind: NoticeKind = NoticeKind.STEP,
        now: datetime = NOON,
        **more: Any,
    ) -> list[int]:
        is_endpoint = isinstance(to, WebhookEndpoint)
        key = key or f"test:{Notice.objects.count()}"
        request = NoticeRequest(
            kind,
            exception.pk,
            None if is_endpoint else to.pk,
            to.pk if is_endpoint else None,
            sentence(kind, about_of(exception)),
            key,
            **more,
        )
        queue_notices([request], now=now)
        return list(Notice.objects.filter(key__startswith=f"{key}:").order_by("channel").values_list("pk", flat=True))

    return build


@pytest.fixture
def mail(settings) -> Iterator[Mail]:
    """A mail server that the settings name."""
    with mail_server() as server:
        send_mail_to(server, settings)
        yield server


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server."""
    with web_server() as server:
        yield server


@pytest.fixture
def endpoint(db, web) -> WebhookEndpoint:
    """An endpoint at the web server."""
    return WebhookEndpoint.objects.create(name="Pager", url=web.url, secret="s3cret-s3cret")


@pytest.fixture
def told(db) -> Callable[[], list[tuple[str, str, int, str]]]:
    """(channel, state, tries, problem) of all notices but those in the desk, oldest first."""

    def read() -> list[tuple[str, str, int, str]]:
        rows = Notice.objects.exclude(channel="in_app").order_by("id")
        return list(rows.values_list("channel", "state", "tries", "problem"))

    return read
