"""One batch, one page, one transaction: from the inbox to the queue.

    inbox (durable, ACKed) -> claim -> read -> map -> fold -> plan -> judge -> commit
                                       `---- scheduling ----'  recovery exceptions

Facts, exceptions and queue items of a batch commit together or not at all, so the queue can never offer an action on
an appointment whose cancellation is already in the database. A batch takes a fixed number of SQL statements, whatever
it holds. Rows are locked in one order everywhere: patient, appointment, owner row, item, exception.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction

from exceptions.services.judge_batch import judge_batch
from recovery.services.plan_batch import plan_batch
from scheduling.digestion.batch import map_and_fold, merge_patients, read, settle
from scheduling.digestion.claim import (
    Claimed,
    Refold,
    claim,
    claim_refolds,
    claim_these,
    claim_these_refolds,
    lock_lanes,
)
from scheduling.digestion.outcomes import note_proof
from scheduling.digestion.replaying import ask_again, name_evidence, note_steps, watch_publications
from scheduling.digestion.tallies import count_signals
from scheduling.sql.cursors import Cursor, look_up_by_key, server_cursor

BATCH = 5000


@dataclass(slots=True, frozen=True)
class Digested:
    """What one batch took: message ids (they are in the inbox again if it failed) and appointments folded anew.

    ``locked_at`` is when it began to lock what people may want too, by ``time.perf_counter``; reading comes before.
    """

    message_ids: tuple[int, ...] = ()
    refolds: int = 0
    locked_at: float | None = None

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do."""
        return not self.message_ids and not self.refolds


class BatchFailedError(Exception):
    """A batch raised and was rolled back; ``message_ids`` and ``refolds`` wait again, the culprit among them."""

    def __init__(self, message_ids: tuple[int, ...], refolds: tuple[int, ...]) -> None:
        super().__init__(f"A batch of {len(message_ids)} messages and {len(refolds)} refolds failed.")
        self.message_ids = message_ids
        self.refolds = refolds


@contextmanager
def _batch() -> Iterator[Cursor]:
    """A batch's transaction, and the cursor for all that it does."""
    with transaction.atomic(), server_cursor() as cursor:
        look_up_by_key(cursor)
        yield cursor


def digest_batch(*, now: datetime, lane: int = 0, share: int = 64, limit: int = BATCH) -> Digested:
    """Digest what waits in up to ``share`` free lanes, beginning at ``lane``; at most ``limit`` messages.

    Raises BatchFailedError when a stage raises, with everything rolled back; database errors pass as they are, since
    the batch may simply be tried again.
    """
    claimed: list[Claimed] = []
    refolds: list[Refold] = []
    try:
        with _batch() as cursor:
            published = watch_publications(cursor)
            lanes = lock_lanes(cursor, start=lane, share=share)
            claimed = claim(cursor, lanes, limit=limit) if lanes else []
            # The publication asks for some of these itself; whoever holds them must not wait for it.
            refolds = [] if published else claim_refolds(cursor, limit=max(limit - len(claimed), 50))
            locked_at = _digest(cursor, claimed, refolds, published, now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        ids = tuple(refold.appointment_id for refold in refolds)
        raise BatchFailedError(tuple(item.message_id for item in claimed), ids) from error
    return Digested(tuple(item.message_id for item in claimed), len(refolds), locked_at)


def digest_these(message_ids: Sequence[int], *, now: datetime) -> Digested:
    """Digest exactly these messages, as far as they still wait."""
    with _batch() as cursor:
        published = watch_publications(cursor)
        claimed = claim_these(cursor, message_ids)
        _digest(cursor, claimed, [], published, now=now)
    return Digested(tuple(item.message_id for item in claimed))


def refold_these(appointment_ids: Sequence[int], *, now: datetime) -> Digested:
    """Map and fold exactly these appointments anew, as far as that is still asked for."""
    with _batch() as cursor:
        published = watch_publications(cursor)
        refolds = claim_these_refolds(cursor, appointment_ids)
        _digest(cursor, [], refolds, published, now=now)
    return Digested(refolds=len(refolds))


def _digest(
    cursor: Cursor, claimed: Sequence[Claimed], asked: Sequence[Refold], published: set[int], *, now: datetime
) -> float | None:
    """Run the stages; when the first row was locked, None where there was nothing to do.

    ``published`` are sources whose mapping is being published meanwhile: what is mapped here may be mapped by the old.
    """
    if not claimed and not asked:
        return None
    refolds = [refold.appointment_id for refold in asked]
    facts = read(cursor, claimed, refolds, now=now)
    locked_at = time.perf_counter()
    merge_patients(cursor, facts, refolds)
    days = map_and_fold(cursor, facts, refolds)
    changes = settle(cursor, facts, days)
    name_evidence(cursor, changes, asked, facts.works.values())
    plan_batch(cursor, changes, days)
    judge_batch(cursor, changes)
    note_steps(cursor, changes, asked)
    ask_again(cursor, changes, facts.works.values(), published)
    count_signals(cursor, facts.works.values())
    note_proof(cursor, facts.messages)  # last: every batch of a feed writes this one row and waits for whoever holds it
    return locked_at
