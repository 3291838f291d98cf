"""Several workers on one inbox end exactly where one does: real processes, real locks."""

import os
import subprocess
import sys
from threading import Event, Thread

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from config.digesting import Digester
from config.pipeline import digest_these
from scheduling.models import Waiting
from scheduling.services.ledger import read_ledger
from scheduling.simulator.faults import SEVERE
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import DAY, HOUR, NOW
from tests.support.inbox import days_ago, deliveries, load_group, store_deliveries
from tests.support.messages import siu
from tests.support.picture import differences, picture
from tests.support.sizes import SIZES, share

WORKERS = 4
EMPTIED = (
    "scheduling_mappedevent, scheduling_receipt, scheduling_appointment, scheduling_patient, "
    "scheduling_patientversion, "
    "scheduling_contactpoint, scheduling_consent, scheduling_vacancy, scheduling_templateslot, scheduling_resourceday, "
    "scheduling_feedproof, scheduling_signaltally, scheduling_refoldrequest, recovery_queueitem, "
    "exceptions_integrationexception"
)
# Workers that respect no lane and take messages in any order; what they lose to a lock they try again.
WITHOUT_LANES = """
import random, sys, time, django
django.setup()
from django.db import OperationalError
from django.utils import timezone
from config.pipeline import digest_these
from scheduling.models import Waiting
dice = random.Random(int(sys.argv[1]))
while ids := list(Waiting.objects.values_list("message_id", flat=True)):
    dice.shuffle(ids)
    for start in range(0, min(len(ids), 1200), 120):
        try:
            digest_these(ids[start : start + 120], now=timezone.now())
        except OperationalError:
            time.sleep(0.05 * dice.random())
"""


def environment() -> dict[str, str]:
    """What a process needs to work on the test database."""
    database = settings.DATABASES["default"]["NAME"]
    return dict(os.environ) | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def run_together(commands: list[list[str]]) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, *command], cwd=settings.BASE_DIR, env=environment(), stdout=subprocess.DEVNULL
        )
        for command in commands
    ]
    assert [process.wait(timeout=1200) for process in processes] == [0] * len(commands)


def start_over() -> None:
    """Put every message back into the inbox and forget what was made of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {EMPTIED} CASCADE")
        cursor.execute(
            "INSERT INTO scheduling_waiting (message_id, feed_id, lane, patient_hash, received_at) "
            "SELECT id, feed_id, abs(hashtext(control_id)) % 64, 0, received_at FROM scheduling_message"
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_full", SIZES)
def test_four_workers_end_exactly_where_one_does(is_full):
    since = days_ago(6 if is_full else 2)
    organisation = load_group(since=since)
    sent = deliveries(organisation, share(20_000) if is_full else 2_500, since=since, plan=SEVERE)
    stored = store_deliveries(sent)

    assert Digester().drain() == stored
    by_one = picture()
    assert [line for line in read_ledger() if not line.adds_up] == []
    assert len(by_one["open items"]) > 0

    start_over()
    run_together(
        [
            ["manage.py", "digest", "--drain", "--workers", str(WORKERS), "--number", str(number)]
            for number in range(WORKERS)
        ]
    )
    Digester().drain()
    assert (Waiting.objects.count(), differences(by_one, picture())) == (0, [])

    start_over()
    run_together([["-c", WITHOUT_LANES, str(number)] for number in range(WORKERS)])
    assert (Waiting.objects.count(), differences(by_one, picture())) == (0, [])
    assert [line for line in read_ledger() if not line.adds_up] == []


def backend_waits() -> bool:
    """Whether some backend waits for a lock that another one holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def in_thread(work) -> Thread:
    """Run ``work`` on a connection of its own."""

    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["cancel", "book"])
def test_one_worker_cancels_a_slot_while_another_books_it(desk, first):
    """The second one meets the first one's owner row, and neither leaves work for a slot that is taken.

    Two feeds tell of them, so that the owner row of the slot is all that both write.
    """
    other_feed = desk.feed_of(FeedFormat.HL7V2, Transport.HTTP, {})
    starts_at = NOW + 3 * HOUR
    desk.take(siu("S12", visit="OLD", at=NOW - DAY, starts_at=starts_at, patient="N-1"))
    told = {
        "cancel": siu("S15", visit="OLD", at=NOW - HOUR, starts_at=starts_at, status="Cancelled", patient="N-1"),
        "book": siu("S12", visit="NEW", at=NOW - HOUR, starts_at=starts_at, patient="N-2"),
    }
    ids = {"cancel": desk.receive(told["cancel"]), "book": desk.receive(told["book"], feed=other_feed)}
    second = "book" if first == "cancel" else "cancel"
    is_done = Event()

    def digest_second():
        digest_these(ids[second], now=NOW)
        is_done.set()

    with transaction.atomic():
        desk.digest(ids[first])
        thread = in_thread(digest_second)
        for _ in range(500):
            if backend_waits() or is_done.wait(0.02):
                break
        assert not is_done.is_set()
    thread.join(30)

    assert is_done.is_set()
    assert (desk.visit("OLD").status, desk.visit("NEW").status) == ("cancelled", "booked")
    assert desk.open_items() == []
    assert (desk.ledger(), desk.ledger(other_feed)) == (
        {"received": 2, "applied": 2},
        {"received": 1, "applied": 1},
    )
