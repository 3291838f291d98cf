"""Time the inbox (child process): ``python -m benchmarks.inbox_times REPEATS``; prints one JSON object."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from benchmarks.page_times import cold, get, overseer, signed_in  # noqa: E402
from config.digesting import freeze_imports  # noqa: E402
from exceptions.models import IntegrationException  # noqa: E402
from exceptions.services.act_on_many import MOST_AT_ONCE, act  # noqa: E402
from exceptions.services.move_exception import Order  # noqa: E402
from exceptions.services.undo_act import undo  # noqa: E402
from exceptions.vocabulary import Verb  # noqa: E402

PAGES = {"list": "/exceptions/", "due": "/exceptions/?split=due&sort=next", "poll": "/live/exceptions/?since=0"}


def timed(work: Callable[[], Any]) -> tuple[float, int, Any]:
    """Seconds and statements of some work, and what it returned."""
    with CaptureQueriesContext(connection) as captured:
        started = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - started
    return round(seconds, 2), len(captured), result


def pages(person: User, repeats: int) -> dict[str, Any]:
    """Median server times of pages and polls, and the most queries of a first request."""
    client = signed_in(person)
    found: dict[str, Any] = {"queries": max(cold(person, url)[0] for url in PAGES.values())}
    for name, url in PAGES.items():
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
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        somebody = overseer()
        freeze_imports()
        print("ready", flush=True)
        sys.stdin.readline()
        open_now = IntegrationException.objects.unresolved().count()
        print(json.dumps({"open": open_now, **pages(somebody, int(sys.argv[1])), **acts(somebody)}), flush=True)
