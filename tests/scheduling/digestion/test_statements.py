"""A batch costs a fixed number of SQL statements, whatever it holds (DESIGN section 3)."""

import contextlib

import pytest
from django.db import transaction

from config.pipeline import digest_batch
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, merge, siu, slot
from tests.support.statements import statements_sent


class _UndoError(Exception):
    """Takes a batch back, so that the next one finds what it found."""


def patient_of(number):
    """Few patients with many visits; each tenth visit is some patient's only one, so that losing it makes work."""
    return f"B-{number}" if number % 10 == 2 else f"N-{number % 7}"


def history(count):
    """Bookings in one hour, so that later messages find something."""
    for number in range(count):
        yield siu(
            "S12", visit=f"V{number}", at=NOW - 2 * DAY, starts_at=NOW + (2 + number % 40) * HOUR,
            patient=patient_of(number), provider=f"P{number % 11}",
        )  # fmt: skip


def mixed(count):
    """Every kind of message, each of many visits and patients, late and unmapped ones among them."""
    kinds = (
        lambda n: siu("S15", visit=f"V{n}", at=NOW - HOUR, status="Cancelled", provider=f"P{n % 11}", patient=None),
        lambda n: siu("S14", visit=f"V{n}", at=NOW - 3 * DAY, status="Confirmed", patient=patient_of(n)),
        lambda n: siu("S15", visit=f"V{n}", at=NOW - HOUR, status="Bumped", patient=patient_of(n)),
        lambda n: siu("S14", visit=f"V{n}", at=NOW - HOUR, status="ZZ9", patient=patient_of(n)),
        lambda n: siu("S12", visit=f"W{n}", at=NOW - HOUR, starts_at=NOW + 3 * HOUR, patient=f"M-{n}", clinic="NEW"),
        lambda n: adt("A08", at=NOW - HOUR, patient=f"N-{n % 7}", family=f"F{n}", phone=f"31255{n:05}"),
        lambda n: merge(at=NOW - HOUR, survivor=f"N-{n % 7}", retired=f"O-{n}"),
        lambda n: slot("S23", at=NOW - HOUR, starts_at=NOW + (2 + n % 40) * HOUR, provider=f"P{n % 11}"),
        lambda n: b"MSH|broken",
        lambda n: siu("S12", visit=f"V{n}", at=NOW - HOUR, starts_at=NOW + 5 * HOUR, patient=f"N-{(n + 1) % 7}"),
    )
    return [kinds[number % len(kinds)](number) for number in range(count)]


@pytest.mark.django_db
def test_a_batch_of_50_and_one_of_500_take_the_same_statements(desk):
    desk.take(*history(500))
    counts = {}
    for size in (50, 500):
        with contextlib.suppress(_UndoError), transaction.atomic():
            desk.receive(*mixed(size))
            with statements_sent() as sent:
                digested = digest_batch(now=NOW)
            assert len(digested.message_ids) == size
            counts[size] = sent
            raise _UndoError

    made_once = "CREATE TEMP TABLE"  # they live as long as the connection
    assert {each: count for each, count in (counts[500] - counts[50]).items() if made_once not in each} == {}
    assert counts[500].total() < 80
