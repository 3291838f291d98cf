"""The plan of lost visits: missed and bumped ones open a rebooking, and what closes it again."""

from datetime import UTC, datetime, timedelta

import pytest

from recovery.models import QueueItem
from recovery.vocabulary import CloseReason, Family, Level
from scheduling.vocabulary import Initiator, SetBy, Status

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = NOW + 3 * HOUR
pytestmark = pytest.mark.django_db


def missed(world, patient, starts_at=NOW - 2 * HOUR, **fields):
    visit = world.booked(patient, starts_at, **{name: fields.pop(name) for name in ("visit_type",) if name in fields})
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

    world.booked(patient, starts_at, **fields)

    assert bool(world.opened()) is is_open
    assert world.closed() == ([] if is_open else [("rebook_missed", CloseReason.REBOOKED)])


def test_a_bumped_visit_given_an_earlier_date_is_rebooked(world):
    patient = world.patient()
    bumped = world.booked(patient, NOW + 20 * DAY)
    world.batch((bumped, world.event(NOW - HOUR, Status.BUMPED)))

    world.booked(patient, NOW + 10 * DAY, at=NOW)

    assert world.opened() == [("refill", bumped.pk)]


def test_cancelling_the_rebooked_visit_opens_the_rebooking_again(world):
    patient = world.patient()
    lost = missed(world, patient)
    other = world.booked(patient, SOON + DAY, at=NOW)

    world.batch((other, world.event(NOW, Status.CANCELLED)))

    assert world.opened() == [("rebook_missed", lost.pk), ("refill", other.pk)]


def test_a_missed_visit_that_was_kept_after_all_closes(world):
    visit = missed(world, world.patient())

    world.batch((visit, world.event(NOW, Status.COMPLETED)))

    assert (world.opened(), world.closed()) == ([], [("rebook_missed", CloseReason.VISIT_GONE)])


def test_a_merged_patient_is_one_person(world):
    first, second = world.patient(), world.patient()
    lost = missed(world, first)
    world.booked(second, SOON + DAY)
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


def test_a_missed_visit_without_a_clinic_is_held(world):
    visit = world.booked(world.patient(), NOW - HOUR, clinic_id=None, clinic_code=None)

    world.batch((visit, world.event(NOW, Status.MISSED, set_by=SetBy.PERSON, clinic_id=None, clinic_code=None)))

    item = QueueItem.objects.get()
    assert (item.family, item.reasons, item.level) == ("rebook_missed", [["missing_clinic", 2, ""]], Level.HELD)


def test_a_rebooking_does_not_need_the_visit_type_of_what_was_lost(world):
    visit = world.booked(world.patient(), SOON, visit_type=None)

    world.batch((visit, world.event(NOW, Status.BUMPED, initiator=Initiator.CLINIC, visit_type=None)))

    levels = dict(QueueItem.objects.values_list("family", "reasons"))
    assert levels == {"refill": [["missing_visit_type", 2, ""]], "rebook_bumped": []}
