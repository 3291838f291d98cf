"""The life of a preview: asked for, computed by whoever claims it, cancelled, taken up again after a kill."""

from datetime import datetime, timedelta
from time import monotonic
from uuid import uuid4

import structlog
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, Window
from django.db.models.functions import RowNumber
from django_rq import get_queue
from redis.exceptions import RedisError

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from launch.errors import StalePreviewError
from launch.previewing.dry_run import Question, dry_run
from launch.previewing.outcome import DryRun
from scheduling.mapping.errors import MappingError
from scheduling.mapping.vocabulary import MappingVerb, PreviewState
from scheduling.models import MappingHistory, MappingPreview, MappingRevision

log = structlog.get_logger(__name__)

SUBJECT = "scheduling.mappingpreview"
JOB = "launch.jobs.preview_revision"
QUEUE = "default"
UNFINISHED = (PreviewState.WAITING, PreviewState.RUNNING)
AT_ONCE = 8_000  # events that take well under two seconds
TELL_EVERY = 0.5  # seconds between two notes of progress
SILENT = timedelta(minutes=1)  # without a heartbeat: its worker is gone
GIVEN_UP = timedelta(minutes=15)  # after it was asked for
KEPT, KEPT_FOR = 10, timedelta(days=30)
NOTED = ("events", "released", "held", "statuses", "opened", "closed")  # counts that the history keeps


class StoppedError(Exception):
    """The preview was cancelled, or somebody else computes it now."""


class TooLongError(Exception):
    """More events than this process may try at once."""


def request_preview(
    revision: MappingRevision,
    *,
    effective_from: datetime,
    since: datetime | None,
    actor: User,
    now: datetime,
    request_id: str = "",
) -> MappingPreview:
    """Ask for a dry run of a revision as it stands; the same question that is still being answered is not asked twice.

    ``since`` (source time) narrows it to visits with news since then; None looks at all that publishing would.
    """
    question = {"version": revision.version, "effective_from": effective_from, "since": since or effective_from}
    asked = revision.previews.filter(**question, state__in=UNFINISHED).first()
    if asked is not None:
        return asked
    with transaction.atomic():
        preview = MappingPreview.objects.create(revision=revision, requested_by=actor, requested_at=now, **question)
        record(
            AuditAction.CHANGED, actor=actor, subject_kind=SUBJECT, subjects=[preview.pk],
            detail={"verb": "preview", "revision": revision.pk, "version": revision.version}, now=now,
            request_id=request_id,
        )  # fmt: skip
    return preview


def enqueue_preview(preview_id: int) -> None:
    """Let a worker compute it. Without Redis the tick finds it."""
    try:
        get_queue(QUEUE).enqueue(JOB, preview_id, result_ttl=0, failure_ttl=3600)
    except RedisError:
        log.warning("redis is out of reach; the tick will find the preview", preview_id=preview_id)


def compute_preview(preview_id: int, *, now: datetime, at_most: int | None = None) -> bool:
    """Compute a waiting preview and store its result; returns False where it waits for a worker.

    One that somebody else computes or that ended is left alone, so running this twice changes nothing. Of more than
    ``at_most`` events nothing is computed.
    """
    mine = MappingPreview.objects.filter(pk=preview_id, state=PreviewState.RUNNING, started_at=now)
    waiting = MappingPreview.objects.filter(pk=preview_id, state=PreviewState.WAITING)
    if not waiting.update(state=PreviewState.RUNNING, started_at=now, heartbeat_at=now, done=0):
        return True
    preview = MappingPreview.objects.select_related("revision").get(pk=preview_id)
    teller = _Teller(preview, now, at_most)
    try:
        run = dry_run(question_of(preview), now=now, progress=teller.tell)
    except StoppedError:
        return True
    except TooLongError:
        mine.update(state=PreviewState.WAITING, started_at=None, heartbeat_at=None)
        return False
    except Exception as error:  # noqa: BLE001 - whatever it raises, the person must be told that it ended
        mine.update(state=PreviewState.FAILED, finished_at=teller.clock(), result={"sentence": _sentence(error)})
        return True
    at = teller.clock()
    with transaction.atomic():
        if mine.update(state=PreviewState.DONE, finished_at=at, done=run.events, result=_result(run, teller)):
            _note(preview, run, at=at)
    return True


def question_of(preview: MappingPreview) -> Question:
    """What a stored preview asks."""
    since = preview.since if preview.since > preview.effective_from else None
    revision = preview.revision
    return Question(revision.source_id, revision.pk, preview.version, preview.effective_from, since)


def _result(run: DryRun, teller: "_Teller") -> dict[str, object]:
    return {**run.stored(), "seconds": round(teller.elapsed(), 2)}


def _note(preview: MappingPreview, run: DryRun, *, at: datetime) -> None:
    """Tell the revision's history that it was looked at, from when on it would hold, and what came of it."""
    counts = {name: run.total(name) for name in NOTED}
    MappingHistory.objects.create(
        revision=preview.revision, verb=MappingVerb.PREVIEW, actor_id=preview.requested_by_id, at=at,
        details={"version": preview.version, "effective_from": preview.effective_from.isoformat(), **counts},
    )  # fmt: skip


def _sentence(error: Exception) -> str:
    if isinstance(error, MappingError):
        return str(error)
    traceback_id = str(uuid4())
    log.error("preview failed", traceback_id=traceback_id, exc_info=error)
    return f"The dry run raised {type(error).__name__}; the log has the traceback {traceback_id}."


class _Teller:
    """Writes progress and a heartbeat now and then, and notices that the preview was stopped."""

    def __init__(self, preview: MappingPreview, began: datetime, at_most: int | None) -> None:
        self._mine = MappingPreview.objects.filter(pk=preview.pk, state=PreviewState.RUNNING, started_at=began)
        self._began, self._at_most = began, at_most
        self._started = self._told = monotonic()

    def elapsed(self) -> float:
        """Seconds since it began."""
        return monotonic() - self._started

    def clock(self) -> datetime:
        """The moment it is now."""
        return self._began + timedelta(seconds=self.elapsed())

    def tell(self, done: int, total: int) -> None:
        """Take note of events done; raises StoppedError or TooLongError."""
        if self._at_most is not None and total > self._at_most:
            raise TooLongError
        if done and monotonic() - self._told < TELL_EVERY:
            return
        self._told = monotonic()
        if not self._mine.update(done=done, total=total, heartbeat_at=self.clock()):
            raise StoppedError


def cancel_preview(preview: MappingPreview, *, actor: User, now: datetime, request_id: str = "") -> None:
    """Stop a preview that is not finished; whoever computes it notices with its next chunk.

    Raises StalePreviewError where it ended before.
    """
    with transaction.atomic():
        moved = MappingPreview.objects.filter(pk=preview.pk, state__in=UNFINISHED).update(
            state=PreviewState.CANCELLED, finished_at=now
        )
        if not moved:
            raise StalePreviewError("This preview is not running any more. Reload to see how it ended.")
        record(
            AuditAction.CHANGED, actor=actor, subject_kind=SUBJECT, subjects=[preview.pk],
            detail={"verb": "cancel"}, now=now, request_id=request_id,
        )  # fmt: skip
    preview.refresh_from_db()


def forget_previews(now: datetime) -> int:
    """Delete finished previews that nobody needs any more; returns how many.

    Of each revision the newest result stays for good, since publishing proposes its moment; ``KEPT`` more stay for
    ``KEPT_FOR``. What each came to stays in the revision's history.
    """
    is_done = ExpressionWrapper(Q(state=PreviewState.DONE), BooleanField())
    newest = Window(RowNumber(), partition_by="revision", order_by=[is_done.desc(), "-requested_at", "-pk"])
    finished = MappingPreview.objects.exclude(state__in=UNFINISHED).annotate(place=newest)
    old = Q(place__gt=1, requested_at__lt=now - KEPT_FOR)
    gone = list(finished.filter(Q(place__gt=1 + KEPT) | old).values_list("pk", flat=True))
    return MappingPreview.objects.filter(pk__in=gone).delete()[0]


def take_up_previews(now: datetime) -> int:
    """Take up previews whose worker died or whose job was lost; those asked for long ago end with a sentence.

    Returns how many wait for a worker now. Safe to call at any time by anybody.
    """
    silent = MappingPreview.objects.filter(state=PreviewState.RUNNING, heartbeat_at__lt=now - SILENT)
    waiting = MappingPreview.objects.filter(state=PreviewState.WAITING, requested_at__lt=now - SILENT)
    for lost, sentence in (
        (silent, "The worker that computed it was stopped again and again. Ask an administrator."),
        (waiting, "No worker took it up in time. Ask an administrator whether workers run."),
    ):
        lost.filter(requested_at__lt=now - GIVEN_UP).update(
            state=PreviewState.FAILED, finished_at=now, result={"sentence": sentence}
        )
    silent.update(state=PreviewState.WAITING, started_at=None, heartbeat_at=None)
    again = list(waiting.values_list("pk", flat=True))
    for preview_id in again:
        enqueue_preview(preview_id)
    return len(again)
