"""Ask for appointments to be mapped and folded anew; digestion does it, in batches, in the order of the source."""

from datetime import datetime

from django.db import connection, transaction

from scheduling.services.waking import wake_workers

# Held events wait for any new meaning; the others can only change from ``since`` on.
_REQUEST = """
INSERT INTO scheduling_refoldrequest (appointment_id, requested_at)
SELECT DISTINCT e.appointment_id, %(now)s::timestamptz FROM scheduling_mappedevent e
WHERE e.feed_id IN (SELECT id FROM scheduling_feed WHERE source_id = %(source)s)
    AND (e.mapping <> 'mapped' OR e.source_at >= %(since)s)
ORDER BY 1
ON CONFLICT (appointment_id) DO NOTHING
"""
_REQUEST_OF_CLINIC = """
INSERT INTO scheduling_refoldrequest (appointment_id, requested_at)
SELECT DISTINCT e.appointment_id, %(now)s::timestamptz FROM scheduling_mappedevent e
WHERE e.feed_id IN (SELECT id FROM scheduling_feed WHERE source_id = %(source)s) AND e.clinic_code = %(code)s
ORDER BY 1
ON CONFLICT (appointment_id) DO NOTHING
"""


def request_refolds(source_id: int, *, since: datetime, now: datetime) -> int:
    """Ask for every appointment of a source that a new meaning from ``since`` (source time) on may change.

    Returns how many. Call it in the transaction that publishes the meaning: the requests commit with it or not at all.
    """
    return _ask(_REQUEST, {"source": source_id, "since": since, "now": now})


def request_clinic_refolds(source_id: int, code: str, *, now: datetime) -> int:
    """Ask for every appointment that a message of a source named under a clinic code: another clinic has it now.

    Returns how many. Call it in the transaction that changes the code.
    """
    return _ask(_REQUEST_OF_CLINIC, {"source": source_id, "code": code, "now": now})


def _ask(request: str, named: dict[str, int | str | datetime]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(request, named)
        asked = int(cursor.rowcount)
    if asked:
        transaction.on_commit(wake_workers)
    return asked
