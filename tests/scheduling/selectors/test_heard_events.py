"""Which needed events a clinic was heard to send, and what the missing ones mean."""

import pytest

from accounts.vocabulary import Role
from scheduling.models import MappedEvent
from scheduling.selectors.heard_events import (
    BY_PERSON,
    NEEDS,
    WITH_INITIATOR,
    Heard,
    heard_by_clinic,
    heard_table,
    needs_told_by,
)
from scheduling.selectors.status_paths import Window
from scheduling.vocabulary import EventKind, Initiator, Outcome
from tests.support.desk import DAY, HOUR
from tests.support.histories import tell
from tests.support.messages import siu

VISIT_EVENTS = set(EventKind) - {
    EventKind.CHANGED, EventKind.SLOT_OPENED, EventKind.SLOT_BLOCKED, EventKind.PATIENT_CHANGED,
    EventKind.PATIENTS_MERGED, EventKind.PATIENT_DIED,
}  # fmt: skip


@pytest.fixture
def window(desk, person):
    return Window(desk.source, person(Role.LAUNCH), desk.now - 30 * DAY)


def said(**fields):
    return {"kind": None, "status": None, "initiator": None, "set_by": None, "is_first": False, **fields}


@pytest.mark.parametrize(
    ("row", "needs"),
    [
        (said(kind="created", status="booked", is_first=True), {"created"}),
        (said(kind="changed", status="booked", is_first=True), {"created"}),
        (said(kind="changed", status="booked"), {"changed"}),
        (said(kind="created", status="completed", is_first=True), {"created", "completed"}),
        (said(kind="confirmed", status="confirmed"), {"confirmed"}),
        (said(kind="cancelled", status="cancelled", initiator="unknown"), {"cancelled"}),
        (said(kind="cancelled", status="cancelled", initiator="patient"), {"cancelled", WITH_INITIATOR}),
        (said(kind="bumped", status="bumped", initiator="clinic"), {"bumped"}),
        (said(kind="missed", status="missed", set_by="person"), {"missed", BY_PERSON}),
        (said(kind="missed", status="missed", set_by="timer"), {"missed"}),
        (said(kind="deleted", status="entered_in_error"), {"deleted"}),
    ],
)
def test_an_event_meets_the_needs_it_tells_of(row, needs):
    assert needs_told_by(row) - {"changed"} == needs - {"changed"}


def test_every_event_of_a_visit_is_needed_for_something():
    assert {need.id for need in NEEDS} - {WITH_INITIATOR, BY_PERSON} == VISIT_EVENTS
    assert all(need.decisions for need in NEEDS)


def test_counts_and_last_times_by_clinic(desk, window):
    tell(desk, "V1", [(3 * DAY, "booked"), (2 * DAY, "confirmed")])
    tell(desk, "V2", [(DAY, "booked"), (HOUR, "cancelled")], clinic="DERM", initiator=Initiator.PATIENT)
    tell(desk, "V3", [(40 * DAY, "completed")])

    assert heard_by_clinic(window) == {
        desk.clinics["CARD"].pk: {
            "changed": Heard(2, desk.now - 2 * DAY),
            "created": Heard(1, desk.now - 3 * DAY),
            "confirmed": Heard(1, desk.now - 2 * DAY),
        },
        desk.clinics["DERM"].pk: {
            "changed": Heard(2, desk.now - HOUR),
            "created": Heard(1, desk.now - DAY),
            "cancelled": Heard(1, desk.now - HOUR),
            WITH_INITIATOR: Heard(1, desk.now - HOUR),
        },
    }


def test_held_events_are_not_heard(desk, window):
    tell(desk, "V1", [(DAY, "completed")], outcome=Outcome.HELD)

    assert heard_by_clinic(window) == {}


def test_a_source_without_a_word_for_moving_is_seen_to_move_visits(desk, window):
    desk.take(
        siu("S14", visit="V1", at=desk.now - 2 * DAY, starts_at=desk.now + DAY),
        siu("S14", visit="V1", at=desk.now - HOUR, starts_at=desk.now + 2 * DAY),
    )

    assert not MappedEvent.objects.filter(kind=EventKind.RESCHEDULED).exists()
    assert heard_by_clinic(window)[desk.clinics["CARD"].pk]["rescheduled"] == Heard(1, desk.now - HOUR)


def test_scope_hides_what_other_clinics_sent(desk, window, person):
    tell(desk, "V1", [(DAY, "booked")])
    tell(desk, "V2", [(DAY, "booked")], clinic="DERM")
    derm = desk.clinics["DERM"]

    heard = heard_by_clinic(Window(desk.source, person(Role.ACCESS, clinic=derm), window.since))

    assert set(heard) == {derm.pk}


def test_a_missing_event_says_what_it_means_for_which_clinics(desk):
    card, derm = desk.clinics["CARD"], desk.clinics["DERM"]
    everything = {need.id: Heard(1, desk.now) for need in NEEDS}
    without = {name: heard for name, heard in everything.items() if name != EventKind.COMPLETED}

    table = heard_table({card.pk: everything, derm.pk: without}, [card, derm], 30)

    assert table.sentences == [
        ("held", "No completion was heard from Derm: missed visits cannot be told from kept ones.")
    ]
    assert [cell.tone for need, cells in table.rows if need.id == EventKind.COMPLETED for cell in cells] == ["", "held"]


def test_bookings_without_any_cancellation_are_named_as_a_trap(desk):
    card, derm = desk.clinics["CARD"], desk.clinics["DERM"]
    heard = {need.id: Heard(1, desk.now) for need in NEEDS if need.id not in (EventKind.CANCELLED, WITH_INITIATOR)}

    table = heard_table({card.pk: heard, derm.pk: heard}, [card, derm], 30)

    means = "freed slots never reach the queue, and cancelled patients would be called"
    # The missing "by whom" is said by the missing cancellation.
    assert [sentence for _, sentence in table.sentences] == [
        (
            f"No cancellation was heard from Card and Derm: {means}. "
            "Bookings do come, so the source may not send cancellations at all."
        )
    ]


def test_a_silent_clinic_gets_one_sentence_and_no_alarm_in_every_row(desk):
    card, derm = desk.clinics["CARD"], desk.clinics["DERM"]
    everything = {need.id: Heard(1, desk.now) for need in NEEDS}

    table = heard_table({card.pk: everything}, [card, derm], 7)

    assert table.sentences == [("warn", "Nothing at all was heard from Derm in the last 7 days.")]
    assert {(cell.tone, cell.is_quiet) for _, cells in table.rows for cell in cells[1:]} == {("", True)}


def test_what_only_the_report_needs_is_a_warning(desk):
    card = desk.clinics["CARD"]
    heard = {need.id: Heard(1, desk.now) for need in NEEDS if need.id != EventKind.STARTED}

    assert [tone for tone, _ in heard_table({card.pk: heard}, [card], 30).sentences] == ["warn"]
