"""Time the list pages against their bare views (child process): ``python -m benchmarks.page_times REPEATS``.

Prints one JSON object: for each page its server time and that of its bare view, round by round in milliseconds, and
the queries of a first and of a later request.
"""

import json
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import Grant, User  # noqa: E402
from accounts.vocabulary import Role  # noqa: E402
from config.digesting import freeze_imports  # noqa: E402

PAGES = {
    "page_appointments": ("/appointments/", "/bare/appointments/"),
    "page_exceptions": ("/exceptions/", "/bare/exceptions/"),
    "page_queue": ("/recovery/", "/bare/queue/"),
}


def signed_in() -> Client:
    """A browser of somebody who may see every clinic."""
    person = User.objects.create_user("bench@northfield.example", email="bench@northfield.example")
    Grant.objects.bulk_create([Grant(user=person, role=role) for role in (Role.SUPERVISOR, Role.INTEGRATION)])
    client = Client()
    client.force_login(person)
    return client


def get(client: Client, url: str) -> float:
    """Milliseconds from request to rendered answer inside the server."""
    started = time.perf_counter()
    answer = client.get(url)
    seconds = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return seconds * 1000


def queries(client: Client, url: str) -> int:
    """How many queries one request takes."""
    with CaptureQueriesContext(connection) as captured:
        get(client, url)
    return len(captured)


def times(client: Client, url: str, bare: str, repeats: int) -> dict[str, Any]:
    """Both views by turns."""
    first, later = queries(client, url), queries(client, url)
    for _ in range(2):
        get(client, url), get(client, bare)
    pairs = [(get(client, url), get(client, bare)) for _ in range(repeats)]
    return {"pairs": pairs, "first_queries": first, "queries": later}


if __name__ == "__main__":
    with override_settings(ROOT_URLCONF="benchmarks.bare", ALLOWED_HOSTS=["testserver"]):
        browser = signed_in()
        freeze_imports()
        print("ready", flush=True)
        sys.stdin.readline()
        found = {name: times(browser, url, bare, int(sys.argv[1])) for name, (url, bare) in PAGES.items()}
        print(json.dumps(found), flush=True)
