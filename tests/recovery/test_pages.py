"""The queue's pages: who sees what, with how many queries, and what the trail keeps."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from accounts.vocabulary import AuditAction, Role
from recovery.models import QueueItem
from scheduling.models import FeedProof
from scheduling.vocabulary import Initiator, LaunchMode, Status

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def worker(person, clinic):
    return person(Role.ACCESS, clinic=clinic)


@pytest.fixture
def page(signed_in, worker):
    client = signed_in(worker)
    return lambda query="", **extra: client.get(f"/recovery/{query}", **extra)


@pytest.fixture
def freed(world, feed, launch):
    """Free a slot ``hours`` from now, left by a new patient; the clinic is live."""
    launch(LaunchMode.LIVE)

    def free(hours=3, **patient):
        visit = world.appointment()
        booking = world.event(
            NOW - 9 * DAY, starts_at=NOW + hours * HOUR, patient_id=world.patient(**patient).pk, visit_type_name="Echo",
            provider_name="Okafor",
        )  # fmt: skip
        world.batch((visit, booking))
        world.batch((visit, world.event(NOW - timedelta(minutes=8), Status.CANCELLED, initiator=Initiator.PATIENT)))
        return QueueItem.objects.get(appointment=visit)

    return free


@pytest.fixture
def lost(world, feed, launch):
    """A visit missed yesterday; the clinic is live."""
    launch(LaunchMode.LIVE)

    def lose(starts_at=NOW - DAY, **patient):
        visit = world.appointment()
        world.batch((visit, world.event(NOW - 9 * DAY, starts_at=starts_at, patient_id=world.patient(**patient).pk)))
        world.batch((visit, world.event(starts_at + HOUR, Status.MISSED)))
        return QueueItem.objects.get(appointment=visit)

    return lose


def test_the_list_shows_why_whom_until_when_and_what_next(page, freed):
    freed(family="Halloway", given="Wren")

    answer = page()

    row = answer.context["queue"].rows[0]
    assert (row.left, row.until, row.why) == ("2 h 25", "until 12:06", ("Freed 8 min ago", "Patient cancelled"))
    assert (row.who, row.who_note) == ("Free slot", "left by Wren Halloway")
    assert (row.visit, row.visit_note, row.data_age) == ("Echo", "12:41 · Cardiology", "1 min")
    assert row.next_step == "Choose who"
    assert "1 open chance. None ends within the hour." in answer.content.decode()


def test_a_held_row_carries_its_sentence_and_its_owner(page, freed, feed):
    freed()
    FeedProof.objects.filter(feed=feed).update(digested_to=NOW - timedelta(minutes=22))

    text = page().content.decode()

    assert "Data is 22 min old; this action needs 15 min. Owner: nobody yet." in text
    assert "Refills for today wait at Cardiology (Northside SIU is 22 min old)." in text


def test_a_restricted_patient_stays_masked_everywhere(page, lost):
    item = lost(family="Secret", given="Sam", protection="Y")

    listed, opened = page(), page(f"?item={item.pk}")

    assert "Restricted" in listed.content.decode()
    assert b"Secret" not in listed.content + opened.content
    assert b"Sam" not in listed.content + opened.content
    assert {patient for entry in AuditEntry.objects.all() for patient in entry.patients} == set()


def test_opening_an_item_shows_it_beside_the_list_and_is_audited(page, lost, worker):
    item = lost(family="Halloway", given="Wren")

    answer = page(f"?item={item.pk}")

    assert answer.context["pane"].title == "Wren Halloway"
    read = AuditEntry.objects.get(action=AuditAction.READ)
    assert (read.actor, read.subject_kind, read.subjects, read.patients) == (
        worker, "recovery.queueitem", [item.pk], [item.patient_id],
    )  # fmt: skip


def test_the_list_audits_every_patient_it_shows(page, lost):
    items = [lost(), lost()]

    page()

    listed = AuditEntry.objects.get(action=AuditAction.LISTED)
    assert listed.patients == sorted(item.patient_id for item in items)


@pytest.mark.parametrize("address", ["/recovery/{}/", "/recovery/?item={}"], ids=["page", "pane"])
def test_another_clinics_item_is_a_404_and_a_denied_audit_row(signed_in, person, other_clinic, freed, address):
    item = freed()
    stranger = person(Role.ACCESS, clinic=other_clinic)

    answer = signed_in(stranger).get(address.format(item.pk))

    assert answer.status_code == 404
    denied = AuditEntry.objects.get(action=AuditAction.DENIED)
    assert (denied.actor, denied.subjects) == (stranger, [item.pk])


def test_a_role_without_the_queue_gets_403(signed_in, person, clinic):
    auditor = person(Role.AUDITOR, clinic=clinic)

    assert signed_in(auditor).get("/recovery/").status_code == 403


@pytest.mark.parametrize(
    ("mode", "rows", "level"), [("observing", 0, None), ("shadow", 1, "Held"), ("live", 1, "Ready")]
)
def test_the_launch_mode_decides_what_is_seen_and_done(world, feed, launch, page, mode, rows, level):
    launch(LaunchMode(mode))
    visit = world.appointment()
    world.batch((visit, world.event(NOW - DAY, starts_at=NOW + 3 * HOUR, patient_id=world.patient().pk)))
    world.batch((visit, world.event(NOW, Status.CANCELLED)))

    shown = page().context["queue"].rows

    assert [row.verdict.level.label for row in shown] == [level] * rows


@pytest.mark.parametrize("item", ["", "?item={}"], ids=["list", "list and pane"])
def test_the_number_of_queries_does_not_grow_with_the_rows(page, freed, lost, item):
    def queries(query):
        caches["local"].clear()
        page(query)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page(query)
        return len(captured)

    first = freed()
    lost()
    one = queries(item.format(first.pk))
    for number in range(3):
        freed(hours=5 + number)
        lost()

    assert queries(item.format(first.pk)) == one
    assert one <= (10 if not item else 14)


@pytest.mark.parametrize(
    ("query", "families"),
    [
        ("", ["refill", "refill", "rebook_missed"]),
        ("?split=soon", ["refill"]),
        ("?split=refill", ["refill", "refill"]),
        ("?split=missed", ["rebook_missed"]),
        ("?split=bumped", []),
        ("?split=held", []),
        ("?kind=rebook_missed", ["rebook_missed"]),
        ("?verdict=ready", ["refill", "refill", "rebook_missed"]),
        ("?verdict=held", []),
        ("?data=fresh", ["refill", "refill", "rebook_missed"]),
        ("?data=old", []),
        ("?split=nonsense&kind=nonsense&clinic=x", ["refill", "refill", "rebook_missed"]),
        ("?clinic=0", []),
    ],
)
def test_splits_and_filters_cut_the_list(page, freed, lost, query, families):
    freed(hours=1.25)
    freed(hours=5)
    lost()

    assert [row.item.family for row in page(query).context["queue"].rows] == families


def test_splits_count_what_they_hold(page, freed, lost):
    freed(hours=1.25)
    freed(hours=5)
    lost(phones_home=None)

    counts = page().context["queue"].counts

    assert {name: count.value for name, count in counts.items()} == {
        "ready": 2, "mine": 0, "due": 0, "soon": 1, "held": 1, "resting": 0, "refill": 2, "missed": 1, "bumped": 0,
        "confirm": 0, "": 3,
    }  # fmt: skip


def test_the_next_best_is_the_first_row_that_may_be_worked(page, freed, lost):
    held, ready = freed(hours=1.25), freed(hours=5)
    QueueItem.objects.filter(pk=held.pk).update(level=2, reasons=[["unmapped_status", 2, "ZZ9"]])

    assert page().context["queue"].next_row.item == ready


def test_a_closed_item_says_why_it_closed(page, world, freed):
    item = freed()
    world.block(item.starts_at)

    pane = page(f"?item={item.pk}").context["pane"]

    assert (pane.word, pane.sentence) == ("Closed", "The template closed the slot.")


def test_an_empty_queue_says_what_to_do_next(page, feed):
    assert "Nothing to recover right now." in page().content.decode()


def test_candidates_are_ranked_by_days_gained_and_the_left_out_are_counted(signed_in, worker, world, freed):
    item = freed()
    made = {}
    for name, days, fields in (
        ("Near", 3, {}), ("Far", 30, {}), ("Restricted", 20, {"vip": "Y"}), ("Mute", 20, {"phones_home": None}),
        ("Tomorrow", 1, {}), ("Late", 120, {}),
    ):  # fmt: skip
        made[name] = world.patient(family=name, given="", **fields)
        visit = world.appointment()
        world.batch(
            (visit, world.event(NOW - 5 * DAY, starts_at=item.starts_at + days * DAY, patient_id=made[name].pk))
        )

    found = signed_in(worker).get(f"/recovery/{item.pk}/candidates/").context["shown"].found

    assert [(one.name, one.days_sooner, one.why) for one in found.fitting] == [
        ("Far", 30, "Waits 5 days; mobile on file"),
        ("Near", 3, "Waits 5 days; mobile on file"),
    ]
    assert (found.left_out, found.summary) == (["1 restricted", "1 without a phone number"], "2 fit, 2 left out")


def test_what_is_new_is_told_and_the_same_answer_is_a_304(signed_in, worker, freed):
    client = signed_in(worker)
    freed()
    since = int(NOW.timestamp()) - 60

    first = client.get(f"/live/recovery/?since={since}")
    again = client.get(f"/live/recovery/?since={since}", headers={"If-None-Match": first["ETag"]})
    none = client.get(f"/live/recovery/?since={since + 3600}")

    assert "1 new since 09:40." in first.content.decode()
    assert (again.status_code, again.content) == (304, b"")
    assert none.content.strip() == b""


def test_a_row_swaps_only_the_pane_in(signed_in, worker, freed):
    item = freed()

    whole = signed_in(worker).get(f"/recovery/{item.pk}/")
    pane = signed_in(worker).get(f"/recovery/{item.pk}/", headers={"HX-Request": "true"})

    assert b"<html" in whole.content
    assert b"<html" not in pane.content
    assert b"pane__body" in pane.content


def test_today_shows_trust_and_work(signed_in, worker, freed, feed):
    freed(hours=1.25)
    FeedProof.objects.filter(feed=feed).update(digested_to=NOW - timedelta(minutes=22))

    text = signed_in(worker).get("/").content.decode()

    assert "No clinic is clear. Cardiology must wait with refills: data is 22 min old." in text
    assert "Nothing proven since 09:19 CST on Northside SIU." in text
    assert "Ends within the hour" in text
