"""First requests: a session that nobody has used, and nothing kept in the process.

queries, answer = cold_get(signed_in(user), "/exceptions/")
"""

from typing import Any

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def cold_get(client: Client, url: str) -> tuple[list[str], Any]:
    """The statements of a first request, and its answer."""
    caches["local"].clear()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return [query["sql"] for query in captured.captured_queries], answer
