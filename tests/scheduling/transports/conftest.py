"""Feeds of each format and lines to a listener."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from scheduling.models import Feed, FeedSettings
from scheduling.vocabulary import FeedFormat, Transport
from tests.scheduling.transport_cast import Line, free_port

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
TRANSPORTS = {FeedFormat.HL7V2: Transport.MLLP, FeedFormat.FHIR: Transport.HTTP, FeedFormat.CSV: Transport.FILE}


@pytest.fixture
def make_feed(source):
    """Make a feed: ``make_feed("north-siu", FeedFormat.HL7V2, mllp={...})``; keywords are its settings."""

    def make(key="north-siu", format=FeedFormat.HL7V2, *, transport=None, token_hash="", **profile):  # noqa: A002
        feed = Feed.objects.create(
            source=source, key=key, name=key, format=format, transport=transport or TRANSPORTS[format],
            token_hash=token_hash,
        )  # fmt: skip
        FeedSettings.objects.create(feed=feed, profile=profile, valid_from=LONG_AGO, recorded_at=timezone.now())
        return feed

    return make


@pytest.fixture
def line():
    """Open connections that close with the test: ``line(listener)``."""
    opened = []

    def connect(listener, context=None, number=0):
        opened.append(Line(listener.addresses[number], context))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


@pytest.fixture
def unused_port():
    return free_port()
