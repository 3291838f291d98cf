"""Full extracts: what one no longer lists has vanished, unless the extract cannot be trusted (I3)."""

from datetime import timedelta

import pytest
from django.db import transaction

from scheduling.mapping.rules import Rule
from scheduling.models import Appointment, Extract, Feed, FeedSettings, MappedEvent
from scheduling.services.extracts import GUARD_COUNT, finish_extracts
from scheduling.vocabulary import EventKind, FeedFormat, Initiator, Status, Transport
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu
from tests.support.nightly import PROFILE
from tests.support.nightly import extract as nightly_extract
from tests.support.picture import told_alike


@pytest.fixture
def nightly(desk):
    """The desk with a feed of nightly full extracts, whose vanished visits mean cancelled."""
    desk.publish(
        Rule(0, trigger="vanished", filler_status="", kind=EventKind.CANCELLED, status=Status.CANCELLED,
             initiator=Initiator.UNKNOWN),
    )  # fmt: skip
    desk.nightly = desk.feed_of(FeedFormat.CSV, Transport.FILE, PROFILE)
    return desk


def extract(taken_at, visits, *, starts_at=NOW + 3 * DAY, **more):
    return nightly_extract(taken_at, visits, starts_at=starts_at, **more)


def send(desk, body, now):
    """Receive an extract, digest it, conclude it, digest what was concluded; returns its row."""
    desk.receive(body, feed=desk.nightly, now=now)
    desk.digest(now=now)
    finish_extracts(now=now)
    desk.digest(now=now)
    return Extract.objects.order_by("-id").first()


def statuses(desk, *visits):
    return [desk.visit(visit).status for visit in visits]


FIRST, SECOND = NOW - DAY, NOW - HOUR


def test_visit_that_an_extract_no_longer_lists_is_an_event_of_its_time(nightly):
    send(nightly, extract(FIRST, ["E1", "E2"]), FIRST)

    found = send(nightly, extract(SECOND, ["E1"]), NOW)

    assert (found.vanished, found.guarded, found.finished_at) == (1, False, NOW)
    assert statuses(nightly, "E1", "E2") == ["booked", "cancelled"]
    event = MappedEvent.objects.get(appointment__external_id="E2", trigger="vanished")
    assert (event.source_at, event.received_at) == (SECOND, NOW)
    assert nightly.open_items() == [("refill", "E2")]
    assert nightly.ledger(nightly.nightly) == {"received": 4, "applied": 4}


def test_vanished_visit_that_comes_back_stands_again(nightly):
    send(nightly, extract(FIRST, ["E1", "E2"]), FIRST)
    send(nightly, extract(SECOND, ["E1"]), SECOND)
    send(nightly, extract(NOW, ["E1", "E2"]), NOW)

    assert statuses(nightly, "E1", "E2") == ["booked", "booked"]
    assert nightly.open_items() == []


def test_damaged_extract_concludes_nothing(nightly):
    send(nightly, extract(FIRST, ["E1", "E2"]), FIRST)

    found = send(nightly, extract(SECOND, ["E1"], declared=2), NOW)

    assert (found.guarded, found.vanished) == (True, 1)
    assert statuses(nightly, "E1", "E2") == ["booked", "booked"]


def test_extract_with_an_unreadable_row_concludes_nothing(nightly):
    send(nightly, extract(FIRST, ["E1", "E2"]), FIRST)
    broken = extract(SECOND, ["E1", "E2"]).replace(b"E2,", b",")

    found = send(nightly, broken, NOW)

    assert found.guarded is True
    assert statuses(nightly, "E2") == ["booked"]


@pytest.mark.parametrize(
    ("gone", "is_guarded"), [(GUARD_COUNT, False), (GUARD_COUNT + 1, True)], ids=["at the guard", "one more"]
)
def test_mass_vanishing_is_not_believed(nightly, gone, is_guarded):
    everyone = [f"E{number}" for number in range(30)]
    send(nightly, extract(FIRST, everyone), FIRST)

    found = send(nightly, extract(SECOND, everyone[gone:]), NOW)

    assert (found.vanished, found.guarded) == (gone, is_guarded)
    assert statuses(nightly, "E0") == ["booked" if is_guarded else "cancelled"]


def test_older_extract_that_comes_later_is_superseded_whole(nightly):
    send(nightly, extract(SECOND, ["E1", "E2"]), NOW)

    found = send(nightly, extract(FIRST, ["E1"], status="Confirmed"), NOW + HOUR)

    assert found.vanished == 0
    assert statuses(nightly, "E1", "E2") == ["booked", "booked"]
    counted = nightly.ledger(nightly.nightly)
    assert (counted["received"], counted["superseded"]) == (3, 1)


def test_same_extract_again_changes_nothing(nightly):
    send(nightly, extract(FIRST, ["E1", "E2"]), FIRST)
    send(nightly, extract(SECOND, ["E1"]), NOW)
    before = nightly.picture()

    send(nightly, extract(SECOND, ["E1"]), NOW + HOUR)

    assert nightly.picture() == before
    assert Extract.objects.count() == 2


def test_nothing_is_concluded_while_a_row_waits(nightly):
    send(nightly, extract(FIRST, ["E1", "E2"]), FIRST)
    nightly.receive(extract(SECOND, ["E1"]), feed=nightly.nightly, now=NOW)

    assert finish_extracts(now=NOW) == 0


def test_visit_of_another_feed_does_not_vanish(nightly):
    send(nightly, extract(FIRST, ["E1"]), FIRST)
    nightly.take(siu("S12", visit="V1", at=NOW - 2 * DAY, starts_at=NOW + DAY))

    send(nightly, extract(SECOND, ["E1"]), NOW)

    assert statuses(nightly, "V1") == ["booked"]


def test_visit_that_began_before_the_extract_does_not_vanish(nightly):
    send(nightly, extract(FIRST, ["E1"], starts_at=SECOND - timedelta(minutes=1)), FIRST)

    found = send(nightly, extract(SECOND, []), NOW)

    assert found.vanished == 0
    assert statuses(nightly, "E1") == ["booked"]


def test_visit_of_another_extract_feed_does_not_vanish(nightly):
    other = Feed.objects.create(
        source=nightly.source, key="desk-derm", name="Desk DERM", format=FeedFormat.CSV, transport=Transport.FILE
    )
    FeedSettings.objects.create(feed=other, profile=PROFILE, valid_from=NOW, recorded_at=NOW)
    send(nightly, extract(FIRST, ["E1"]), FIRST)
    nightly.receive(extract(FIRST, ["D1"], starts_at=NOW + 4 * DAY), feed=other, now=FIRST)
    nightly.digest()

    found = send(nightly, extract(SECOND, ["E1"]), NOW)

    assert found.vanished == 0
    assert (statuses(nightly, "E1", "D1"), nightly.open_items()) == (["booked", "booked"], [])


@pytest.mark.parametrize(
    ("older", "newer"),
    [(["E1", "E2"], ["E1"]), (["E1"], ["E1", "E2"]), (["E1", "E2"], ["E2", "E3"])],
    ids=["one vanished", "one appeared", "both"],
)
def test_extracts_end_alike_in_either_order(nightly, older, newer):
    both = [extract(FIRST, older), extract(SECOND, newer)]

    pictures = []
    for order in (both, both[::-1]):
        undo = transaction.savepoint()
        for minute, body in enumerate(order):
            send(nightly, body, NOW + timedelta(minutes=minute))
        pictures.append(told_alike(nightly.picture()))
        transaction.savepoint_rollback(undo)

    assert pictures[0] == pictures[1]


def test_late_older_extract_says_nothing_about_visits_that_another_newer_one_lists(nightly):
    third = NOW - timedelta(minutes=5)
    send(nightly, extract(SECOND, ["E1"]), SECOND)
    send(nightly, extract(third, ["E1", "E2"]), NOW)

    send(nightly, extract(FIRST, ["E1", "E2"]), NOW + HOUR)

    assert statuses(nightly, "E1", "E2") == ["booked", "booked"]
    assert nightly.open_items() == []


def test_occurrence_of_a_series_vanishes_by_itself(nightly):
    columns = PROFILE["csv"]["columns"] | {"occurrence": "ROOM"}
    profile = PROFILE | {"csv": PROFILE["csv"] | {"columns": columns}}
    FeedSettings.objects.create(feed=nightly.nightly, profile=profile, valid_from=NOW, recorded_at=NOW)

    def series(taken_at, *numbers):
        body = extract(taken_at, ["E1"] * len(numbers)).decode().replace("PROVIDER", "PROVIDER,ROOM")
        for number in numbers:
            body = body.replace("LIU\n", f"LIU,{number}\n", 1)
        return body.encode()

    send(nightly, series(FIRST, 1, 2), FIRST)
    send(nightly, series(SECOND, 1), NOW)

    found = Appointment.objects.order_by("occurrence").values_list("occurrence", "status")
    assert list(found) == [("1", "booked"), ("2", "cancelled")]
