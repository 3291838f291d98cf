"""Conservation (I2): whatever row is lost, the ledger shows it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from scheduling.models import IntakeTally, MappedEvent, Receipt, Waiting
from scheduling.services.ledger import misfolded, read_ledger, totals
from scheduling.vocabulary import MessageKind, Outcome
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, siu

COLUMNS = ["received", "applied", "superseded", "duplicate", "held", "rejected", "failed", "waiting"]


@pytest.fixture
def busy(desk):
    """One message of every outcome but failed, and one that waits."""
    booking = siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY)
    desk.take(
        booking, siu("S14", visit="V1", at=NOW, status="ZZ9"), b"no message at all", adt("A08", at=NOW, phone="1")
    )
    desk.take(booking, adt("A08", at=NOW - DAY))
    desk.receive(siu("S12", visit="V2", at=NOW - DAY, starts_at=NOW + DAY))
    return desk


def test_ledger_counts_each_message_once(busy):
    assert busy.ledger() == {
        "received": 7, "applied": 2, "superseded": 1, "duplicate": 1, "held": 1, "rejected": 1, "waiting": 1,
    }  # fmt: skip


def test_columns_are_those_of_the_interface_in_order(busy):
    assert [str(name) for name in totals(read_ledger())[busy.feed.key]] == COLUMNS


@pytest.mark.parametrize(
    "table", ["message", "mappedevent", "receipt", "waiting", "intaketally"], ids=lambda table: f"a {table} row"
)
def test_one_deleted_row_makes_the_ledger_exit_1(busy, table, capsys):
    call_command("ledger")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE scheduling_{table} DISABLE TRIGGER USER")
        cursor.execute(f"DELETE FROM scheduling_{table} WHERE ctid = (SELECT min(ctid) FROM scheduling_{table})")

    with pytest.raises(SystemExit) as ended:
        call_command("ledger")

    assert ended.value.code == 1
    assert f"{busy.feed.key} on 2026-11-24 (UTC): received" in capsys.readouterr().err


def test_one_row_too_many_shows_as_well(busy):
    settled = Receipt.objects.order_by("message_id")[0]
    Waiting.objects.create(
        message_id=settled.message_id, feed=busy.feed, lane=0, patient_hash=0, received_at=settled.received_at
    )

    assert [line.difference for line in read_ledger()] == [-1]


def test_a_loss_and_a_surplus_of_different_days_do_not_cancel_out(busy):
    other_day = NOW + timedelta(days=1)
    IntakeTally.objects.create(feed=busy.feed, on=other_day.date(), shard=0, received=1)
    Waiting.objects.create(message_id=-1, feed=busy.feed, lane=0, patient_hash=0, received_at=NOW)

    assert [(line.on.day, line.adds_up) for line in read_ledger()] == [(24, False), (25, False)]


def test_day_of_the_ledger_is_the_utc_day(desk):
    evening = NOW.replace(hour=23, minute=59)
    desk.take(siu("S12", visit="V1", at=evening, starts_at=NOW + DAY), now=evening)
    desk.take(siu("S12", visit="V2", at=evening, starts_at=NOW + DAY), now=evening + timedelta(minutes=1))

    assert [(line.on.day, line.received, line.adds_up) for line in read_ledger()] == [(24, 1, True), (25, 1, True)]


def test_a_lost_later_part_of_a_message_shows_in_the_appointments(desk):
    first, second = desk.take(
        siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY),
        siu("S14", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY),
    )
    # The second event becomes a later part of the first message; its own message ends in a receipt.
    MappedEvent.objects.filter(message=second).update(message=first, part=1)
    Receipt.objects.create(
        message_id=second, feed=desk.feed, received_at=desk.now, outcome=Outcome.SUPERSEDED, kind=MessageKind.NOTHING
    )
    assert [line.adds_up for line in read_ledger()] == [True]
    assert misfolded() == {}

    MappedEvent.objects.filter(message=first, part=1).delete()

    assert [line.adds_up for line in read_ledger()] == [True]
    assert misfolded() == {"desk": 1}
