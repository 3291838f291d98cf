"""Time the inbox (child process): ``benchmarks.inbox_times REPEATS``; prints one JSON object."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from benchmarks.page_times import cold, get, overseer, signed_in
from config.digesting import freeze_imports
from exceptions.models import IntegrationException
from exceptions.services.act_on_many import MOST_AT_ONCE, act
from exceptions.services.move_exception import Order
from exceptions.services.undo_act import undo
from exceptions.vocabulary import Verb

LIST, BARE = "/exceptions/", "/bare/exceptions/"
BESIDE = {"due": "/exceptions/?split=due&sort=next", "poll": "/live/exceptions/?since=0"}


def timed(work: Callable[[], Any]) -> tuple[float, int, Any]:
    """Seconds and statements of some work, and what it returned."""
    with CaptureQueriesContext(connection) as captured:
        started = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - started
    return round(seconds, 2), len(captured), result


def pages(person: User, repeats: int) -> dict[str, Any]:
    """Median server times of the list, by turns with its bare view, and of pages beside it.

    ``queries`` is the most that a first request of any of them takes.
    """
    client = signed_in(person)
    found: dict[str, Any] = {"queries": max(cold(person, url)[0] for url in (LIST, *BESIDE.values()))}
    get(client, LIST), get(client, BARE)
    pairs = [(get(client, LIST), get(client, BARE)) for _ in range(repeats)]
    lists, bares = zip(*pairs, strict=True)
    found |= {
        "ms": round(statistics.median(lists), 1),
        "floor": round(statistics.median(bares), 1),
        "ratio": round(statistics.median(page / bare for page, bare in pairs), 2),
    }
    for name, url in BESIDE.items():
        get(client, url)
        found[f"{name}_ms"] = round(statistics.median(get(client, url) for _ in range(repeats)), 1)
    return found


def acts(person: User) -> dict[str, Any]:
    """How long taking 500 and taking it back hold the person up."""
    now, several = timezone.now(), list(IntegrationException.objects.filter(state="open")[:MOST_AT_ONCE])
    seconds, statements, done = timed(lambda: act(several, Verb.TAKE, Order(), actor=person, now=now))
    back_seconds, back_statements, undone = timed(lambda: undo(done, actor=person, now=now))
    if done.done != len(several) or undone.done != len(several):
        raise RuntimeError(f"Of {len(several)} were {done.done} taken and {undone.done} taken back.")
    return {
        "acted_on": len(several),
        "act_seconds": seconds,
        "act_statements": statements,
        "undo_seconds": back_seconds,
        "undo_statements": back_statements,
    }


if __name__ == "__main__":
    with override_settings(ROOT_URLCONF="benchmarks.bare", ALLOWED_HOSTS=["testserver"]):
        somebody = overseer()
        freeze_imports()
        print("ready", flush=True)
        sys.stdin.readline()
        open_now = IntegrationException.objects.unresolved().count()
        print(json.dumps({"open": open_now, **pages(somebody, int(sys.argv[1])), **acts(somebody)}), flush=True)
