"""One revision, tried on stored messages: the stages of config/pipeline.py, reading a snapshot and writing nowhere.

    stored events -> map -> fold -> plan -> judge -> what would change
                     `scheduling -'  recovery exceptions

It equals what publishing and replaying then do as long as nothing arrives in between, because every decision is taken
by the pipeline's own functions (docs/decisions/0008-previews.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from exceptions.services.preview_exceptions import PreviewedException, preview_exceptions
from exceptions.vocabulary import Verb
from launch.errors import PreviewTooWideError, StalePreviewError
from launch.previewing.outcome import DryRun, ExceptionChange, ItemChange, StatusChange
from recovery.services.differences import Difference
from recovery.services.preview_queue import preview_queue
from scheduling.digestion.context import FeedContext
from scheduling.digestion.places import horizon, touched_days
from scheduling.folding.change import AppointmentChange, BatchChanges, Evidence
from scheduling.mapping.loading import compile_revisions
from scheduling.models import MappingPublication, MappingRevision
from scheduling.previewing.folding import Folded, Trial, concerned, contexts, days_of, fold_anew
from scheduling.previewing.overlay import Overlay
from scheduling.previewing.snapshot import snapshot
from scheduling.sql.cursors import Cursor, look_up_by_key

CLEARED = frozenset({Verb.CURED, Verb.CLEARED})
Progress = Callable[[int, int], None]
# Every visit that changes is kept until the queue is planned: some 2 kB each, so a quarter of a gigabyte at most.
MOST_CHANGED = 100_000

_STANDING = """
SELECT r.version, s.name, r.number,
    coalesce((SELECT max(number) FROM scheduling_mappingpublication WHERE source_id = r.source_id), 0),
    (SELECT count(*) FROM scheduling_waiting w JOIN scheduling_message m ON m.id = w.message_id
        JOIN scheduling_feed f ON f.id = m.feed_id WHERE f.source_id = r.source_id),
    (SELECT count(*) FROM scheduling_refoldrequest q JOIN scheduling_appointment a ON a.id = q.appointment_id
        WHERE a.source_id = r.source_id)
FROM scheduling_mappingrevision r JOIN accounts_source s ON s.id = r.source_id WHERE r.id = %b
"""


@dataclass(slots=True, frozen=True)
class Question:
    """Which revision at which edit, from when on (source time), and whether only visits with news since are tried."""

    source_id: int
    revision_id: int
    version: int
    effective_from: datetime
    since: datetime | None = None


def tell_nobody(done: int, total: int) -> None:
    """Take no notice of progress."""


def dry_run(
    question: Question, *, now: datetime, progress: Progress = tell_nobody, most_changed: int = MOST_CHANGED
) -> DryRun:
    """Say what publishing the revision at ``now`` would change; ``progress`` is told events done and events in all.

    Whatever ``progress`` raises ends the run and passes. Raises StalePreviewError where the revision is not at the
    version asked for, or was edited or published while its rules were read, and PreviewTooWideError where more than
    ``most_changed`` visits would change.
    """
    overlay = Overlay()
    with snapshot(overlay.create) as cursor:
        feeds, trial, run, evidence = _prepare(cursor, question, now)
        tried = concerned(cursor, trial)
        progress(0, tried.events)
        look_up_by_key(cursor)
        changes = BatchChanges(now)
        if feeds:
            for folded in fold_anew(cursor, tried.ids, feeds, trial):
                _take(run, changes, folded, evidence)
                _refuse_too_many(changes, most_changed)
                progress(run.events, tried.events)
        days = days_of(feeds)
        changes.resource_days = touched_days(changes.appointments, days, horizon(now))
        queue = preview_queue(cursor, changes, overlay, days)
        progress(run.events, tried.events)
        for difference in (queue.refills, queue.rebooks, queue.confirms):
            _add_items(run, difference)
        for previewed in preview_exceptions(cursor, changes):
            _add_exception(run, previewed)
    return run


def _prepare(
    cursor: Cursor, question: Question, now: datetime
) -> tuple[dict[int, FeedContext], Trial, DryRun, Evidence]:
    """Read the rules, which come by another connection, and make sure that they are those of the snapshot."""
    cursor.execute(_STANDING, (question.revision_id,))
    version, source, number, published, waiting, refolds = cursor.fetchone() or (0, "", 0, 0, 0, 0)
    feeds = contexts(cursor, question.source_id)
    rules = compile_revisions([question.revision_id])
    read = (
        MappingRevision.objects.values_list("version", flat=True).get(pk=question.revision_id),
        MappingPublication.objects.filter(source=question.source_id).count(),
    )
    if read != (version, published) or version != question.version:
        raise StalePreviewError("The mapping was edited or published meanwhile. Start the preview again.")
    trial = Trial(
        question.source_id, question.revision_id, rules[question.revision_id], question.effective_from, question.since
    )
    return feeds, trial, DryRun(now, waiting=waiting, refolds=refolds), Evidence(0, source, number, published + 1)


def _take(run: DryRun, changes: BatchChanges, folded: Folded, evidence: Evidence) -> None:
    """Add one chunk."""
    run.events += folded.events
    run.counts += folded.counts
    changes.appointments += folded.changes
    changes.replayed |= dict.fromkeys(folded.remeant, evidence)
    for change in folded.changes:
        _add_visit(run, change)


def _refuse_too_many(changes: BatchChanges, most: int) -> None:
    if len(changes.appointments) > most:
        raise PreviewTooWideError(f"More than {most:,} visits would change. Look at fewer days at once.")


def _add_visit(run: DryRun, change: AppointmentChange) -> None:
    before, after = change.before, change.after
    if before is None:
        raise AssertionError("unreachable: every appointment tried was stored")
    clinic_id = after.clinic_id
    run.counts[clinic_id, "visits"] += 1
    if bool(before.troubles) != bool(after.troubles):
        run.counts[clinic_id, "doubted" if after.troubles else "trusted"] += 1
    if before.status != after.status:
        run.counts[clinic_id, "statuses"] += 1
        run.counts[clinic_id, "past"] += before.starts_at is not None and before.starts_at < run.now
        run.statuses.append(StatusChange(clinic_id, change.appointment_id, before.status, after.status))


def _add_items(run: DryRun, difference: Difference) -> None:
    found = [
        *(
            ItemChange(item.clinic_id, "opened", item.family, item.subject, item.appointment_id, 0)
            for item in difference.opening
        ),
        *(
            ItemChange(item.clinic_id, "closed", item.family, item.subject, item.appointment_id, item.id, str(reason))
            for item, reason in difference.closing
        ),
        *(
            ItemChange(item.clinic_id, "changed", old.family, old.subject, item.appointment_id, old.id)
            for old, item in difference.changing
        ),
    ]
    run.items += found
    run.counts.update((item.clinic_id, item.what) for item in found)


def _add_exception(run: DryRun, previewed: PreviewedException) -> None:
    group, outcome = previewed.group, previewed.outcome
    if outcome.verb is None:
        return
    run.counts[group.clinic_id, "cleared" if outcome.verb in CLEARED else "raised"] += 1
    live = outcome.kept.live_count + outcome.live_delta
    run.exceptions.append(
        ExceptionChange(group.clinic_id, outcome.verb.value, group.check.id, group.raw, outcome.kept.id, live)
    )
