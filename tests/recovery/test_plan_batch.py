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
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, SetBy, Status

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = NOW + 3 * HOUR
pytestmark = pytest.mark.django_db


def booked(world, patient, starts_at, *, at=NOW - 9 * DAY, **fields):
    appointment = world.appointment()
    world.batch((appointment, world.event(at, starts_at=starts_at, patient_id=patient.pk, **fields)))
    return appointment


def test_a_cancelled_visit_frees_its_slot(world):
    visit = booked(world, world.patient(), SOON)

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
    visit = booked(world, world.patient(), NOW + timedelta(minutes=minutes))

    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    assert QueueItem.objects.count() == count


def test_a_moved_visit_frees_its_old_slot_and_takes_the_new_one(world):
    visit = booked(world, world.patient(), SOON)

    world.batch((visit, world.event(NOW, Status.BOOKED, starts_at=SOON + DAY)))

    item = QueueItem.objects.get()
    assert (item.starts_at, item.cause) == (SOON, "rescheduled")


@pytest.mark.parametrize(
    ("offset", "is_open"),
    [(-30, True), (-29, False), (0, False), (29, False), (30, True)],
    ids=["ends at its start", "overlaps its start", "the same slot", "overlaps its end", "starts at its end"],
)
def test_another_visit_in_the_slot_closes_it(world, offset, is_open):
    visit = booked(world, world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    booked(world, world.patient(), SOON + timedelta(minutes=offset), at=NOW)

    assert bool(world.opened()) is is_open
    assert world.closed() == ([] if is_open else [("refill", CloseReason.SLOT_FILLED)])


def test_a_visit_of_unknown_status_keeps_its_slot(world):
    visit = booked(world, world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))
    unknown = world.appointment()

    world.batch((unknown, world.unmapped(NOW, starts_at=SOON)))

    assert world.opened() == []


def test_a_visit_of_another_resource_leaves_the_slot_free(world):
    visit = booked(world, world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    booked(world, world.patient(), SOON, at=NOW, resource="ABARA")

    assert world.opened() == [("refill", visit.pk)]


def test_two_vacancies_of_one_slot_are_one_item_of_the_newest(world):
    first = booked(world, world.patient(), SOON)
    world.batch((first, world.event(NOW - HOUR, Status.CANCELLED)))
    second = booked(world, world.patient(), SOON, at=NOW - timedelta(minutes=50))

    world.batch((second, world.event(NOW, Status.BUMPED)))

    assert world.opened() == [("rebook_bumped", second.pk), ("refill", second.pk)]


def test_booking_the_visit_again_closes_its_refill(world):
    visit = booked(world, world.patient(), SOON)
    world.batch((visit, world.event(NOW - HOUR, Status.CANCELLED)))

    world.batch((visit, world.event(NOW, Status.BOOKED, starts_at=SOON)))

    assert (world.opened(), world.closed()) == ([], [("refill", CloseReason.BOOKED)])


@pytest.mark.parametrize("status", ["blocked", "held", "taken"])
def test_a_template_that_closes_the_slot_closes_the_item(world, status):
    visit = booked(world, world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    world.block(SOON - timedelta(minutes=15), status=status)
    closed = world.closed()
    world.block(SOON - timedelta(minutes=15), status="open")

    assert closed == [("refill", CloseReason.TEMPLATE_BLOCKED)]
    assert world.opened() == [("refill", visit.pk)]


def test_a_trouble_of_the_visit_that_left_holds_the_slot_until_it_is_gone(world):
    visit = booked(world, world.patient(), SOON)
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


def missed(world, patient, starts_at=NOW - 2 * HOUR, **fields):
    visit = booked(world, patient, starts_at, **{name: fields.pop(name) for name in ("visit_type",) if name in fields})
    world.batch((visit, world.event(starts_at + HOUR, Status.MISSED, **fields)))
    return visit


def test_a_missed_visit_waits_for_rebooking(world):
    patient = world.patient()

    visit = missed(world, patient)

    item = QueueItem.objects.get()
    assert (item.family, item.patient_id, item.useful_until, item.ready_from) == (
        Family.REBOOK_MISSED, patient.pk, visit_start(visit) + 30 * DAY, datetime(2026, 11, 24, 23, tzinfo=UTC),
    )  # fmt: skip


def visit_start(visit):
    visit.refresh_from_db()
    return visit.starts_at


def test_a_visit_missed_by_a_timer_is_held(world):
    missed(world, world.patient(), set_by=SetBy.TIMER)

    assert QueueItem.objects.get().reasons == [["missed_by_timer", 2, ""]]


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"phones_home": None}, [["no_contact", 2, ""]]),
        ({"phones_home": [["phone", "home", "1", None, None]]}, [["no_mobile", 1, ""]]),
        ({"publicity": "N"}, [["opted_out", 2, ""]]),
        ({"protection": "Y"}, [["restricted", 1, ""]]),
        ({}, []),
    ],
    ids=["no number", "no mobile", "opted out", "restricted", "nothing in the way"],
)
def test_what_is_known_of_the_patient_is_stored(world, fields, reasons):
    missed(world, world.patient(**fields))

    assert QueueItem.objects.get().reasons == reasons


@pytest.mark.parametrize("flags", [0, 1, 2, 3, 4], ids=["none", "reopens", "suppresses", "both", "counts"])
def test_a_reason_that_suppresses_outreach_opens_nothing(world, flags):
    missed(world, world.patient(), reason_flags=flags)

    assert bool(world.opened()) is not bool(flags & 2)


@pytest.mark.parametrize(
    ("fields", "starts_at", "is_open"),
    [
        ({}, NOW + DAY, False),
        ({"visit_type": "MRI"}, NOW + DAY, False),
        ({"clinic_id": None, "clinic_code": "?"}, NOW + DAY, False),
        ({"clinic_id": None, "clinic_code": "?", "visit_type": "MRI"}, NOW + DAY, True),
        ({}, NOW - 3 * DAY, True),
    ],
    ids=["later, same clinic and kind", "same clinic", "same kind", "neither", "earlier"],
)
def test_a_visit_elsewhere_closes_the_rebooking(world, fields, starts_at, is_open):
    patient = world.patient()
    missed(world, patient)

    booked(world, patient, starts_at, **fields)

    assert bool(world.opened()) is is_open
    assert world.closed() == ([] if is_open else [("rebook_missed", CloseReason.REBOOKED)])


def test_a_bumped_visit_given_an_earlier_date_is_rebooked(world):
    patient = world.patient()
    bumped = booked(world, patient, NOW + 20 * DAY)
    world.batch((bumped, world.event(NOW - HOUR, Status.BUMPED)))

    booked(world, patient, NOW + 10 * DAY, at=NOW)

    assert world.opened() == [("refill", bumped.pk)]


def test_cancelling_the_rebooked_visit_opens_the_rebooking_again(world):
    patient = world.patient()
    lost = missed(world, patient)
    other = booked(world, patient, SOON + DAY, at=NOW)

    world.batch((other, world.event(NOW, Status.CANCELLED)))

    assert world.opened() == [("rebook_missed", lost.pk), ("refill", other.pk)]


def test_a_missed_visit_that_was_kept_after_all_closes(world):
    visit = missed(world, world.patient())

    world.batch((visit, world.event(NOW, Status.COMPLETED)))

    assert (world.opened(), world.closed()) == ([], [("rebook_missed", CloseReason.VISIT_GONE)])


def test_a_merged_patient_is_one_person(world):
    first, second = world.patient(), world.patient()
    lost = missed(world, first)
    booked(world, second, SOON + DAY)
    before = world.opened()

    first.merged_into = second
    first.save()
    world.batch(patients=[first, second])

    assert (before, world.opened()) == ([("rebook_missed", lost.pk)], [])


def test_the_item_of_a_merged_patient_names_the_record_that_survived(world):
    first, second = world.patient(), world.patient()
    missed(world, first)
    first.merged_into = second
    first.save()

    world.batch(patients=[first])

    item = QueueItem.objects.get()
    assert (item.patient_id, item.reasons) == (second.pk, [["merged", 1, ""]])


def test_death_closes_the_rebooking(world):
    patient = world.patient()
    missed(world, patient)
    patient.died = True
    patient.save()

    world.batch(patients=[patient])

    assert (world.opened(), world.closed()) == ([], [("rebook_missed", CloseReason.UNWANTED)])


def test_the_clock_ends_what_is_over_and_only_once(world):
    visit = booked(world, world.patient(), SOON)
    world.batch((visit, world.event(NOW, Status.CANCELLED)))
    end = SOON - timedelta(minutes=35)

    counts = [expire_items(at) for at in (end - timedelta(seconds=1), end, end)]

    assert (counts, world.closed()) == ([0, 1, 0], [("refill", CloseReason.EXPIRED)])
    assert ItemEvent.objects.filter(kind="closed").count() == 1


def test_the_same_batch_again_changes_nothing(world):
    visit = booked(world, world.patient(), SOON)
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
        freed = booked(world, patient, SOON + number * HOUR)
        lost = booked(world, world.patient(), NOW - (number + 1) * HOUR)
        told += [(freed, world.event(NOW, Status.CANCELLED)), (lost, world.event(NOW, Status.MISSED))]

    with transaction.atomic(), server_cursor() as cursor, CountingCursor(cursor.connection) as counting:
        plan_batch(counting, world.digest(cursor, told))

    assert counting.sent == 10
    assert QueueItem.objects.count() == 2 * visits


def test_a_slot_without_a_visit_type_is_held_until_the_source_sends_one(world):
    visit = booked(world, world.patient(), SOON, visit_type=None)

    world.batch((visit, world.event(NOW, Status.CANCELLED, visit_type=None)))
    before = QueueItem.objects.get()
    world.batch((visit, world.event(NOW + HOUR, Status.CANCELLED)))
    after = QueueItem.objects.get()

    assert (before.reasons, before.level) == ([["missing_visit_type", 2, ""]], Level.HELD)
    assert (after.reasons, after.level, after.visit_type) == ([], Level.READY, "ECHO")


def test_a_slot_whose_visit_moved_on_needs_a_type_of_its_own(world):
    visit = booked(world, world.patient(), SOON, visit_type=None)

    world.batch((visit, world.event(NOW, starts_at=SOON + DAY)))

    assert QueueItem.objects.get().reasons == [["missing_visit_type", 2, ""]]


def test_a_missed_visit_without_a_clinic_is_held(world):
    visit = booked(world, world.patient(), NOW - HOUR, clinic_id=None, clinic_code=None)

    world.batch((visit, world.event(NOW, Status.MISSED, set_by=SetBy.PERSON, clinic_id=None, clinic_code=None)))

    item = QueueItem.objects.get()
    assert (item.family, item.reasons, item.level) == ("rebook_missed", [["missing_clinic", 2, ""]], Level.HELD)


def test_a_rebooking_does_not_need_the_visit_type_of_what_was_lost(world):
    visit = booked(world, world.patient(), SOON, visit_type=None)

    world.batch((visit, world.event(NOW, Status.BUMPED, initiator=Initiator.CLINIC, visit_type=None)))

    levels = dict(QueueItem.objects.values_list("family", "reasons"))
    assert levels == {"refill": [["missing_visit_type", 2, ""]], "rebook_bumped": []}
