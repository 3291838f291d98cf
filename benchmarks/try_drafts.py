"""Try a changed draft of every source's mapping (child process): ``benchmarks.try_drafts ROUNDS``.

The drafts are copies of what is in force in which confirmed visits are pending, as ``benchmarks.republish`` publishes
them. The floor reads the events and appointments that were tried, in the same chunks, and does nothing with them.
Prints one JSON object.
"""

import gc
import json
import resource
import sys
import time
from datetime import timedelta

from django.utils import timezone

from launch.previewing.dry_run import Question, dry_run
from scheduling.mapping.loading import compile_revisions
from scheduling.models import MappingPublication, MappingRule
from scheduling.previewing.folding import CHUNK, Trial, concerned
from scheduling.previewing.snapshot import snapshot
from scheduling.services.mapping import start_draft
from scheduling.sql.cursors import look_up_by_key
from scheduling.vocabulary import Status

EVENTS = "SELECT * FROM scheduling_mappedevent WHERE appointment_id = ANY(%b)"
APPOINTMENTS = "SELECT * FROM scheduling_appointment WHERE id = ANY(%b)"


def drafts() -> list[Question]:
    """A changed draft for every source, to hold from when its mapping in force does."""
    asked = []
    for publication in MappingPublication.objects.select_related("revision__source", "revision__author"):
        revision = publication.revision
        draft = start_draft(
            revision.source, title="Benchmark", actor=revision.author, now=timezone.now(), based_on=revision
        )
        MappingRule.objects.filter(revision=draft, status=Status.CONFIRMED).update(status=Status.PENDING)
        asked.append(Question(draft.source_id, draft.pk, draft.version, publication.effective_from - timedelta(days=1)))
    return asked


def read(question: Question) -> tuple[int, int]:
    """Read what a preview reads of events and appointments; how many appointments and events there are."""
    rules = compile_revisions([question.revision_id])[question.revision_id]
    trial = Trial(question.source_id, question.revision_id, rules, question.effective_from)
    events = 0
    with snapshot(lambda _cursor: None) as cursor:
        tried = concerned(cursor, trial)
        look_up_by_key(cursor)
        for start in range(0, len(tried.ids), CHUNK):
            ids = tried.ids[start : start + CHUNK]
            cursor.execute(APPOINTMENTS, (ids,), binary=True)
            cursor.fetchall()
            cursor.execute(EVENTS, (ids,), binary=True)
            events += len(cursor.fetchall())
    return len(tried.ids), events


def main(rounds: int) -> None:
    """Make the drafts, wait for a word, try and read by turns, tell."""
    asked, told = drafts(), []
    runs = []
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(rounds):
        started = time.perf_counter()
        runs = [dry_run(question, now=timezone.now()) for question in asked]
        tried = time.perf_counter()
        counts = [read(question) for question in asked]
        told.append(
            {
                "seconds": tried - started,
                "floor": time.perf_counter() - tried,
                "appointments": sum(appointments for appointments, _ in counts),
                "read": sum(events for _, events in counts),
            }
        )
    json.dump(
        {
            "events": sum(run.events for run in runs),
            "appointments": told[0]["appointments"],
            "changed": sum(run.total("visits") for run in runs),
            "rounds": told,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,  # Linux counts in KB
        },
        sys.stdout,
    )
    print(flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
