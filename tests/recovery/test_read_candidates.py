"""Candidates as the database tells them: entries and later visits of one person as one, merges, what lies ahead."""

from datetime import timedelta

import psycopg
import pytest

from recovery.models import Offer, QueueItem, WaitlistEntry
from recovery.services.read_candidates import Named, read_candidates
from scheduling.models import Appointment, Patient
from tests.recovery.refills import SLOT_AT, free_type, make_refill
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import merge, siu

OWN_AT = SLOT_AT + 10 * DAY + HOUR  # the first candidate's own visit


@pytest.fixture
def refill(desk):
    return make_refill(desk, people=1)


def why_not(refill, mrn="P-1"):
    """The codes against the person with this number, or None where they are no candidate at all."""
    for one in read_candidates(refill.item, NOW):
        if Patient.objects.get(pk=one.patient_id).mrn == mrn:
            return [reason.code for reason in one.fit.why_not]
    return None


def wait(refill, mrn="P-1", **more):
    fields = {
        "source": refill.desk.source, "patient": Patient.objects.get(mrn=mrn), "clinic": refill.desk.clinics["CARD"],
        "visit_type": "ECHO", "origin": "staff", "since": NOW - 50 * DAY, "added_at": NOW,
    }  # fmt: skip
    return WaitlistEntry.objects.create(**(fields | more))


def ahead(refill, starts_at, **more):
    """Another visit of the first candidate."""
    refill.hear(siu("S12", visit="X1", at=NOW - DAY, starts_at=starts_at, patient="P-1", **more))


def test_later_visit_makes_a_candidate(refill):
    (one,) = read_candidates(refill.item, NOW)

    assert (one.named, one.name, one.days_sooner) == (refill.named("C1"), "Ada Quill", 10)
    assert (one.fit.fits, one.waiting_since) == (True, NOW - DAY)


def test_entry_and_later_visit_of_one_person_are_one_candidate(refill):
    entry = wait(refill)

    (one,) = read_candidates(refill.item, NOW)

    assert (one.named, one.waiting_since) == (Named(entry.pk, refill.desk.visit("C1").pk), NOW - 50 * DAY)


def test_merged_records_are_one_candidate_under_the_one_that_survived(refill):
    refill.add(2)
    refill.hear(merge(at=NOW, survivor="P-1", retired="P-2"))

    found = read_candidates(refill.item, NOW)

    # Their earlier visit is the one to move; it begins a series with the other.
    assert [(one.patient_id, one.named) for one in found] == [(refill.patient("C1").pk, refill.named("C1"))]
    assert why_not(refill) == ["series"]


@pytest.mark.parametrize(
    ("starts_at", "more", "expected"),
    [
        (SLOT_AT + DAY, {"visit_type": "MRI^MRI"}, ["not_first"]),
        (OWN_AT + DAY, {}, ["series"]),
        (OWN_AT + DAY, {"visit_type": "MRI^MRI"}, []),
        (SLOT_AT + timedelta(minutes=29), {"visit_type": "MRI^MRI"}, ["not_first", "clash"]),
        (SLOT_AT + timedelta(minutes=30), {"visit_type": "MRI^MRI"}, ["not_first"]),
    ],
    ids=["another before it", "one of its type after it", "another type after it", "overlaps", "begins when it ends"],
)
def test_what_lies_ahead_of_a_person(refill, starts_at, more, expected):
    ahead(refill, starts_at, **more)

    assert why_not(refill) == expected


def test_who_has_a_visit_before_the_slot_needs_none(refill):
    refill.hear(siu("S12", visit="E1", at=NOW - DAY, starts_at=NOW + DAY, patient="P-5", phone="3125550005"))
    wait(refill, "P-5")

    assert why_not(refill, "P-5") == ["has_sooner"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"died": True}, ["closed_record"]),
        ({"publicity": "N"}, ["no_contact"]),
        ({"protection": "Y"}, ["restricted"]),
        ({"vip": "Y"}, ["restricted"]),
        ({"phones_home": None, "phones_work": None}, ["no_phone"]),
        ({"phones_home": [["phone", "old", "+13125550001", None, None]]}, ["no_phone"]),
    ],
    ids=["died", "no contact", "protected", "vip", "no point", "old number"],
)
def test_flags_of_the_record(refill, change, expected):
    Patient.objects.filter(mrn="P-1").update(**change)

    assert why_not(refill) == expected


def test_own_visit_in_doubt(refill):
    Appointment.objects.filter(external_id="C1").update(troubles=[["unmapped_status", "ZZ9", None]])

    assert why_not(refill) == ["visit_in_doubt"]


def test_entry_whose_visit_went_is_told(refill):
    wait(refill, appointment=refill.desk.visit("C1"))
    refill.hear(siu("S15", visit="C1", at=NOW, starts_at=OWN_AT, patient="P-1", status="Cancelled"))

    assert why_not(refill) == ["visit_gone"]


def test_whoever_gave_the_slot_back_is_not_offered_it(refill):
    wait(refill, "N-1")

    assert why_not(refill, "N-1") == ["left_it"]


def test_rule_lets_another_type_take_the_slot(refill):
    refill.hear(
        siu("S12", visit="M1", at=NOW - DAY, starts_at=OWN_AT, patient="P-6", phone="3125550006", visit_type="TTE^TTE")
    )
    assert why_not(refill, "P-6") is None

    free_type(refill.desk.clinics["CARD"], "TTE", fits=["ECHO"])

    assert why_not(refill, "P-6") == []


@pytest.mark.parametrize(
    ("made_at", "expected"),
    [(NOW - 7 * DAY + HOUR, ["offered_often"]), (NOW - 7 * DAY, [])],
    ids=["within seven days", "on the boundary"],
)
def test_offers_of_seven_days_count(refill, made_at, expected):
    Offer.objects.bulk_create(
        Offer(
            item=refill.item, patient=refill.patient("C1"), made_at=made_at, expires_at=NOW, state="expired",
            settled_at=NOW,
        )
        for _ in range(3)
    )  # fmt: skip

    assert why_not(refill) == expected


class Counting:
    """Counts what the server's cursor is told while it is installed."""

    def __init__(self, monkeypatch):
        self.sent = 0
        execute = psycopg.Cursor.execute

        def counted(cursor, *args, **kwargs):
            self.sent += 1
            return execute(cursor, *args, **kwargs)

        monkeypatch.setattr(psycopg.Cursor, "execute", counted)


def test_number_of_statements_does_not_grow_with_the_people(refill, monkeypatch):
    def statements():
        with monkeypatch.context() as patch:
            counting = Counting(patch)
            found = read_candidates(item, NOW)
        return len(found), counting.sent

    item = QueueItem.objects.select_related("clinic", "appointment").get(pk=refill.item.pk)
    assert statements() == (1, 7)
    for number in range(2, 12):
        refill.add(number)
        wait(refill, f"P-{number}")

    assert statements() == (11, 7)
