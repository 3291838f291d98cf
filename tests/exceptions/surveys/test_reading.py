"""What the surveys read: what is usual for a feed, who shares a number, and that reading costs the same for many."""

from datetime import timedelta
from typing import cast

import pytest
from django.db import transaction

from exceptions.checks.freshness import FeedFacts
from exceptions.surveys.feeds import read_feeds
from exceptions.surveys.registry import SURVEYS
from scheduling.models import Feed, FeedProof, Message
from scheduling.sql.cursors import Cursor, server_cursor
from tests.exceptions.conftest import CountingCursor
from tests.support.desk import DAY, HOUR, LONG_AGO, NOW
from tests.support.messages import siu
from tests.support.rows import row

MINUTE = timedelta(minutes=1)


@pytest.fixture
def talking(desk):
    """The desk's feed said ten things in the hour before NOW's time of day on each of fourteen days, and one today."""
    feed = desk.feed
    Message.objects.bulk_create(
        Message(
            feed=feed, received_at=NOW - day * DAY - number * 3 * MINUTE, control_id=f"{day}-{number}",
            control_hash=day * 100 + number, digest=b"0" * 16, body=b"", transport="mllp",
        )
        for day in range(14, 0, -1)
        for number in range(10, 0, -1)
    )  # fmt: skip
    FeedProof.objects.update_or_create(feed=feed, defaults={"digested_to": NOW - 31 * MINUTE})
    return desk


def read(desk, now) -> FeedFacts:
    with transaction.atomic(), server_cursor() as cursor:
        (facts,) = [each for each in read_feeds(cursor, now) if each.feed_id == desk.feed.pk]
    return facts


def test_usual_counts_the_same_hours_of_earlier_open_days(talking):
    facts = read(talking, NOW)

    # Only working days are comparable, and counting stops at what is enough.
    assert facts.usual == (10, 10, 10, 10, 10, 10, 10)
    assert facts.heard_at == NOW - 31 * MINUTE


def test_feed_that_always_talks_at_this_hour_is_silent_after_half_an_hour(talking, survey):
    assert survey("feeds", now=NOW) == {"silent_feed": 1}


def test_feed_that_is_always_quiet_at_this_hour_is_not(talking, survey):
    FeedProof.objects.update(digested_to=NOW + 3 * HOUR)

    assert survey("feeds", now=NOW + 4 * HOUR) == {}


def test_feed_that_was_heard_is_not_counted_for(talking):
    FeedProof.objects.update(digested_to=NOW - 29 * MINUTE)

    assert read(talking, NOW).usual == ()


def test_heartbeat_and_waiting_messages_are_signs_of_life(talking):
    FeedProof.objects.update(heartbeat_at=NOW - 5 * MINUTE)
    assert read(talking, NOW).heard_at == NOW - 5 * MINUTE

    talking.receive(siu("S12", visit="A1", at=NOW, starts_at=NOW + DAY), now=NOW - MINUTE)

    facts = read(talking, NOW)
    assert (facts.heard_at, facts.waiting, facts.waiting_since) == (NOW - MINUTE, 1, NOW - MINUTE)


def test_feed_that_is_switched_off_is_not_judged(talking, survey):
    Feed.objects.filter(pk=talking.feed.pk).update(is_active=False)

    assert survey("feeds", now=NOW) == {}


def test_set_up_is_when_it_was_entered_or_first_heard(talking):
    assert read(talking, NOW).set_up_at == LONG_AGO


@pytest.mark.parametrize(
    ("holders", "count"),
    [(["Quill", "Okafor", "Marsh"], 3), (["Quill", "Okafor", "okafor"], None), (["Quill", "Okafor"], None)],
    ids=["three names", "two names", "a couple"],
)
def test_number_is_shared_across_all_records(holders, count, desk, table, survey):
    # Only the first has a visit within the window.
    for number, family in enumerate(holders):
        starts = NOW + 2 * DAY if number == 0 else NOW - 90 * DAY
        desk.take(
            row(f"V{number}", at=NOW - 99 * DAY, starts=starts, patient_id=f"P-{number}", family=family), feed=table
        )

    assert survey("contact").get("shared_number") == (1 if count else None)


@pytest.mark.parametrize("name", SURVEYS)
def test_reading_takes_as_many_statements_for_many_as_for_few(name, desk, table):
    def statements(number: int) -> int:
        desk.take(row(f"V{number}", at=NOW - HOUR, starts=NOW + number * HOUR, patient_id=f"P-{number}"), feed=table)
        desk.take(siu("S12", visit=f"A{number}", at=NOW - 9 * DAY, starts_at=NOW - 4 * DAY - number * HOUR))
        with transaction.atomic(), server_cursor() as cursor:
            counting = CountingCursor(cursor)
            list(SURVEYS[name].look(cast("Cursor", counting), NOW).found)
        return len(counting.statements)

    few = statements(1)
    assert [statements(number) for number in range(2, 5)][-1] == few
