"""The tally of raw signals equals a GROUP BY over the stored events, whatever happened on the way."""

import random
from threading import Thread

import pytest
from django.db import OperationalError, connection, connections, transaction

from config.pipeline import digest_these
from scheduling.digestion.tallies import rebuild_tallies
from scheduling.models import MappedEvent, SignalTally, Waiting
from scheduling.sql.cursors import server_cursor
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

TALLIES = """
SELECT source_id, clinic_code, trigger, filler_status, event_reason, appointment_reason, appointment_type,
    resource_status, has_note, events, first_at, last_at FROM scheduling_signaltally ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
EVENTS = """
SELECT f.source_id, coalesce(e.clinic_code, ''), e.trigger, e.filler_status, e.event_reason, e.appointment_reason,
    e.appointment_type, e.resource_status, e.note <> '', count(*), min(e.source_at), max(e.source_at)
FROM scheduling_mappedevent e JOIN scheduling_feed f ON f.id = e.feed_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def rows(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def check():
    """Tallies equal the events, and each example is a message of the newest event of its tally."""
    assert rows(TALLIES) == rows(EVENTS)
    for tally in SignalTally.objects.all():
        example = MappedEvent.objects.filter(message_id=tally.newest_message, source_at=tally.last_at)
        assert (tally.trigger, tally.filler_status) in example.values_list("trigger", "filler_status")


def bodies(count=120):
    """Bookings and cancellations of several codes and clinics, some of them sent twice."""
    made = []
    for number in range(count):
        said = {"status": ("Booked", "ZZ9", "Cancelled")[number % 3], "clinic": ("CARD", "DERM", "NEW")[number % 2]}
        trigger = "S15" if number % 4 == 3 else "S12"
        made.append(siu(trigger, visit=f"V{number % 40}", at=NOW - number * HOUR, starts_at=NOW + DAY, **said))
    return made + made[::7]


@pytest.mark.django_db
def test_every_new_event_is_counted_once_under_its_signals(desk):
    desk.take(
        siu("S12", visit="V1", at=NOW - 3 * HOUR, starts_at=NOW + DAY, status="ZZ9", reason="08"),
        siu("S12", visit="V2", at=NOW - HOUR, starts_at=NOW + DAY, status="ZZ9", reason="08"),
        siu("S12", visit="V3", at=NOW - 2 * HOUR, starts_at=NOW + DAY, status="ZZ9", clinic="DERM"),
    )

    found = SignalTally.objects.order_by("clinic_code").values_list(
        "clinic_code", "trigger", "filler_status", "event_reason", "events", "first_at", "last_at"
    )

    assert list(found) == [
        ("CARD", "S12", "ZZ9", "08", 2, NOW - 3 * HOUR, NOW - HOUR),
        ("DERM", "S12", "ZZ9", "", 1, NOW - 2 * HOUR, NOW - 2 * HOUR),
    ]
    check()


@pytest.mark.django_db
def test_duplicates_in_one_batch_and_later_ones_count_nothing(desk):
    body = siu("S12", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY)
    desk.take(body, body)
    desk.take(body, now=NOW + HOUR)

    assert SignalTally.objects.get().events == 1
    check()


@pytest.mark.django_db
def test_an_earlier_copy_digested_later_takes_the_example_over(desk):
    body = siu("S12", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, control="")
    early = desk.receive(body, now=NOW - HOUR / 2)
    late = desk.receive(body, now=NOW)
    desk.digest(late)
    assert SignalTally.objects.get().newest_message == late[0]

    desk.digest(early)

    tally = SignalTally.objects.get()
    assert (tally.events, tally.newest_message) == (1, MappedEvent.objects.get().message_id)
    check()


@pytest.mark.django_db
def test_a_batch_that_is_rolled_back_and_tried_again_counts_once(desk):
    ids = desk.receive(*bodies(20))
    with transaction.atomic():
        desk.digest(ids)
        transaction.set_rollback(True)
    assert SignalTally.objects.count() == 0

    desk.digest(ids)

    check()


@pytest.mark.django_db
def test_order_of_arrival_changes_no_tally(desk):
    ids = desk.receive(*bodies())
    random.Random(7).shuffle(ids)
    for start in range(0, len(ids), 10):
        desk.digest(ids[start : start + 10])

    check()


@pytest.mark.django_db
def test_a_rebuild_gives_the_same_tallies(desk):
    desk.take(*bodies())
    before = rows(TALLIES)
    SignalTally.objects.update(events=999)

    with transaction.atomic(), server_cursor() as cursor:
        number = rebuild_tallies(cursor)

    assert (rows(TALLIES), number) == (before, len(before))
    check()


@pytest.mark.django_db(transaction=True)
def test_four_workers_and_a_rebuild_at_once_count_exactly(desk):
    desk.receive(*bodies(240))

    def work(seed):
        dice = random.Random(seed)
        while ids := list(Waiting.objects.values_list("message_id", flat=True)):
            dice.shuffle(ids)
            try:
                digest_these(ids[:12], now=NOW)
            except OperationalError:
                continue
        connections.close_all()

    def rebuild():
        for _ in range(5):
            with transaction.atomic(), server_cursor() as cursor:
                rebuild_tallies(cursor)
        connections.close_all()

    threads = [*(Thread(target=work, args=(seed,)) for seed in range(4)), Thread(target=rebuild)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert MappedEvent.objects.count() == 240
    check()
