"""A visit that moved to another clinic: its old clinic works the slot, and learns nothing more of visit or patient."""

import pytest
import time_machine

from accounts.models import AuditEntry, ClinicLaunchMode
from accounts.vocabulary import Role
from recovery.decisions import QUEUE_DECISIONS
from recovery.models import QueueItem
from scheduling.vocabulary import LaunchMode
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

# What only the visit itself and its patient tell: name, number, phone, the new time (12:11) and the new provider.
OF_THE_VISIT = ("Quill", "Ada", "N-1", "3125550142", "12:11", "VERMA")


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def card(desk):
    for decision in QUEUE_DECISIONS:
        ClinicLaunchMode.objects.create(
            clinic=desk.clinics["CARD"], decision=decision, mode=LaunchMode.LIVE, valid_from=NOW - DAY, recorded_at=NOW
        )
    return desk.clinics["CARD"]


@pytest.fixture
def moved(desk, card):
    """The refill of a slot in two hours whose visit moved: ``moved("DERM")`` to another clinic."""

    def move(clinic):
        starts_at = NOW + 2 * HOUR + HOUR / 2
        desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + 2 * HOUR))
        desk.take(
            siu("S13", visit="V1", at=NOW - HOUR, starts_at=starts_at, clinic=clinic, provider="VERMA"),
            siu("S12", visit="V2", at=NOW - DAY, starts_at=NOW + 9 * DAY, patient="N-2"),
        )
        return QueueItem.objects.get()

    return move


@pytest.fixture
def missed(desk, card):
    """A rebooking of yesterday's missed visit that closed because the visit moved to another clinic."""
    desk.take(siu("S26", visit="V1", at=NOW - DAY, starts_at=NOW - DAY - HOUR, status="Noshow"))
    item = QueueItem.objects.get()
    desk.take(siu("S13", visit="V1", at=NOW, starts_at=NOW + DAY, clinic="DERM", provider="VERMA"))
    return item


def told(text):
    return [word for word in OF_THE_VISIT if word in text]


def read(client, item):
    """The list with the item beside it, and the item's own page, each as (row, text)."""
    listed, alone = client.get(f"/recovery/?item={item.pk}"), client.get(f"/recovery/{item.pk}/")
    return [
        (listed.context["queue"].rows[0], listed.content.decode()),
        (alone.context["pane"].row, alone.content.decode()),
    ]


def test_slot_is_worked_by_its_clinic_without_a_word_about_who_left_it(moved, card, person, signed_in):
    item = moved("DERM")

    for row, text in read(signed_in(person(Role.ACCESS, clinic=card)), item):
        assert (row.who_note, row.why[1]) == ("left by a patient of another clinic", "Moved away")
        assert (row.visit, row.next_step, row.is_masked) == ("Echocardiogram", "Choose who", False)
        assert told(text) == []
        assert item.appointment.get_absolute_url() not in text


def test_trail_names_nobody_who_was_not_shown(moved, card, person, signed_in, desk):
    item = moved("DERM")
    client = signed_in(person(Role.ACCESS, clinic=card))

    read(client, item)
    part = client.get(f"/recovery/{item.pk}/candidates/").content.decode()

    assert told(part.replace("Ada Quill</", "</")) == []
    named = {patient for entry in AuditEntry.objects.all() for patient in entry.patients}
    assert named == {desk.visit("V2").patient_id}  # the candidate, not the one who left


@pytest.mark.parametrize("place", ["the visit's clinic too", "the source", "everywhere"])
def test_who_sees_the_visit_sees_who_left_and_where_to(moved, card, person, signed_in, desk, place):
    item = moved("DERM")
    where = {"the source": {"source": desk.source}, "everywhere": {}}.get(place, {"clinic": card})
    user = person(Role.ACCESS, **where)
    if place == "the visit's clinic too":
        user.grants.create(role=Role.ACCESS, clinic=desk.clinics["DERM"])

    for row, text in read(signed_in(user), item):
        assert (row.who_note, row.why[1]) == ("left by Ada Quill", "Moved to 12:11")
        assert item.appointment.get_absolute_url() in text


def test_visit_that_moved_within_the_clinic_is_told(moved, card, person, signed_in):
    for row, _ in read(signed_in(person(Role.ACCESS, clinic=card)), moved("CARD")):
        assert (row.who_note, row.why[1]) == ("left by Ada Quill", "Moved to 12:11")


def test_visit_whose_clinic_is_unknown_by_now_is_told_to_the_source_only(moved, card, person, signed_in, desk):
    item = moved("NOWHERE")

    [of_clinic, _] = read(signed_in(person(Role.ACCESS, clinic=card)), item)
    [of_source, _] = read(signed_in(person(Role.ACCESS, source=desk.source)), item)

    assert (of_clinic[0].who_note, of_source[0].who_note) == (
        "left by a patient of another clinic",
        "left by Ada Quill",
    )


def test_closed_rebooking_of_a_visit_that_is_another_clinics_now_names_nobody(missed, card, person, signed_in):
    missed.refresh_from_db()
    assert (missed.state, missed.clinic) == ("closed", card)

    response = signed_in(person(Role.ACCESS, clinic=card)).get(f"/recovery/{missed.pk}/")

    pane = response.context["pane"]
    assert (pane.title, pane.channels, pane.patient_ids) == ("Another clinic's patient", [], [])
    assert told(response.content.decode()) == []


def test_candidates_of_other_clinics_are_not_offered(moved, card, person, signed_in, desk):
    item = moved("DERM")
    desk.take(siu("S12", visit="V3", at=NOW - DAY, starts_at=NOW + 9 * DAY, patient="N-3", clinic="DERM"))

    shown = signed_in(person(Role.ACCESS, clinic=card)).get(f"/recovery/{item.pk}/candidates/").context["shown"]

    assert [card.candidate.named.visit_id for card in shown.cards] == [desk.visit("V2").pk]
