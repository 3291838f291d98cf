"""The life of a replay: begun by a publication, stopped and resumed by people, finished when nothing of it remains."""

from collections import Counter
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.locks import RowsBusyError, short_waits
from scheduling.digestion.replaying import PUBLISHING
from scheduling.mapping.errors import InvalidMappingError, StaleReplayError
from scheduling.mapping.vocabulary import MappingVerb, ReplayState
from scheduling.models import MappingHistory, MappingPublication, RefoldRequest, Replay
from scheduling.services.refolds import request_refolds
from scheduling.services.waking import wake_workers

SUBJECT = "scheduling.replay"
BUSY = "Workers hold the next visits of it. Try again in a few seconds."

# In order of the appointments, so that two who do this at once cannot wait for each other in a circle.
_LOCK = """
SELECT replay_id, count(*) FROM (
    SELECT replay_id FROM scheduling_refoldrequest WHERE replay_id = ANY(%s) ORDER BY appointment_id FOR UPDATE
) AS locked GROUP BY replay_id
"""


def start_replay(publication: MappingPublication, *, now: datetime) -> Replay:
    """Ask for everything that a publication may change; what older replays of the source have left goes on in this one.

    Call it in the publishing transaction, with the source's numbers locked. What a stopped replay has left is taken
    over only where this publication may change it too; the rest of it stays stopped.
    """
    _wait_for_batches(publication.source_id)
    replay = Replay.objects.create(publication=publication, source_id=publication.source_id, total=0, started_at=now)
    older = list(_older(replay).select_for_update(no_key=True).order_by("pk"))
    left = _lock_requests([one.pk for one in older])
    request_refolds(replay, since=publication.effective_from, now=now)
    running = [one.pk for one in older if one.is_running]
    RefoldRequest.objects.filter(replay__in=running).update(replay=replay)
    kept = _count_requests(older)
    for one in older:
        Replay.objects.filter(pk=one.pk).update(passed_on=F("passed_on") + left[one.pk] - kept[one.pk])
    Replay.objects.filter(pk=replay.pk).update(total=replay.requests.count())
    finish_replays(now=now)
    replay.refresh_from_db()
    return replay


def finish_replays(*, now: datetime) -> int:
    """Mark every running replay of which no request remains as done; returns how many.

    Safe to call at any time by anybody: requests of a batch that has not committed still count as remaining.
    """
    left = RefoldRequest.objects.filter(replay=OuterRef("pk"))
    return Replay.objects.filter(~Exists(left), state=ReplayState.RUNNING).update(
        state=ReplayState.DONE, finished_at=now
    )


@transaction.atomic
def cancel_replay(replay: Replay, *, actor: User, reason: str, now: datetime, request_id: str = "") -> int:
    """Stop a running replay: what is folded stays, what remains keeps its old meaning until it is resumed.

    Returns how many appointments remain; refreshes ``replay``. A batch that is at work ends first. Requests that a
    changed clinic code asked for too go on.

    Raises:
        InvalidMappingError: the reason is missing.
        StaleReplayError: it does not run any more, or workers are busy with its next rows.
    """
    _needs_reason(reason)
    moved = Replay.objects.filter(pk=replay.pk, state=ReplayState.RUNNING).update(
        state=ReplayState.CANCELLED, cancelled_at=now, cancelled_by=actor
    )
    if not moved:
        raise StaleReplayError("This replay is not running any more. Reload to see how it ended.")
    try:
        with short_waits():
            _lock_requests([replay.pk])
    except RowsBusyError as error:
        raise StaleReplayError(BUSY) from error
    parked = RefoldRequest.objects.filter(replay=replay, position__gt=0).update(is_parked=True)
    if not parked:
        raise StaleReplayError("Nothing of this replay is left to stop.")
    _tell(replay, MappingVerb.CANCEL_REPLAY, actor, reason, now, parked, request_id)
    return parked


@transaction.atomic
def resume_replay(replay: Replay, *, actor: User, reason: str, now: datetime, request_id: str = "") -> int:
    """Ask again for exactly what a stopped replay has left; returns how many, refreshes ``replay``.

    Raises:
        InvalidMappingError: the reason is missing.
        StaleReplayError: it is not stopped any more.
    """
    _needs_reason(reason)
    moved = Replay.objects.filter(pk=replay.pk, state=ReplayState.CANCELLED).update(
        state=ReplayState.RUNNING, cancelled_at=None, cancelled_by=None, resumed_at=now
    )
    if not moved:
        raise StaleReplayError("This replay is not stopped any more. Reload to see where it stands.")
    _lock_requests([replay.pk])
    asked = RefoldRequest.objects.filter(replay=replay, is_parked=True).update(is_parked=False)
    finish_replays(now=now)  # a later publication may have taken over all that was left
    _tell(replay, MappingVerb.RESUME_REPLAY, actor, reason, now, asked, request_id)
    transaction.on_commit(wake_workers)
    return asked


def _wait_for_batches(source_id: int) -> None:
    """Wait until every batch that may map with the old rules has committed; see scheduling.digestion.replaying."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PUBLISHING, source_id])


def _older(replay: Replay) -> QuerySet[Replay]:
    return Replay.objects.filter(source=replay.source_id).exclude(state=ReplayState.DONE).exclude(pk=replay.pk)


def _lock_requests(replay_ids: list[int]) -> Counter[int]:
    """Lock what replays have left, in order; returns how many of each. Waits for batches that are at work on some."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [replay_ids])
        return Counter(dict(cursor.fetchall()))


def _count_requests(replays: list[Replay]) -> Counter[int]:
    counted = RefoldRequest.objects.filter(replay__in=replays).order_by().values_list("replay_id")
    return Counter(dict(counted.annotate(left=Count("pk"))))


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidMappingError("Write a few words, so that the next person knows why.")


def _tell(
    replay: Replay, verb: MappingVerb, actor: User, reason: str, now: datetime, appointments: int, request_id: str
) -> None:
    """Write it into the revision's history and into the audit trail."""
    replay.refresh_from_db()
    details = {"replay": replay.pk, "publication": replay.publication.number, "appointments": appointments}
    MappingHistory.objects.create(
        revision_id=replay.publication.revision_id, verb=verb, actor=actor, at=now, reason=reason.strip(),
        details=details,
    )  # fmt: skip
    record(
        AuditAction.CHANGED, actor=actor, subject_kind=SUBJECT, subjects=[replay.pk],
        detail={"verb": verb.value, **details}, now=now, request_id=request_id,
    )  # fmt: skip
