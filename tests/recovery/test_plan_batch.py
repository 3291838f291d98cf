"""Items open, change and close as messages arrive."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import transaction

from recovery.models import ItemEvent, QueueItem
from recovery.services.expire_items import expire_items
from recovery.services.plan_batch import plan_batch
from recovery.vocabulary import CloseReason, Family, Level
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, Status

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = NOW + 3 * HOUR
pytestmark = pytest.mark.django_db


def test_a_cancelled_visit_frees_its_slot(world):
    visit = world.booked(world.patient(), SOON)

    world.batch((visit, world.event(NOW, Status.CANCELLED, initiator=Initiator.PATIENT)))

    item = QueueItem.objects.get()
    assert (item.family, item.appointment_id, item.starts_at, item.cause, item.initiator, item.useful_until) == (
        Family.REFILL, visit.pk, SOON, "cancelled", "patient", SOON - timedelta(minutes=35),
    )  # fmt: skip
    assert [event.kind for event in item.events.all()] == ["opened"]


@pytest.mark.parametrize(
    ("minutes", "count"), [(34, 0), (35, 0), (36, 1)], ids=["inside the notice", "at the notice", "a minute before it"]
)
def test_a_slot_that_starts_too_soon_is_not_offered(world, minutes, count):
    visit = world.booked(world.patient(), NOW + timedelta(minutes=minutes))

    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    assert QueueItem.objects.count() == count


def test_a_moved_visit_frees_its_old_slot_and_takes_the_new_one(world):
    visit = world.booked(world.patient(), SOON)

    world.batch((visit, world.event(NOW, Status.BOOKED, starts_at=SOON + DAY)))

    item = QueueItem.objects.get()
    assert (item.starts_at, item.cause) == (SOON, "rescheduled")


@pytest.mark.parametrize(
    ("offset", "is_open"),
    [(-30, True), (-29, False), (0, False), (29, False), (30, True)],
    ids=["ends at its start", "overlaps its start", "the same slot", "overlaps its end", "starts at its end"],
)
def test_another_visit_in_the_slot_closes_it(world, offset, is_open):
    visit = world.booked(world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    world.booked(world.patient(), SOON + timedelta(minutes=offset), at=NOW)

    assert bool(world.opened()) is is_open
    assert world.closed() == ([] if is_open else [("refill", CloseReason.SLOT_FILLED)])


def test_a_visit_of_unknown_status_keeps_its_slot(world):
    visit = world.booked(world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))
    unknown = world.appointment()

    world.batch((unknown, world.unmapped(NOW, starts_at=SOON)))

    assert world.opened() == []


def test_a_visit_of_another_resource_leaves_the_slot_free(world):
    visit = world.booked(world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    world.booked(world.patient(), SOON, at=NOW, resource="ABARA")

    assert world.opened() == [("refill", visit.pk)]


def test_two_vacancies_of_one_slot_are_one_item_of_the_newest(world):
    first = world.booked(world.patient(), SOON)
    world.batch((first, world.event(NOW - HOUR, Status.CANCELLED)))
    second = world.booked(world.patient(), SOON, at=NOW - timedelta(minutes=50))

    world.batch((second, world.event(NOW, Status.BUMPED)))

    assert world.opened() == [("rebook_bumped", second.pk), ("refill", second.pk)]


def test_booking_the_visit_again_closes_its_refill(world):
    visit = world.booked(world.patient(), SOON)
    world.batch((visit, world.event(NOW - HOUR, Status.CANCELLED)))

    world.batch((visit, world.event(NOW, Status.BOOKED, starts_at=SOON)))

    assert (world.opened(), world.closed()) == ([], [("refill", CloseReason.BOOKED)])


@pytest.mark.parametrize("status", ["blocked", "held", "taken"])
def test_a_template_that_closes_the_slot_closes_the_item(world, status):
    visit = world.booked(world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    world.block(SOON - timedelta(minutes=15), status=status)
    closed = world.closed()
    world.block(SOON - timedelta(minutes=15), status="open")

    assert closed == [("refill", CloseReason.TEMPLATE_BLOCKED)]
    assert world.opened() == [("refill", visit.pk)]


def test_a_trouble_of_the_visit_that_left_holds_the_slot_until_it_is_gone(world):
    visit = world.booked(world.patient(), SOON)
    world.batch((visit, world.event(NOW - HOUR, Status.CANCELLED)))
    mystery = world.unmapped(NOW)

    world.batch((visit, mystery))
    held = QueueItem.objects.get()
    mystery.mapping, mystery.kind, mystery.status = MappingOutcome.MAPPED, EventKind.CANCELLED, Status.CANCELLED
    world.batch((visit, world.event(NOW, None)))
    free = QueueItem.objects.open().get()

    assert (held.level, held.reasons) == (2, [["unmapped_status", 2, "ZZ9"]])
    assert (free.pk, free.level, free.reasons) == (held.pk, 0, [])
    assert [event.kind for event in held.events.all()] == ["opened", "changed", "changed"]


def test_the_clock_ends_what_is_over_and_only_once(world):
    visit = world.booked(world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))
    end = SOON - timedelta(minutes=35)

    counts = [expire_items(at) for at in (end - timedelta(seconds=1), end, end)]

    assert (counts, world.closed()) == ([0, 1, 0], [("refill", CloseReason.EXPIRED)])
    assert ItemEvent.objects.filter(kind="closed").count() == 1


def test_the_same_batch_again_changes_nothing(world):
    visit = world.booked(world.patient(), SOON)
    event = world.event(NOW, Status.CANCELLED)
    world.batch((visit, event))

    world.batch((visit, world.event(NOW, Status.CANCELLED, received_at=NOW + HOUR)))

    assert list(QueueItem.objects.values_list("version", flat=True)) == [1]


class CountingCursor(psycopg.Cursor):
    """Counts what it sends."""

    sent = 0

    def execute(self, *args, **kwargs):
        self.sent += 1
        return super().execute(*args, **kwargs)


@pytest.mark.parametrize("visits", [1, 30])
def test_the_number_of_statements_does_not_grow_with_the_batch(world, visits):
    told = []
    for number in range(visits):
        patient = world.patient()
        freed = world.booked(patient, SOON + number * HOUR)
        lost = world.booked(world.patient(), NOW - (number + 1) * HOUR)
        told += [(freed, world.event(NOW, Status.CANCELLED)), (lost, world.event(NOW, Status.MISSED))]

    days = world.days()
    with transaction.atomic(), server_cursor() as cursor, CountingCursor(cursor.connection) as counting:
        plan_batch(counting, world.digest(cursor, told, days), days)

    assert counting.sent == 13
    assert QueueItem.objects.count() == 2 * visits


def test_a_slot_without_a_visit_type_is_held_until_the_source_sends_one(world):
    visit = world.booked(world.patient(), SOON, visit_type=None)

    world.batch((visit, world.event(NOW, Status.CANCELLED, visit_type=None)))
    before = QueueItem.objects.get()
    world.batch((visit, world.event(NOW + HOUR, Status.CANCELLED)))
    after = QueueItem.objects.get()

    assert (before.reasons, before.level) == ([["missing_visit_type", 2, ""]], Level.HELD)
    assert (after.reasons, after.level, after.visit_type) == ([], Level.READY, "ECHO")


def test_a_slot_whose_visit_moved_on_needs_a_type_of_its_own(world):
    visit = world.booked(world.patient(), SOON, visit_type=None)

    world.batch((visit, world.event(NOW, starts_at=SOON + DAY)))

    assert QueueItem.objects.get().reasons == [["missing_visit_type", 2, ""]]
