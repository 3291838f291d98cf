"""Time the list pages against their bare views (child process): ``benchmarks.page_times REPEATS``.

Prints one JSON object: for each page its server time and that of its bare view, round by round in milliseconds, and
the queries of a first and of a later request.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Grant, User
from accounts.vocabulary import Role
from config.digesting import freeze_imports
from exceptions.models import IntegrationException
from recovery.models import QueueItem
from recovery.vocabulary import Family
from scheduling.models import Appointment

FIRSTS = 5  # requests that find nothing kept


@dataclass(frozen=True)
class Page:
    """A list page, its yardstick, and where the page with its first row opened beside the list is found."""

    url: str
    bare: str
    opened: Callable[[], str]


def signed_in(person: User) -> Client:
    """A browser of somebody who may see every clinic, with a session that nobody has used yet."""
    client = Client()
    # A server does this before its first request, a test client within it: the folder of static files is read.
    client.handler.load_middleware()
    client.force_login(person)
    return client


def overseer() -> User:
    """Somebody with the roles that see most of the rail."""
    person = User.objects.create_user("bench@northfield.example", email="bench@northfield.example")
    Grant.objects.bulk_create([Grant(user=person, role=role) for role in (Role.SUPERVISOR, Role.INTEGRATION)])
    return person


def get(client: Client, url: str) -> float:
    """Milliseconds from request to rendered answer inside the server."""
    started = time.perf_counter()
    answer = client.get(url)
    seconds = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return seconds * 1000


def cold(person: User, url: str) -> tuple[int, float]:
    """Queries and milliseconds of a first request: a new session, and nothing kept of any request before."""
    client = signed_in(person)
    caches["local"].clear()
    with CaptureQueriesContext(connection) as captured:
        milliseconds = get(client, url)
    return len(captured), milliseconds


def warm(client: Client, url: str) -> int:
    """Queries of a later request."""
    get(client, url)
    with CaptureQueriesContext(connection) as captured:
        get(client, url)
    return len(captured)


def times(person: User, page: Page, repeats: int) -> dict[str, Any]:
    """Page and bare view by turns, after the numbers of first requests: alone and with a row open."""
    client = signed_in(person)
    for _ in range(2):
        get(client, page.url), get(client, page.bare)
    firsts = [cold(person, page.url) for _ in range(FIRSTS)]
    return {
        "cold": [milliseconds for _, milliseconds in firsts],
        "queries": max(number for number, _ in firsts),
        "queries_warm": warm(client, page.url),
        "queries_open": cold(person, page.opened())[0],
        "pairs": [(get(client, page.url), get(client, page.bare)) for _ in range(repeats)],
    }


def first_visit() -> str:
    """The next visit, opened beside its list."""
    visit = Appointment.objects.filter(starts_at__gte=timezone.now()).order_by("starts_at", "pk")[0]
    return f"/appointments/?item={visit.pk}"


def worst_exception() -> str:
    """The worst exception, opened beside its list."""
    worst = IntegrationException.objects.unresolved().order_by("severity", "-live_count", "-id")[0]
    return worst.get_absolute_url()


def first_refill() -> str:
    """A slot to refill, opened beside the queue."""
    items = QueueItem.objects.open().filter(family=Family.REFILL, useful_until__gt=timezone.now())
    return f"/recovery/?item={items.order_by('useful_until', 'pk')[0].pk}"


PAGES = {
    "page_appointments": Page("/appointments/", "/bare/appointments/", first_visit),
    "page_exceptions": Page("/exceptions/", "/bare/exceptions/", worst_exception),
    "page_queue": Page("/recovery/", "/bare/queue/", first_refill),
}


if __name__ == "__main__":
    with override_settings(ROOT_URLCONF="benchmarks.bare", ALLOWED_HOSTS=["testserver"]):
        somebody = overseer()
        freeze_imports()
        print("ready", flush=True)
        sys.stdin.readline()
        found = {name: times(somebody, page, int(sys.argv[1])) for name, page in PAGES.items()}
        print(json.dumps(found), flush=True)
