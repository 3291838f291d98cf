"""The plan of visits at risk: what the batch does with them as messages arrive, and what opens them."""

from datetime import UTC, datetime, timedelta

import pytest

from recovery.models import ItemEvent, QueueItem
from recovery.services.open_confirms import open_confirms
from recovery.vocabulary import CloseReason, RiskArm
from scheduling.vocabulary import Status, TroubleKind
from tests.support.risk import decide
from tests.support.statements import statements_sent

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STARTS = NOW + 2 * DAY
pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(world):
    """A booked visit whose patient is to be asked, with its item open."""
    visit = world.booked(world.patient(), STARTS)
    decide(visit)
    assert open_confirms([visit.pk], now=NOW) == 1
    return visit


def test_deciding_opens_an_item_once(world, asked):
    again = open_confirms([asked.pk], now=NOW + HOUR)

    item = QueueItem.objects.get()
    assert again == 0
    assert (item.family, item.subject, item.patient_id, item.useful_until, item.risk, item.version) == (
        "confirm", str(asked.pk), asked.patient_id, STARTS - 2 * HOUR, 3, 1,
    )  # fmt: skip
    event = ItemEvent.objects.get()
    assert (event.kind, event.actor) == ("opened", None)


def test_a_visit_held_out_is_never_asked_about(world):
    visit = world.booked(world.patient(), STARTS)
    decide(visit, arm=RiskArm.HOLDOUT)

    opened = open_confirms([visit.pk], now=NOW)
    world.batch((visit, world.event(NOW, Status.BOOKED)))

    assert (opened, world.opened()) == (0, [])


@pytest.mark.parametrize(
    ("status", "fields", "reason"),
    [
        (Status.CONFIRMED, {}, CloseReason.CONFIRMED),
        (Status.CANCELLED, {}, CloseReason.CALLED_OFF),
        (Status.BUMPED, {}, CloseReason.CALLED_OFF),
        (Status.CHECKED_IN, {}, CloseReason.ARRIVED),
        (Status.COMPLETED, {}, CloseReason.OVER),
        (Status.MISSED, {}, CloseReason.OVER),
        (Status.BOOKED, {"starts_at": STARTS + HOUR}, CloseReason.MOVED),
    ],
)
def test_it_closes_by_itself_when_the_visit_changes(world, asked, status, fields, reason):
    world.batch((asked, world.event(NOW, status, **fields)))

    assert [one for one in world.opened() if one[0] == "confirm"] == []
    assert world.closed() == [("confirm", reason)]


def test_it_opens_again_when_the_visit_stands_again(world, asked):
    world.batch((asked, world.event(NOW, Status.CANCELLED)))

    world.batch((asked, world.event(NOW + HOUR, Status.BOOKED)))

    assert world.opened() == [("confirm", asked.pk)]


def test_it_opens_again_when_a_move_is_taken_back(world, asked):
    world.batch((asked, world.event(NOW, starts_at=STARTS + DAY)))
    between = world.opened()

    world.batch((asked, world.event(NOW + HOUR, starts_at=STARTS)))

    assert (between, world.opened()) == ([("refill", asked.pk)], [("confirm", asked.pk), ("refill", asked.pk)])


def test_a_late_older_message_changes_nothing(world, asked):
    world.batch((asked, world.event(NOW, Status.CONFIRMED)))

    world.batch((asked, world.event(NOW - HOUR, Status.BOOKED)))

    assert (world.opened(), world.closed()) == ([], [("confirm", CloseReason.CONFIRMED)])


def test_a_code_without_meaning_holds_it(world, asked):
    world.batch((asked, world.unmapped(NOW)))

    item = QueueItem.objects.get()
    assert (item.state, item.level, item.reasons) == ("open", 2, [[TroubleKind.UNMAPPED, 2, "ZZ9"]])


def test_death_closes_it_and_a_correction_opens_it_again(world, asked):
    patient = asked.patient
    patient.died = True
    patient.save()
    world.batch(patients=[patient])
    between = world.opened(), world.closed()

    patient.died = False
    patient.save()
    world.batch(patients=[patient], was={"died": True})

    assert between == ([], [("confirm", CloseReason.UNWANTED)])
    assert world.opened() == [("confirm", asked.pk)]


def test_a_merge_gives_it_to_the_record_that_survived(world, asked):
    survivor = world.patient()
    retired = asked.patient
    retired.merged_into = survivor
    retired.save()

    world.batch(patients=[retired, survivor])

    item = QueueItem.objects.get()
    assert (item.state, item.patient_id, item.reasons) == ("open", survivor.pk, [["merged", 1, ""]])


def test_a_number_that_is_gone_holds_it(world, asked):
    patient = asked.patient
    patient.phones_home = None
    patient.save()

    world.batch(patients=[patient])

    assert QueueItem.objects.get().reasons == [["no_contact", 2, ""]]


def test_a_visit_that_changed_before_it_was_opened_is_not_opened(world):
    visit = world.booked(world.patient(), STARTS)
    decide(visit)
    world.batch((visit, world.event(NOW, Status.CONFIRMED)))

    assert (open_confirms([visit.pk], now=NOW), world.opened()) == (0, [])


def test_a_visit_that_lost_its_patient_closes_like_any_other(world):
    visit = world.appointment()
    world.batch((visit, world.event(NOW - DAY, starts_at=STARTS)))
    decide(visit)
    assert open_confirms([visit.pk], now=NOW) == 1

    world.batch((visit, world.event(NOW, starts_at=STARTS + DAY)))

    assert world.closed() == [("confirm", CloseReason.MOVED)]


def test_another_visit_of_the_same_person_is_left_alone(world, asked):
    world.booked(asked.patient, STARTS + DAY)

    assert world.opened() == [("confirm", asked.pk)]


def test_deciding_takes_the_same_statements_for_one_and_for_many(world):
    visits = [world.booked(world.patient(), STARTS + place * HOUR) for place in range(12)]
    for visit in visits:
        decide(visit)
    ids = [visit.pk for visit in visits]

    counts = []
    for some in (ids[:1], ids[1:]):
        with statements_sent() as sent:
            opened = open_confirms(some, now=NOW)
        assert opened == len(some)
        counts.append(sent)

    assert counts[0] == counts[1]


def test_a_batch_takes_the_same_statements_for_one_visit_at_risk_and_for_many(world):
    visits = [world.booked(world.patient(), STARTS + place * HOUR) for place in range(12)]
    for visit in visits:
        decide(visit)
    open_confirms([visit.pk for visit in visits], now=NOW)

    counts = []
    for some in (visits[:1], visits[1:]):
        with statements_sent() as sent:
            world.batch(*((visit, world.event(NOW, Status.CONFIRMED)) for visit in some))
        counts.append(
            {text: number for text, number in sent.items() if text.startswith(("WITH", "SELECT a.id, a.source"))}
        )

    assert counts[0] == counts[1]
    assert len(world.closed()) == 12
