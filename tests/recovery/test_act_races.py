"""Two real processes at one item, one person or one number: no act rests on what is not so any more (I5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.models import Attempt, ContactPolicy, ItemEvent, QueueItem
from recovery.services.claims import LEASE
from recovery.vocabulary import ItemEventKind
from scheduling.models import Consent
from tests.recovery.sides import Move, sides_of
from tests.recovery.worked import MINUTE, VISIT_AT, Worked, make_worked
from tests.support.desk import DAY, HOUR, LONG_AGO, NOW, make_desk
from tests.support.messages import merge, siu

ROUNDS = 4
LATER = NOW + MINUTE
# Acknowledged long enough ago that everybody is taken to know it.
HEARD_AT = LATER - timedelta(seconds=2)

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Field:
    """A desk with a bumped visit of another person for every round, and Ruth and Omar as processes."""

    worked: Worked
    move: Move

    def bump(self, name: str, **more: Any) -> QueueItem:
        """Bump a visit; its patient and number are named after it unless told otherwise."""
        at = VISIT_AT + int(name) * HOUR
        told: dict[str, Any] = {"visit": name, "patient": f"P-{name}", "phone": f"312555{int(name):04}"}
        told |= {"starts_at": at} | more
        self.worked.hear(siu("S12", at=NOW - DAY, **told), siu("S15", at=NOW - HOUR, status="Bumped", **told))
        return QueueItem.objects.get(family="rebook_bumped", appointment__external_id=name)

    def held_by(self, person: Any, item: QueueItem) -> QueueItem:
        """Put an item into somebody's hands."""
        QueueItem.objects.filter(pk=item.pk).update(claimed_by=person, claimed_at=NOW, claimed_until=LATER + LEASE)
        return item

    def hang_up(self) -> None:
        """Nobody's last call is in the way of the next round."""
        Attempt.objects.filter(outcome="").update(outcome="no_answer", outcome_at=LATER, next_step="try_again")

    def called(self, item: QueueItem) -> int:
        """How often somebody was called about an item."""
        return Attempt.objects.filter(item=item).count()


@pytest.fixture
def field() -> Iterator[Field]:
    worked = make_worked(make_desk())
    with sides_of(worked.ruth, worked.omar) as move:
        yield Field(worked, move)


def order(what: str, *ids: object, at: datetime = LATER) -> str:
    return " ".join([what, at.isoformat(), *map(str, ids)])


def test_two_people_take_one_item(field):
    for number in range(ROUNDS):
        item = field.bump(str(number))

        answers = field.move(*[order("claim", item.pk, item.version)] * 2)

        assert sorted(answers) == ["done", "taken"]
        assert ItemEvent.objects.filter(item=item, kind=ItemEventKind.CLAIMED).count() == 1
        QueueItem.objects.filter(pk=item.pk).update(claimed_by=None, claimed_at=None, claimed_until=None)


def test_two_people_press_next_best(field):
    items = [field.bump(str(number)).pk for number in range(ROUNDS)]
    for _ in range(ROUNDS):
        answers = field.move(*[order("next", *items)] * 2)

        assert sorted(answers) == sorted({*answers} & {str(pk) for pk in items}), answers
        QueueItem.objects.filter(pk__in=items).update(claimed_by=None, claimed_at=None, claimed_until=None)


def booked_elsewhere(name):
    return siu("S12", visit=f"9{name}", at=NOW, starts_at=VISIT_AT + 9 * DAY, patient=f"P-{name}")


def stands_again(name):
    at = VISIT_AT + int(name) * HOUR
    return siu("S14", visit=name, at=NOW, starts_at=at, patient=f"P-{name}", phone=f"312555{int(name):04}")


def merged(name):
    return merge(at=NOW, survivor=f"P-9{name}", retired=f"P-{name}")


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (booked_elsewhere, {"closed_rebooked"}),
        (stands_again, {"closed_booked"}),
        (merged, {"merged"}),
    ],
    ids=["booked elsewhere", "stands again", "merged"],
)
def test_nobody_is_called_while_a_message_is_digested_that_was_acknowledged_before(field, body, codes):
    for number in range(ROUNDS):
        item = field.held_by(field.worked.ruth, field.bump(str(number)))
        (message,) = field.worked.desk.receive(body(str(number)), now=HEARD_AT)

        called, digested = field.move(order("call", item.pk), order("digest", message))

        assert (digested, called in codes | {"unread", "busy", "no_point"}) == ("done", True), called
        assert field.called(item) == 0


def test_a_call_and_a_refusal_spoken_to_a_colleague(field):
    for number in range(ROUNDS):
        item = field.held_by(field.worked.ruth, field.bump(str(number)))

        called, refused = field.move(order("call", item.pk), order("refuse", item.patient_id))
        field.hang_up()
        again, _ = field.move(order("call", item.pk, at=LATER + 5 * HOUR), order("expire"))

        assert (refused, field.called(item)) == ("done", {"done": 1, "opted_out_partly": 0}[called])
        assert again != "done"
        assert Consent.objects.filter(patient=item.patient_id).count() == 1


@pytest.mark.parametrize("same", ["patient", "phone"], ids=["one person", "one number of two people"])
def test_two_calls_to_one_person_or_number_are_counted_together(field, same):
    day = {"weekdays_from": "08:00", "weekdays_until": "20:00", "sundays_from": "12:00", "sundays_until": "20:00"}
    ContactPolicy.objects.create(
        clinic=field.worked.desk.clinics["CARD"], most_calls_a_day=1, valid_from=LONG_AGO, recorded_at=LONG_AGO, **day
    )
    for number in range(0, 2 * ROUNDS, 2):
        name = {"patient": f"P-{number}", "phone": f"312555{number:04}"}
        items = [
            field.held_by(person, field.bump(str(number + place), **{same: name[same]}))
            for place, person in enumerate((field.worked.ruth, field.worked.omar))
        ]

        answers = field.move(*(order("call", item.pk) for item in items))

        assert sorted(answers) == ["counted_today", "done"]
        assert sum(field.called(item) for item in items) == 1
        field.hang_up()
