"""Two real processes at one slot or one patient: exactly one wins, and the other is told."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from recovery.models import Offer, QueueItem
from recovery.services.make_offers import make_offers
from tests.recovery.refills import MINUTE, SLOT_AT, make_refill
from tests.support.desk import DAY, HOUR, NOW, make_desk
from tests.support.messages import adt, siu

ROUNDS = 4
LATER = NOW + MINUTE

# One process per side. It connects, says that it is ready, and moves as soon as it reads a line.
SIDE = """
import sys, django
django.setup()
from datetime import datetime
from accounts.models import User
from config.pipeline import digest_these
from recovery.errors import GuardRefusedError
from recovery.services.answer_offer import accept_offer
from recovery.services.expire_offers import expire_offers
from recovery.services.make_offers import Asked, make_offer
from recovery.services.read_candidates import Named
actor = User.objects.get(pk=sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    what, moment, *ids = line.split()
    now = datetime.fromisoformat(moment)
    try:
        if what == "accept":
            accept_offer(int(ids[0]), actor=actor, now=now)
        elif what == "offer":
            make_offer(int(ids[0]), Named(None, int(ids[1])), Asked(actor, now))
        elif what == "digest":
            digest_these([int(one) for one in ids], now=now)
        else:
            expire_offers(now)
        answer = "done"
    except GuardRefusedError as refusal:
        answer = refusal.code
    print(answer, flush=True)
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sides():
    """``sides(ruth, omar)`` starts two processes; what it returns moves both at once and gives their answers."""
    started: list[subprocess.Popen[str]] = []
    database = settings.DATABASES["default"]["NAME"]
    environment = dict(os.environ) | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    def begin(*people):
        for person in people:
            process = subprocess.Popen(
                [sys.executable, "-c", SIDE, str(person.pk)], cwd=settings.BASE_DIR, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            started.append(process)
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        return go

    def go(*orders):
        for process, order in zip(started, orders, strict=True):
            assert process.stdin is not None
            process.stdin.write(f"{order}\n")
            process.stdin.flush()
        return [process.stdout.readline().strip() for process in started if process.stdout is not None]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def refill():
    return make_refill(make_desk())


def again(refill):
    """The slot as it was: no offers, the item free."""
    Offer.objects.all().delete()
    QueueItem.objects.update(claimed_by=None, claimed_at=None, claimed_until=None, next_step="", not_before=None)
    refill.claim()


def test_two_patients_accept_one_slot(refill, sides):
    move = sides(refill.ruth, refill.omar)
    for _ in range(ROUNDS):
        again(refill)
        people = [refill.named(visit) for visit in refill.visits]
        offers = make_offers(refill.item.pk, people, refill.asked(is_batch=True)).offers

        answers = move(*(f"accept {LATER.isoformat()} {offer.pk}" for offer in offers))

        assert sorted(answers) == ["done", "lost"]
        assert sorted(state for _, state in refill.states()) == ["pending", "slot_gone"]


def test_one_answer_and_the_end_of_its_time(refill, sides):
    move = sides(refill.ruth, refill.omar)
    for _ in range(ROUNDS):
        again(refill)
        offer = refill.offer("C1")
        just = offer.expires_at - MINUTE
        refill.hear(adt("A08", at=just, patient="N-77"), now=just)  # the feed is alive

        accepted, _ = move(f"accept {just.isoformat()} {offer.pk}", f"expire {offer.expires_at.isoformat()}")

        expected = {"done": [("C1", "pending")], "offer_expired": [("C1", "expired")]}
        assert refill.states() == expected[accepted]


def test_an_answer_and_the_ehr_that_books_somebody_else(refill, sides):
    move = sides(refill.ruth, refill.omar)
    refill.claim()
    offer = refill.offer("C1")
    ids = refill.desk.receive(siu("S12", visit="B1", at=LATER, starts_at=SLOT_AT, patient="P-2"), now=LATER)

    accepted, digested = move(f"accept {LATER.isoformat()} {offer.pk}", f"digest {LATER.isoformat()} {ids[0]}")

    # Within its first second the message may come second: then the yes stands until the batch ends it.
    assert (digested, accepted in {"done", "unread", "busy", "closed_slot_filled"}) == ("done", True)
    assert (refill.states(), refill.item.close_reason) == ([("C1", "slot_gone")], "slot_filled")


def test_one_patient_is_offered_two_slots(refill, sides):
    refill.hear(
        siu("S12", visit="S2", at=NOW - 20 * DAY, starts_at=SLOT_AT + HOUR, patient="N-2"),
        siu("S15", visit="S2", at=NOW - HOUR, starts_at=SLOT_AT + HOUR, patient="N-2", status="Cancelled"),
    )
    other = QueueItem.objects.get(appointment__external_id="S2")
    move = sides(refill.ruth, refill.ruth)
    visit = refill.desk.visit("C1").pk
    for _ in range(ROUNDS):
        again(refill)
        QueueItem.objects.filter(pk=other.pk).update(
            claimed_by=refill.ruth, claimed_at=NOW, claimed_until=NOW + 10 * MINUTE
        )

        answers = move(*(f"offer {NOW.isoformat()} {item} {visit}" for item in (refill.item.pk, other.pk)))

        assert sorted(answers) == ["done", "live_offer"]
        assert Offer.objects.filter(state="live").count() == 1
