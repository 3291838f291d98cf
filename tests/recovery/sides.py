"""Real processes that move at the same moment: each says that it is ready, and moves as soon as it reads an order."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from accounts.models import User

# One process per side, acting as one person. Its answer is "done", or the code of what refused it.
SIDE = """
import sys, django
django.setup()
from datetime import datetime
from accounts.models import User
from config.pipeline import digest_these
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.services.answer_offer import accept_offer
from recovery.services.attempts import begin_call, record_outcome
from recovery.models import QueueItem
from recovery.services.claims import claim_item, claim_next
from recovery.services.close_item import close_item
from recovery.services.expire_offers import expire_offers
from recovery.services.make_offers import Asked, make_offer
from recovery.services.next_steps import Told
from recovery.services.read_candidates import Named
from recovery.services.record_consent import record_consent
from recovery.vocabulary import AttemptOutcome, HandReason, NextStep, OutreachChannel
actor = User.objects.get(pk=sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    what, moment, *ids = line.split()
    now, ids = datetime.fromisoformat(moment), [int(one) for one in ids]
    try:
        if what == "accept":
            accept_offer(ids[0], actor=actor, now=now)
        elif what == "offer":
            make_offer(ids[0], Named(None, ids[1]), Asked(actor, now))
        elif what == "claim":
            claim_item(ids[0], actor=actor, version=ids[1], now=now)
        elif what == "next":
            found = claim_next(QueueItem.objects.filter(pk__in=ids).ranked(now), actor=actor, now=now)
            answer = str(found.pk if found is not None else None)
            print(answer, flush=True)
            continue
        elif what == "call":
            begin_call(ids[0], actor=actor, version=None, now=now)
        elif what == "close":
            close_item(ids[0], HandReason.DOUBLE, actor=actor, version=None, now=now)
        elif what == "yes":
            record_outcome(ids[0], Told(AttemptOutcome.ACCEPTED, NextStep.WAIT_FOR_EHR), actor=actor, now=now)
        elif what == "refuse":
            record_consent(
                ids[0], channel=OutreachChannel.CALL, topic=None, is_allowed=False, said_at=now, clinic=None,
                actor=actor, now=now,
            )
        elif what == "digest":
            digest_these(ids, now=now)
        else:
            expire_offers(now)
        answer = "done"
    except GuardRefusedError as refusal:
        answer = refusal.code
    except InvalidActError as error:
        answer = f"invalid: {error}"
    print(answer, flush=True)
"""
# Gives each side its order, all at once; returns their answers.
Move = Callable[..., list[str]]


@contextmanager
def sides_of(*people: User) -> Iterator[Move]:
    """A process for each of these people on the test database; they end with the block."""
    database = settings.DATABASES["default"]["NAME"]
    environment = dict(os.environ) | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SIDE, str(person.pk)], cwd=settings.BASE_DIR, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for person in people
    ]  # fmt: skip

    def move(*orders: str) -> list[str]:
        for process, order in zip(started, orders, strict=True):
            assert process.stdin is not None
            process.stdin.write(f"{order}\n")
            process.stdin.flush()
        return [process.stdout.readline().strip() for process in started if process.stdout is not None]

    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield move
    finally:
        for process in started:
            process.kill()
            process.communicate()
