"""Two real processes at one exception: exactly one wins."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from exceptions.models import History, IntegrationException, Notice, StepRun
from exceptions.vocabulary import Channel, State, Target, Verb
from tests.support.escalation import policy, step

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROUNDS = 8
ZZ9 = ("unmapped_status", "ZZ9")

# One process per side. It connects, says that it is ready, and then moves as soon as it reads a line.
SIDE = """
import sys, django
django.setup()
from datetime import datetime
from accounts.models import User
from exceptions.errors import ExceptionMoveError
from exceptions.models import IntegrationException
from exceptions.services.end_takes import end_takes
from exceptions.services.move_exception import Order, move_exception
from exceptions.services.run_steps import run_steps
from exceptions.vocabulary import Verb
what, actor = sys.argv[1], User.objects.get(pk=sys.argv[2])
print("ready", flush=True)
for line in sys.stdin:
    pk, now = line.split()
    moment = datetime.fromisoformat(now)
    try:
        if what == "run_steps":
            answer = run_steps(moment)
        elif what == "end_takes":
            answer = end_takes(moment)
        else:
            seen = IntegrationException(pk=int(pk))
            move_exception(seen, Verb(what), Order(reason="Race", version=1), actor=actor, now=moment)
            answer = 1
    except ExceptionMoveError:
        answer = 0
    print(answer, flush=True)
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def race():
    """Start two processes; ``race((what, person), (what, person), ...)`` returns how each round went."""
    started: list[subprocess.Popen[str]] = []
    database = settings.DATABASES["default"]["NAME"]
    environment = dict(os.environ) | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    def begin(*sides):
        for what, person in sides:
            process = subprocess.Popen(
                [sys.executable, "-c", SIDE, what, str(person.pk)], cwd=settings.BASE_DIR, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            started.append(process)
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        return go

    def go(exception, now):
        for process in started:
            assert process.stdin is not None
            process.stdin.write(f"{exception.pk} {now.isoformat()}\n")
            process.stdin.flush()
        return sorted(int(process.stdout.readline()) for process in started if process.stdout is not None)

    yield begin
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@pytest.fixture
def open_one(run, change, booked):
    """Open exceptions about visits of their own."""

    def open_it(number):
        run(change(number, booked(("unmapped_status", f"ZZ{number}"))), now=NOON)
        return IntegrationException.objects.get(raw=f"ZZ{number}")

    return open_it


def test_of_two_people_who_take_it_one_has_it(race, open_one, people):
    go = race((Verb.TAKE, people.milo), (Verb.TAKE, people.imani))

    for number in range(ROUNDS):
        found = open_one(number)

        assert go(found, NOON) == [0, 1]
        found.refresh_from_db()
        assert (found.state, found.version) == (State.TAKEN, 2)
        assert list(found.history.filter(verb=Verb.TAKE).values_list("actor", flat=True)) == [found.owner_id]


def test_of_two_sweeps_one_tells(race, open_one, people):
    policy(step(timedelta(0), Target.PERSON, person=people.milo))
    go = race(("run_steps", people.milo), ("run_steps", people.imani))

    for number in range(ROUNDS):
        found = open_one(number)

        assert go(found, NOON + number * HOUR) == [0, 1]
        assert found.step_runs.count() == 1
    told = Notice.objects.filter(channel=Channel.IN_APP)
    assert StepRun.objects.count() == told.count() == History.objects.filter(verb=Verb.TOLD).count() == ROUNDS


def test_taking_and_telling_at_once_ends_taken_and_tells_once_at_most(race, open_one, people):
    policy(
        step(timedelta(0), Target.PERSON, person=people.milo), step(timedelta(0), Target.PERSON, person=people.imani)
    )
    go = race((Verb.TAKE, people.milo), ("run_steps", people.imani))

    for number in range(ROUNDS):
        found = open_one(number)
        before = StepRun.objects.count()
        done = go(found, NOON + number * HOUR)

        found.refresh_from_db()
        assert (found.state, found.owner, found.next_step_at) == (State.TAKEN, people.milo, None)
        assert done in ([0, 1], [1, 1])
        assert StepRun.objects.count() - before == found.next_step_no == sum(done) - 1


def test_acknowledging_and_closing_at_once_never_undoes_the_closing(race, run, arrival, people):
    go = race((Verb.TAKE, people.milo), (Verb.RESOLVE, people.ruth))

    for number in range(ROUNDS):
        run(arrival("batch_count", str(number)))
        found = IntegrationException.objects.get(raw=str(number))
        go(found, NOON)

        found.refresh_from_db()
        moves = list(found.history.order_by("id").values_list("verb", flat=True))
        assert (found.state, moves) in [
            (State.TAKEN, [Verb.OPENED, Verb.TAKE]),
            (State.RESOLVED, [Verb.OPENED, Verb.RESOLVE]),
        ]


def test_of_two_sweeps_one_ends_a_take(race, open_one, people):
    go = race(("end_takes", people.milo), ("end_takes", people.imani))

    for number in range(ROUNDS):
        found = open_one(number)
        IntegrationException.objects.filter(pk=found.pk).update(
            state=State.TAKEN, owner=people.milo, taken_at=NOON, taken_until=NOON
        )

        assert go(found, NOON + HOUR) == [0, 1]
        assert found.history.filter(verb=Verb.TAKE_ENDED).count() == 1
