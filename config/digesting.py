"""Work the inbox off: batches of the right size, retries of what may be retried, and the one message that cannot be.

A batch that raises is cut in half until the culprit stands alone; that message is marked failed with the id of its
traceback in the log, and nothing else waits for it.
"""

import gc
import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from config.pipeline import BATCH, BatchFailedError, Digested, digest_batch, digest_these, refold_these
from exceptions.services.judge_batch import judge_batch
from scheduling.digestion.claim import LANES, claim_these, claim_these_refolds
from scheduling.digestion.context import FeedContext, load_feeds
from scheduling.digestion.envelopes import envelope_facts
from scheduling.digestion.outcomes import write_failure
from scheduling.folding.change import ArrivalFact, BatchChanges
from scheduling.models import MappedEvent, RefoldRequest, Waiting
from scheduling.services.extracts import finish_extracts
from scheduling.services.replays import finish_replays
from scheduling.services.waking import forget_wake, wake_workers
from scheduling.sql.cursors import server_cursor

log = structlog.get_logger(__name__)

AIM_SECONDS = 0.2  # of held locks a batch (DESIGN section 3)
SMALLEST = 500
TRIES = 8
JOB_SECONDS = 20.0
_RETRYABLE = (DeadlockDetected, SerializationFailure, LockNotAvailable)


class Digester:
    """Digests batch after batch; its batch size follows how long batches take.

    ``workers`` is how many share the 64 lanes, ``number`` which of them this is: each begins at lanes of its own and
    takes its share of those that are free, so that two rarely wait for each other's commit.
    """

    def __init__(self, *, number: int = 0, workers: int = 1) -> None:
        self._share = -(-LANES // workers)
        self._lane = number % workers * self._share
        # A batch that took nothing may have moved messages to lanes that were looked into before: go round twice.
        self._idle_rounds = 1 if workers == 1 else 2 * -(-LANES // self._share)
        self._limit = 1000

    def step(self) -> Digested:
        """Digest one batch; whatever goes wrong with a message is settled before this returns."""
        try:
            digested = self._with_retries()
        except BatchFailedError as error:
            log.warning(
                "batch failed, looking for the culprit",
                messages=len(error.message_ids),
                refolds=len(error.refolds),
                exc_info=error,
            )
            isolate(error.message_ids)
            isolate_refolds(error.refolds)
            finish_replays(now=timezone.now())
            return Digested(error.message_ids, len(error.refolds))
        self._lane = (self._lane + self._share) % LANES
        if digested.locked_at is not None:
            self._adapt(len(digested.message_ids) + digested.refolds, time.perf_counter() - digested.locked_at)
        if digested.refolds:
            finish_replays(now=timezone.now())
        return digested

    def drain(self, *, seconds: float | None = None) -> int:
        """Work the inbox off; returns how many messages were taken. Stops after ``seconds``, if given."""
        total, idle_rounds, ends = 0, 0, time.monotonic() + seconds if seconds is not None else None
        while idle_rounds < self._idle_rounds and (ends is None or time.monotonic() < ends):
            digested = self.step()
            total += len(digested.message_ids)
            idle_rounds = idle_rounds + 1 if digested.is_idle else 0
        return total

    def _with_retries(self) -> Digested:
        for attempt in range(TRIES):
            try:
                return digest_batch(now=timezone.now(), lane=self._lane, share=self._share, limit=self._limit)
            except OperationalError as error:
                if attempt == TRIES - 1 or not isinstance(error.__cause__, _RETRYABLE):
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable: the last try raises")

    def _adapt(self, taken: int, seconds: float) -> None:
        """``taken`` counts messages and refolds, ``seconds`` is how long the batch held its locks."""
        if taken >= self._limit or seconds > AIM_SECONDS * 2:
            fitting = int(self._limit * AIM_SECONDS / max(seconds, 0.001))
            self._limit = min(BATCH, max(SMALLEST, fitting, self._limit // 2))


def isolate(message_ids: Sequence[int]) -> None:
    """Digest these messages, halving until those that cannot be digested stand alone and are marked failed."""
    _halve(message_ids, digest_these, mark_failed)


def isolate_refolds(appointment_ids: Sequence[int]) -> None:
    """Fold these appointments anew, halving until those that cannot be stand alone and are let go, with a finding."""
    _halve(appointment_ids, refold_these, let_refold_go)


def _halve(ids: Sequence[int], digest: Callable[..., Digested], give_up: Callable[[int, Exception], None]) -> None:
    if not ids:
        return
    try:
        digest(ids, now=timezone.now())
    except (InterfaceError, OperationalError):
        raise  # the database is away: everything still waits
    except Exception as error:  # noqa: BLE001 - whatever one of them can raise, only that one may fail
        if len(ids) == 1:
            give_up(ids[0], error)
            return
        middle = len(ids) // 2
        _halve(ids[:middle], digest, give_up)
        _halve(ids[middle:], digest, give_up)


def mark_failed(message_id: int, error: Exception) -> None:
    """Settle a message that cannot be digested: out of the inbox, a receipt, an exception, a traceback in the log."""
    traceback_id, now = str(uuid4()), timezone.now()
    log.error("message cannot be digested", message_id=message_id, traceback_id=traceback_id, exc_info=error)
    with transaction.atomic(), server_cursor() as cursor:
        for item in claim_these(cursor, [message_id]):
            feed = load_feeds(cursor, [item.feed_id])[item.feed_id]
            write_failure(
                cursor,
                (item.message_id, item.feed_id, item.received_at),
                sentence=f"Digesting it raised {type(error).__name__}; the log has the traceback.",
                traceback_id=traceback_id,
            )
            judge_batch(cursor, _failure(feed, item.message_id, item.received_at, error, now))


def let_refold_go(appointment_id: int, error: Exception) -> None:
    """Take back the request to fold an appointment anew: it stays as it was, with an exception and a traceback."""
    now = timezone.now()
    log.error("appointment cannot be folded anew", appointment_id=appointment_id, exc_info=error)
    with transaction.atomic(), server_cursor() as cursor:
        for refold in claim_these_refolds(cursor, [appointment_id]):
            newest = MappedEvent.objects.filter(appointment=refold.appointment_id).order_by("-order_key")
            event = newest.only("feed_id", "message_id", "source_at").first()
            if event is not None:
                feed = load_feeds(cursor, [event.feed_id])[event.feed_id]
                judge_batch(cursor, _failure(feed, event.message_id, event.source_at, error, now))


def _failure(feed: FeedContext, message_id: int, at: datetime, error: Exception, now: datetime) -> BatchChanges:
    fact = ArrivalFact("processing_failed", feed.source_id, feed.feed_id, None, type(error).__name__, message_id, at)
    return BatchChanges(now, arrivals=[fact])


def conclude_extracts(now: datetime) -> int:
    """Conclude what vanished from full extracts that are digested, and judge what was refused; returns how many.

    The refusal of a nightly extract is not left to the feed's next message, which comes a night later.
    """
    finished = finish_extracts(now=now)
    if finished:
        with transaction.atomic(), server_cursor() as cursor:
            judge_batch(cursor, BatchChanges(now, arrivals=envelope_facts(cursor)))
    return finished


def freeze_imports() -> None:
    """Take what start-up made out of the collector's sight and stop cyclic collection.

    A batch makes no cycles; collecting cost 15 % of its Python time (docs/decisions/0002-hot-tables.md).
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def digest_waiting() -> None:
    """RQ's job: work off what waits, at most twenty seconds, and ask for another job if more is left."""
    forget_wake()
    freeze_imports()
    Digester(number=os.getpid(), workers=settings.DIGEST_WORKERS).drain(seconds=JOB_SECONDS)
    conclude_extracts(timezone.now())
    if something_waits():
        wake_workers()


def something_waits() -> bool:
    """Whether a message or an appointment to fold anew waits."""
    return Waiting.objects.exists() or RefoldRequest.objects.filter(is_parked=False).exists()


def sweep_waiting(now: datetime) -> None:
    """Wake the workers if anything waits, whatever Redis forgot."""
    if something_waits():
        wake_workers()
