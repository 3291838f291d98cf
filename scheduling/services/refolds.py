"""Ask for appointments to be mapped and folded anew; digestion does it, in batches, in the order of the source."""

from datetime import datetime

from django.db import connection, transaction

from scheduling.models import Replay
from scheduling.services.waking import wake_workers

# The events of a source that a meaning in force from ``since`` (source time) on may change. Held events wait for any
# new meaning; the others can only change from then on. A preview asks with the same words.
CONCERNED = """
FROM scheduling_mappedevent e
WHERE e.feed_id IN (SELECT id FROM scheduling_feed WHERE source_id = %(source)s)
    AND (e.mapping <> 'mapped' OR e.source_at >= %(since)s)
"""
# A request that is there already goes to the newest replay; one that goes before all replays (position 0) keeps its
# place.
_REQUEST = f"""
INSERT INTO scheduling_refoldrequest AS r (appointment_id, requested_at, replay_id, position, is_parked)
SELECT e.appointment_id, %(now)s::timestamptz, %(replay)s,
    greatest(1, floor(extract(epoch FROM min(e.source_at)) * 1000000))::int8, false
{CONCERNED}
GROUP BY e.appointment_id ORDER BY e.appointment_id
ON CONFLICT (appointment_id) DO UPDATE SET requested_at = excluded.requested_at, replay_id = excluded.replay_id,
    position = least(r.position, excluded.position), is_parked = false
"""  # noqa: S608 - our own words
_REQUEST_OF_CLINIC = """
INSERT INTO scheduling_refoldrequest AS r (appointment_id, requested_at, position, is_parked)
SELECT DISTINCT e.appointment_id, %(now)s::timestamptz, 0, false FROM scheduling_mappedevent e
WHERE e.feed_id IN (SELECT id FROM scheduling_feed WHERE source_id = %(source)s) AND e.clinic_code = %(code)s
ORDER BY 1
ON CONFLICT (appointment_id) DO UPDATE SET position = 0, is_parked = false WHERE r.position > 0
"""


def request_refolds(replay: Replay, *, since: datetime, now: datetime) -> int:
    """Ask for every appointment of the replay's source that a new meaning from ``since`` (source time) on may change.

    Returns how many. Call it in the transaction that publishes the meaning: the requests commit with it or not at all.
    """
    return _ask(_REQUEST, {"replay": replay.pk, "source": replay.source_id, "since": since, "now": now})


def request_clinic_refolds(source_id: int, code: str, *, now: datetime) -> int:
    """Ask for every appointment that a message of a source named under a clinic code: another clinic has it now.

    These go before every replay. Returns how many. Call it in the transaction that changes the code.
    """
    return _ask(_REQUEST_OF_CLINIC, {"source": source_id, "code": code, "now": now})


def _ask(request: str, named: dict[str, int | str | datetime]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(request, named)
        asked = int(cursor.rowcount)
    if asked:
        transaction.on_commit(wake_workers)
    return asked
