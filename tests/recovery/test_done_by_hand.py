"""What somebody closed stays closed while the chance is the same, however what comes later is batched (I3)."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery.models import Attempt, ItemEvent, Offer, QueueItem
from scheduling.models import Appointment, Patient, ResourceDay, Vacancy
from scheduling.vocabulary import Status
from tests.recovery.refills import MINUTE, SLOT_AT, make_refill
from tests.recovery.sides import sides_of
from tests.support.desk import DAY, HOUR, NOW, make_desk
from tests.support.messages import adt, siu

LATER = NOW + MINUTE
ROUNDS = 3
STARTS = [NOW - 2 * HOUR, NOW + 3 * HOUR, NOW + 2 * DAY]
facts = st.lists(
    st.tuples(
        st.integers(0, 2),  # which visit
        st.sampled_from([Status.BOOKED, Status.CANCELLED, Status.BUMPED, Status.MISSED]),
        st.sampled_from([*STARTS, None]),
        st.sampled_from([0, 1]),  # which patient
    ),
    min_size=3,
    max_size=8,
)


def play(world, drawn, begun, order, cuts):
    """Digest the first ``begun`` facts at once, close all that is open, then the rest in an order and in batches."""
    ItemEvent.objects.all().delete()
    QueueItem.objects.all().delete()
    for model in (Vacancy, ResourceDay, Appointment, Patient):
        model.objects.all().delete()
    world.events.clear()
    world.states.clear()
    patients, visits = [world.patient(), world.patient()], [world.appointment() for _ in range(3)]
    told = []
    for minute, (visit, status, starts_at, patient) in enumerate(drawn):
        at = NOW - DAY + timedelta(minutes=minute)
        told.append((visits[visit], world.event(at, status, starts_at=starts_at, patient_id=patients[patient].pk)))
    world.batch(*told[:begun])
    QueueItem.objects.open().update(state="closed", close_reason="done", closed_at=NOW)  # as close_item does
    queue = [told[begun + place] for place in order]
    for begin, end in zip([0, *cuts], [*cuts, len(queue)], strict=True):
        if queue[begin:end]:
            world.batch(*queue[begin:end])
    numbers = {visit.pk: number for number, visit in enumerate(visits)}
    return sorted((row[0], numbers[row[2]], *row[4:]) for row in world.open_set())


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), drawn=facts)
def test_any_order_and_batching_after_a_closing_ends_in_the_same_open_items(world, data, drawn):
    begun = data.draw(st.integers(1, len(drawn) - 1))
    left = len(drawn) - begun
    order = data.draw(st.permutations(range(left)))
    again = data.draw(st.lists(st.sampled_from(range(left)), max_size=2))
    cuts = sorted(data.draw(st.sets(st.integers(1, left), max_size=3)))

    in_one = play(world, drawn, begun, range(left), [])
    one_by_one = play(world, drawn, begun, range(left), list(range(1, left)))
    shuffled = play(world, drawn, begun, [*order, *again], cuts)

    assert one_by_one == in_one
    assert shuffled == in_one


def again(refill):
    """The slot as it was: nothing tried or offered, the item open and free."""
    Offer.objects.all().delete()
    Attempt.objects.all().delete()
    QueueItem.objects.update(
        state="open", closed_at=None, close_reason=None, claimed_by=None, claimed_at=None, claimed_until=None,
        next_step="", not_before=None,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_closing_against_a_yes_another_closing_and_a_batch():
    """Whoever is first wins; the other is told, and nothing is both closed and taken."""
    refill = make_refill(make_desk())
    with sides_of(refill.ruth, refill.omar) as move:
        for number in range(ROUNDS):
            again(refill)
            refill.claim(refill.omar)
            offer = refill.offer("C1", actor=refill.omar)
            yes, closed = move(f"accept {LATER.isoformat()} {offer.pk}", f"close {LATER.isoformat()} {refill.item.pk}")
            assert (yes, closed, refill.states()) in [
                ("done", "accepted", [("C1", "pending")]),
                ("closed_done", "done", [("C1", "withdrawn")]),
            ]

            again(refill)
            both = move(*[f"close {LATER.isoformat()} {refill.item.pk}"] * 2)
            assert sorted(both) == ["closed_done", "done"]

            again(refill)
            # The visit that left the slot is told of again: the batch plans the slot while it is being closed.
            told = siu(
                "S15", visit="S1", at=NOW - HOUR, starts_at=SLOT_AT, status="Cancelled", patient="N-1",
                minutes=30 + 5 * number,
            )  # fmt: skip
            (message,) = refill.desk.receive(told, now=LATER)
            digested, closed = move(
                f"digest {LATER.isoformat()} {message}", f"close {LATER.isoformat()} {refill.item.pk}"
            )
            assert (digested, closed in {"done", "unread", "busy"}) == ("done", True), closed
            refill.hear(adt("A08", at=LATER, patient="N-1"), now=LATER)
            assert (refill.item.state == "closed") == (closed == "done")


@pytest.mark.django_db(transaction=True)
def test_two_people_say_yes_on_two_phones():
    refill = make_refill(make_desk())
    with sides_of(refill.ruth, refill.omar) as move:
        for _ in range(ROUNDS):
            again(refill)
            calls = [
                called(refill, visit, by) for visit, by in zip(refill.visits, (refill.ruth, refill.omar), strict=True)
            ]

            answers = move(*(f"yes {LATER.isoformat()} {call.pk}" for call in calls))

            assert sorted(answers) == ["accepted", "done"]
            assert [state for _, state in refill.states()] == ["pending"]
            assert list(Attempt.objects.values_list("outcome", flat=True)) == ["accepted", "accepted"]
            assert refill.item.next_step == "wait_for_ehr"


def called(refill, visit, person):
    """A call that somebody began about the slot."""
    number = refill.patient(visit)
    return Attempt.objects.create(
        item=refill.item, patient=number, clinic=refill.item.clinic, decision="refill_72h", channel="call",
        value="3125550001", person_owner=number.pk, number_owner=number.pk, actor=person, at=NOW,
    )  # fmt: skip
