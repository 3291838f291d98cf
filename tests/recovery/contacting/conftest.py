"""One patient whom everybody may reach, and one intended contact; tests change one thing at a time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from recovery.contacting.facts import Ask, Person, Point
from recovery.contacting.policy import DEFAULT_POLICY, DEFAULT_TRIES
from recovery.vocabulary import Family, OutreachChannel, Topic

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # Tuesday 12:00 in Chicago
MOBILE = Point("phone", "mobile", "+13125550101", 1)
LANDLINE = Point("phone", "home", "+13125550102", 2)
MAIL = Point("email", "home", "pat@example.org", 1)
ENGLISH = frozenset({"en"})


@pytest.fixture
def person():
    """Somebody without anything against it."""
    return Person(7, language="en", zone=CHICAGO, points=(MOBILE, LANDLINE, MAIL))


@pytest.fixture
def ask():
    """Offering a sooner visit, asked by somebody who speaks English."""
    written = {OutreachChannel.TEXT: ENGLISH, OutreachChannel.EMAIL: ENGLISH}
    return Ask(Topic.REFILL, CHICAGO, DEFAULT_POLICY, DEFAULT_TRIES[Family.REFILL], spoken=ENGLISH, written=written)
