"""The two clocks of a feed; pure."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.freshness import LIVE, clocks_of
from scheduling.vocabulary import Transport

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def clocks(transport=Transport.MLLP, **moments):
    nothing = dict.fromkeys(("digested_to", "heartbeat_at", "content_at", "waiting_since"))
    return clocks_of(transport, **(nothing | moments), now=NOW)


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ({}, None),
        ({"digested_to": NOW - HOUR}, NOW - HOUR),
        ({"digested_to": NOW - HOUR, "heartbeat_at": NOW}, NOW),
        ({"digested_to": NOW, "waiting_since": NOW - HOUR}, NOW - HOUR),
        ({"heartbeat_at": NOW, "waiting_since": NOW - HOUR}, NOW - HOUR),
        ({"digested_to": NOW - HOUR, "waiting_since": NOW}, NOW - HOUR),
        ({"waiting_since": NOW}, None),
    ],
    ids=["nothing", "digested", "heartbeat", "backlog", "backlog after heartbeat", "newer backlog", "never digested"],
)
def test_no_proof_is_newer_than_what_still_waits(moments, expected):
    assert clocks(**moments).proved_at == expected


@pytest.mark.parametrize(
    ("age", "tone"),
    [
        (LIVE.quiet, "fresh"), (LIVE.quiet + SECOND, "warn"), (LIVE.silent, "warn"), (LIVE.silent + SECOND, "held"),
        (-HOUR, "fresh"),
    ],
)  # fmt: skip
def test_a_tone_begins_after_its_limit(age, tone):
    assert clocks(digested_to=NOW - age).tone == tone


def test_a_nightly_file_is_not_quiet_after_a_day():
    assert [clocks(kind, digested_to=NOW - 25 * HOUR).word for kind in (Transport.FILE, Transport.HTTP)] == [
        "On schedule",
        "Silent",
    ]


def test_content_has_a_clock_of_its_own():
    ages = clocks(digested_to=NOW, content_at=NOW - HOUR)

    assert (ages.age, ages.content_age) == (timedelta(0), HOUR)


def test_an_extract_is_as_old_as_its_taking():
    assert clocks(extract_taken_at=NOW - 9 * HOUR, digested_to=NOW - SECOND).proved_at == NOW - 9 * HOUR
