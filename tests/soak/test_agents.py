"""Many agents drain one queue at once, in real processes, while messages go on arriving (I5).

Every agent takes the next best, calls and records; some die in the middle. What happened is judged by SQL on the rows
they left: nobody worked an item that somebody else held, nobody was called twice within a limit, nothing stays held.
"""

import json
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Grant, User
from accounts.vocabulary import Role
from recovery.models import Attempt, ContactPolicy, ItemEvent, QueueItem, StaffLanguage
from recovery.services.claims import LEASE, end_claims
from tests.recovery.worked import MINUTE, make_worked
from tests.soak.test_workers import environment
from tests.support.desk import DAY, HOUR, NOW, make_desk
from tests.support.messages import adt, siu
from tests.support.sizes import SIZES, share

# One agent: works until nothing is left to take. Its clock is the desk's, moved on by real time. Every tenth dies with
# an item in its hands, every other tenth in the middle of a call.
AGENT = """
import json, os, random, sys, time, django
django.setup()
from datetime import datetime, timedelta
from accounts.models import User
from django.db import OperationalError, connections
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import QueueItem
from recovery.selectors.trusts import clinic_trusts
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.claims import claim_next, release_item
from recovery.services.next_steps import Told
from recovery.vocabulary import AttemptOutcome, Family, NextStep

start, first, last, epoch = datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
ENDS = [
    (AttemptOutcome.NO_ANSWER, NextStep.TRY_AGAIN), (AttemptOutcome.VOICEMAIL, NextStep.TRY_AGAIN),
    (AttemptOutcome.BOOKED, NextStep.WAIT_FOR_EHR), (AttemptOutcome.DECLINED, NextStep.CLOSE),
    (AttemptOutcome.WRONG_NUMBER, NextStep.FIX_CONTACT),
]

def work(number):
    me, dice = User.objects.get(username=f"agent{number}@desk.example"), random.Random(number)
    done, refused, idle = 0, [], 0
    while idle < 8:
        now = start + timedelta(seconds=time.time() - epoch)
        items = QueueItem.objects.visible_to(me).filter(family=Family.REBOOK_BUMPED)
        free = items.in_queue(trusts := clinic_trusts(me, now), now).workable(trusts, now).to_do(now).ranked(now)
        free = free.exclude(pk__in=refused)  # whoever cannot be called now is left to others
        try:
            item = claim_next(free, actor=me, now=now)
        except OperationalError:
            continue
        if item is None:
            idle += 1
            time.sleep(0.3)
            continue
        idle = 0
        if done >= 3 and number % 10 == 3:
            return done, len(refused)
        now = start + timedelta(seconds=time.time() - epoch)
        try:
            attempt = begin_call(item.pk, actor=me, version=item.version, now=now)
            if done >= 3 and number % 10 == 7:
                return done, len(refused)
            outcome, step = dice.choice(ENDS)
            record_outcome(attempt.pk, Told(outcome, step), actor=me, now=now)
            done += 1
        except (GuardRefusedError, InvalidActError):
            refused.append(item.pk)
            try:
                release_item(item.pk, actor=me, now=now)
            except (GuardRefusedError, InvalidActError):
                pass
            time.sleep(0.05)
    return done, len(refused)

children = []
for number in range(first, last):
    child = os.fork()
    if not child:
        try:
            print(json.dumps(work(number)), flush=True)
        except BaseException as error:
            print(json.dumps(repr(error)), flush=True)
        finally:
            connections.close_all()
            os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""
DOUBLE_HOLDS = """
SELECT count(*) FROM (
    SELECT item_id, kind, actor_id, lead(kind) OVER w AS next_kind
    FROM recovery_itemevent WHERE kind IN ('claimed', 'released', 'lease_ended', 'outcome') WINDOW w AS
        (PARTITION BY item_id ORDER BY id)
) AS e WHERE kind = 'claimed' AND next_kind = 'claimed'
"""
CALLS_OF_OTHERS = """
SELECT count(*) FROM recovery_attempt a WHERE NOT EXISTS (
    SELECT 1 FROM recovery_itemevent e WHERE e.item_id = a.item_id AND e.kind = 'claimed' AND e.actor_id = a.actor_id
        AND e.at <= a.at
)
"""
OVER_THE_LIMIT = """
SELECT count(*) FROM (
    SELECT {owner}, date_trunc('day', at AT TIME ZONE 'America/Chicago') FROM recovery_attempt
    WHERE is_counted GROUP BY 1, 2 HAVING count(*) > {most}
) AS over
"""
TOGETHER = """
SELECT count(*) FROM recovery_attempt a JOIN recovery_attempt b ON a.person_owner = b.person_owner AND a.id < b.id
WHERE b.at - a.at < interval '4 hours'
"""


def number_of(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def open_chances(worked, items):
    """Bump as many visits, each of another person; every tenth shares its number with its neighbour."""
    told = []
    for place in range(items):
        at = NOW + 2 * DAY + (place % 4000) * MINUTE
        phone = f"312{5_550_000 + (place - (place % 10 == 1)):07}"
        one: dict[str, Any] = {"visit": f"S{place}", "patient": f"S-{place}", "phone": phone, "starts_at": at}
        told.append(siu("S12", at=NOW - DAY, **one))
        told.append(siu("S15", at=NOW - HOUR, status="Bumped", **one))
    for begin in range(0, len(told), 2000):
        worked.hear(*told[begin : begin + 2000])


@pytest.mark.parametrize("is_full", SIZES)
@pytest.mark.django_db(transaction=True)
def test_agents_drain_the_queue_without_a_double_claim_or_contact(is_full, capsys):
    agents, items = (50, share(5000)) if is_full else (8, 100)
    worked = make_worked(make_desk())
    open_chances(worked, items)
    for number in range(agents):
        person = User.objects.create_user(f"agent{number}@desk.example", first_name=f"Agent {number}")
        Grant.objects.create(user=person, role=Role.ACCESS, source=worked.desk.source)
        StaffLanguage.objects.create(person=person, language="en")

    elapsed, told = run_agents(worked, agents, items)

    calls = Attempt.objects.count()
    with capsys.disabled():
        sys.stdout.write(f"\n{agents} agents: {calls} calls, {calls / elapsed:.1f} a second\n")
    assert [answer for answer in told if isinstance(answer, str)] == []
    assert len(told) == agents
    assert calls > items // 2
    assert number_of(DOUBLE_HOLDS) == 0
    assert number_of(CALLS_OF_OTHERS) == 0
    assert number_of(TOGETHER) == 0
    assert number_of(OVER_THE_LIMIT.format(owner="person_owner", most=most_calls())) == 0
    assert number_of(OVER_THE_LIMIT.format(owner="number_owner", most=most_calls())) == 0
    assert [item.tries for item in QueueItem.objects.filter(tries__gt=1)] == []
    dead = QueueItem.objects.filter(claimed_by__isnull=False).count()
    # In a run that outlasts a claim, others have taken up what the first to die held.
    taken_up = ItemEvent.objects.filter(kind="lease_ended").count()
    assert taken_up == 0 or elapsed > LEASE.total_seconds()
    assert end_claims(NOW + timedelta(seconds=elapsed) + LEASE + MINUTE) == dead
    assert QueueItem.objects.filter(claimed_by__isnull=False).count() == 0
    assert ItemEvent.objects.filter(kind="lease_ended").count() == taken_up + dead > 0


def most_calls():
    return ContactPolicy._meta.get_field("most_calls_a_day").default


def run_agents(worked, agents, items):
    """Let them work while visits are booked again and people die; returns the time it took and what each told."""
    epoch = time.time()
    command = [sys.executable, "-c", AGENT, NOW.isoformat(), "0", str(agents), str(epoch)]
    crowd = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment(), stdout=subprocess.PIPE, text=True)
    place = 0
    while crowd.poll() is None:
        now = NOW + timedelta(seconds=time.time() - epoch)
        if place < items:
            at = NOW + 9 * DAY + place * MINUTE
            worked.hear(siu("S12", visit=f"R{place}", patient=f"S-{place}", at=now, starts_at=at), now=now)
            worked.hear(adt("A08", patient=f"S-{place + 1}", at=now, died_at=now - DAY), now=now)
        worked.hear(adt("A08", patient="S-none", at=now), now=now)
        place += 37
        time.sleep(0.2)
    return time.time() - epoch, [json.loads(line) for line in crowd.stdout or ()]
