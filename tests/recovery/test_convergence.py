"""However messages are ordered, repeated and batched, the same items are open (I3)."""

from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery.models import ItemEvent, QueueItem
from recovery.services.open_confirms import open_confirms
from recovery.vocabulary import RiskArm
from scheduling.models import Appointment, Patient, ResourceDay, Vacancy
from scheduling.vocabulary import Status
from tests.support.risk import decide

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEFORE_MIDNIGHT = datetime(2026, 11, 26, 5, 45, tzinfo=UTC)  # Wednesday 23:45 in Chicago
AFTER_MIDNIGHT = BEFORE_MIDNIGHT + timedelta(minutes=30)
STARTS = [NOW - 2 * HOUR, NOW + 3 * HOUR, NOW + 3 * HOUR + timedelta(minutes=15), NOW + 2 * DAY, BEFORE_MIDNIGHT]
STATUSES = [
    Status.BOOKED, Status.CONFIRMED, Status.CANCELLED, Status.BUMPED, Status.MISSED, Status.COMPLETED, None,
]  # fmt: skip

facts = st.lists(
    st.tuples(
        st.integers(0, 3),  # which visit
        st.sampled_from(STATUSES),
        st.sampled_from([*STARTS, None]),
        st.sampled_from([0, 1, None]),  # which patient
        st.booleans(),  # whether the status has a meaning
    ),
    min_size=2,
    max_size=8,
)
# Of each visit the start about which it was decided, and whether its patient is contacted.
decisions = st.lists(
    st.tuples(st.sampled_from([STARTS[1], STARTS[3]]), st.sampled_from([*[RiskArm.CONTACT] * 3, RiskArm.HOLDOUT])),
    min_size=4,
    max_size=4,
)


def events_of(world, drawn, patients):
    """One event per drawn fact, each at a minute of its own."""
    made = []
    for minute, (visit, status, starts_at, patient, is_mapped) in enumerate(drawn):
        at = NOW - DAY + timedelta(minutes=minute)
        said = {"starts_at": starts_at, "patient_id": patients[patient].pk if patient is not None else None}
        made.append((visit, world.event(at, status, **said) if is_mapped else world.unmapped(at, **said)))
    return made


def play(world, order, cuts, drawn, decided):
    """Digest the drawn facts in an order and in batches, in a world of its own; returns what is open, by number.

    A visit is decided about as soon as it is known, whatever is known of it then.
    """
    ItemEvent.objects.all().delete()
    QueueItem.objects.all().delete()
    for model in (Vacancy, ResourceDay, Appointment, Patient):
        model.objects.all().delete()
    world.events.clear()
    world.states.clear()
    patients = [world.patient(), world.patient()]
    visits = [world.appointment() for _ in range(4)]
    made = events_of(world, drawn, patients)
    queue = [made[place] for place in order]
    for begin, end in zip([0, *cuts], [*cuts, len(queue)], strict=True):
        if queue[begin:end]:
            world.batch(*((visits[visit], event) for visit, event in queue[begin:end]))
            decide_about(
                world, {visit for visit, _ in queue[begin:end]} - {visit for visit, _ in queue[:begin]}, visits, decided
            )
    numbers = {visit.pk: number for number, visit in enumerate(visits)}
    names = {patient.pk: number for number, patient in enumerate(patients)}
    return sorted((row[0], numbers[row[2]], names.get(row[3]), *row[4:]) for row in world.open_set())


def decide_about(world, known, visits, decided):
    for number in sorted(known):
        starts_at, arm = decided[number]
        decide(visits[number], clinic=world.clinic, starts_at=starts_at, arm=arm, at=NOW - 2 * DAY)
        open_confirms([visits[number].pk], now=world.now)


@pytest.mark.django_db
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), drawn=facts, decided=decisions)
def test_any_order_and_batching_ends_in_the_same_open_items(world, data, drawn, decided):
    order = data.draw(st.permutations(range(len(drawn))))
    again = data.draw(st.lists(st.sampled_from(range(len(drawn))), max_size=3))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(drawn)), max_size=4)))

    in_one = play(world, range(len(drawn)), [], drawn, decided)
    one_by_one = play(world, range(len(drawn)), list(range(1, len(drawn))), drawn, decided)
    shuffled = play(world, [*order, *again], cuts, drawn, decided)

    assert one_by_one == in_one
    assert shuffled == in_one


def in_thread(work):
    """Run ``work`` on a connection of its own."""

    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    return thread


def backend_waits():
    """Whether some backend waits for a lock another one holds; pg_locks is live, pg_stat_activity is not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


def wait_until(is_true, seconds=10):
    pause = Event()
    for _ in range(int(seconds / 0.02)):
        if is_true():
            return
        pause.wait(0.02)
    raise AssertionError("Nothing happened in time.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["cancel", "book"])
def test_one_worker_cancels_a_slot_while_another_books_it(world, first):
    starts_at = NOW + 3 * HOUR
    leaving, coming = world.appointment(), world.appointment()
    world.batch((leaving, world.event(NOW - DAY, starts_at=starts_at, patient_id=world.patient().pk)))
    told = {
        "cancel": (leaving, world.event(NOW, Status.CANCELLED)),
        "book": (coming, world.event(NOW, starts_at=starts_at, patient_id=world.patient().pk)),
    }

    at_once(world, told, first)

    assert world.opened() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["cancel", "book"])
def test_one_worker_cancels_after_midnight_while_another_books_from_before_it(world, first):
    early, late = world.appointment(), world.appointment()
    world.batch((early, world.event(NOW - DAY, starts_at=AFTER_MIDNIGHT, patient_id=world.patient().pk)))
    told = {
        "cancel": (early, world.event(NOW, Status.CANCELLED)),
        "book": (late, world.event(NOW, starts_at=BEFORE_MIDNIGHT, minutes=60, patient_id=world.patient().pk)),
    }

    at_once(world, told, first)

    assert world.opened() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["cancel", "book"])
def test_freed_slot_over_midnight_is_planned_by_one_worker_at_a_time(world, first):
    """One worker empties its second half while another books its first half; neither visit passes midnight."""
    late, early, evening = world.appointment(), world.appointment(), world.appointment()
    said = {"starts_at": BEFORE_MIDNIGHT, "minutes": 60, "patient_id": world.patient().pk}
    world.batch((late, world.event(NOW - 2 * DAY, **said)))
    world.batch((late, world.event(NOW - DAY, Status.CANCELLED, **said)))
    world.batch((early, world.event(NOW - DAY, starts_at=AFTER_MIDNIGHT, patient_id=world.patient().pk)))
    told = {
        "cancel": (early, world.event(NOW, Status.CANCELLED)),
        "book": (
            evening, world.event(NOW, starts_at=BEFORE_MIDNIGHT, minutes=15, patient_id=world.patient().pk)
        ),
    }  # fmt: skip

    at_once(world, told, first)

    assert world.opened() == [("refill", early.pk)]


def at_once(world, told, first):
    """Digest two batches: the second begins before the first commits, and has to wait for it."""
    (second,) = told.keys() - {first}
    others = []

    def meanwhile():
        others.append(in_thread(lambda: world.batch(told[second])))
        wait_until(backend_waits)

    world.batch(told[first], before_commit=meanwhile)
    others[0].join()


@pytest.mark.django_db(transaction=True)
def test_one_worker_loses_a_visit_while_another_rebooks_the_merged_record(world):
    survivor = world.patient()
    retired = world.patient(merged_into=survivor)
    lost, other = world.appointment(), world.appointment()
    world.batch((lost, world.event(NOW - DAY, starts_at=NOW - HOUR, patient_id=retired.pk)))
    others = []

    def meanwhile():
        booking = (other, world.event(NOW, starts_at=NOW + DAY, patient_id=survivor.pk))
        others.append(in_thread(lambda: world.batch(booking)))
        wait_until(backend_waits)

    world.batch((lost, world.event(NOW, Status.MISSED)), before_commit=meanwhile)
    others[0].join()

    assert world.opened() == []
    assert world.closed() == [("rebook_missed", "rebooked")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["confirm", "decide"])
def test_one_worker_reads_that_a_visit_is_confirmed_while_it_is_decided_to_ask(world, first):
    visit = world.booked(world.patient(), NOW + 2 * DAY)
    told = (visit, world.event(NOW, Status.CONFIRMED))
    others = []

    def meanwhile(other):
        others.append(in_thread(other))
        wait_until(backend_waits)

    if first == "confirm":
        world.batch(told, before_commit=lambda: meanwhile(lambda: asking(visit)))
    else:
        asking(visit, before_commit=lambda: meanwhile(lambda: world.batch(told)))
    others[0].join()

    assert world.opened() == []


def asking(visit, before_commit=None):
    """What the decider does: the decision and the item in one transaction."""
    with transaction.atomic():
        decide(visit)
        open_confirms([visit.pk], now=NOW)
        if before_commit is not None:
            before_commit()


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_rolls_back_leaves_no_item(world):
    visit = world.appointment()
    world.batch((visit, world.event(NOW - DAY, starts_at=NOW + 3 * HOUR, patient_id=world.patient().pk)))

    def fail():
        raise RuntimeError("The commit never comes.")

    with pytest.raises(RuntimeError):
        world.batch((visit, world.event(NOW, Status.CANCELLED)), before_commit=fail)

    assert QueueItem.objects.count() == 0
