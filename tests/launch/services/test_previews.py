"""The life of a preview: computed once, cancelled, stale after an edit, taken up again after a kill."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from launch.errors import StalePreviewError
from launch.jobs import preview_revision
from launch.previewing.dry_run import dry_run
from launch.services.previews import (
    GIVEN_UP,
    KEPT,
    KEPT_FOR,
    SILENT,
    cancel_preview,
    compute_preview,
    forget_previews,
    question_of,
    request_preview,
    take_up_previews,
)
from scheduling.mapping.rules import Rule
from scheduling.mapping.vocabulary import MappingVerb, PreviewState
from scheduling.models import MappingPreview
from scheduling.selectors.drafts import current_draft, edits_since, last_seen
from scheduling.services.mapping import add_rule, approve, submit
from scheduling.vocabulary import Status
from tests.launch.conftest import BACK
from tests.support.desk import HOUR, NOW

LATER = NOW + SILENT + timedelta(seconds=1)
WORKER = """
import sys, django
django.setup()
from django.utils import timezone
from launch.services.previews import compute_preview
print("ready", flush=True)
compute_preview(int(sys.argv[1]), now=timezone.now())
"""


@pytest.fixture
def asked(draft):
    return request_preview(draft, effective_from=BACK, since=None, actor=draft.author, now=NOW)


def result_of(preview: MappingPreview) -> dict[str, Any]:
    preview.refresh_from_db()
    assert isinstance(preview.result, dict)
    return preview.result


def state(preview):
    preview.refresh_from_db()
    return preview.state


def test_computing_stores_counts_by_clinic_and_codes_alone(asked, held):
    assert compute_preview(asked.pk, now=NOW)

    assert (state(asked), asked.done, asked.total) == (PreviewState.DONE, 4, 4)
    card, derm = (held.clinics[code].pk for code in ("CARD", "DERM"))
    told = [(line["clinic"], line["released"], line["statuses"], line["opened"], line["cleared"])
            for line in asked.result["clinics"]]  # fmt: skip
    assert told == [(card, 1, 1, 1, 1), (derm, 1, 1, 1, 1)]
    assert asked.result["statuses"] == [
        [card, held.visit("V1").pk, "booked", "cancelled"],
        [derm, held.visit("V2").pk, "booked", "cancelled"],
    ]
    assert "Quill" not in str(asked.result)


def test_computing_twice_changes_nothing(asked):
    compute_preview(asked.pk, now=NOW)
    asked.refresh_from_db()
    result = asked.result

    preview_revision(asked.pk)

    asked.refresh_from_db()
    assert (asked.result, asked.started_at) == (result, NOW)


def test_same_question_is_not_asked_twice_while_it_is_open(asked, draft):
    again = request_preview(draft, effective_from=BACK, since=None, actor=draft.author, now=NOW)
    other = request_preview(draft, effective_from=BACK + HOUR, since=None, actor=draft.author, now=NOW)

    assert (again == asked, other == asked) == (True, False)


def test_too_many_events_for_now_wait_for_a_worker(asked):
    assert not compute_preview(asked.pk, now=NOW, at_most=3)
    assert state(asked) == PreviewState.WAITING

    assert compute_preview(asked.pk, now=NOW, at_most=4)
    assert state(asked) == PreviewState.DONE


def test_narrowed_preview_tries_only_visits_with_news_since(asked, draft, held):
    since = NOW - 2 * HOUR
    compute_preview(request_preview(draft, effective_from=BACK, since=since, actor=draft.author, now=NOW).pk, now=NOW)
    none = request_preview(draft, effective_from=BACK, since=NOW, actor=draft.author, now=NOW)
    compute_preview(none.pk, now=NOW)

    nothing = result_of(none)
    assert (none.done, nothing["clinics"]) == (0, [])
    assert MappingPreview.objects.get(since=since).done == 4


def test_preview_from_now_on_changes_nothing_stored(draft):
    preview = request_preview(draft, effective_from=NOW, since=None, actor=draft.author, now=NOW)
    compute_preview(preview.pk, now=NOW)

    result = result_of(preview)
    assert (preview.done, result["statuses"], result["items"]) == (4, [], [])


def test_edit_before_it_began_fails_with_a_sentence(asked, draft):
    add_rule(draft, Rule(0, filler_status="YY1", status=Status.BOOKED), actor=draft.author, now=NOW)

    compute_preview(asked.pk, now=NOW)

    assert (state(asked), asked.result) == (
        PreviewState.FAILED,
        {"sentence": "The mapping was edited or published meanwhile. Start the preview again."},
    )


def test_preview_cancelled_while_it_runs_ends_without_a_result(asked, draft):
    """It hangs on a table that is locked whole, so that the cancel comes in the middle."""

    def compute():
        compute_preview(asked.pk, now=NOW)
        connections.close_all()

    worker = Thread(target=compute)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE scheduling_mappedevent IN ACCESS EXCLUSIVE MODE")
        worker.start()
        ends = time.monotonic() + 20
        while state(asked) != PreviewState.RUNNING and time.monotonic() < ends:
            time.sleep(0.02)
        cancel_preview(asked, actor=draft.author, now=NOW)  # committed as the table is let go
    worker.join(timeout=20)

    assert (state(asked), asked.result, asked.finished_at) == (PreviewState.CANCELLED, None, NOW)
    compute_preview(asked.pk, now=NOW)
    assert state(asked) == PreviewState.CANCELLED


def test_progress_tells_events_and_what_it_raises_ends_the_run(asked):
    seen = []

    def told(done, total):
        seen.append((done, total))
        if done:
            raise StalePreviewError

    with pytest.raises(StalePreviewError):
        dry_run(question_of(asked), now=NOW, progress=told)

    assert seen == [(0, 4), (4, 4)]


def test_history_of_the_revision_tells_what_a_finished_preview_came_to(asked, draft):
    compute_preview(asked.pk, now=NOW)
    compute_preview(asked.pk, now=NOW)

    (told,) = draft.history.filter(verb=MappingVerb.PREVIEW)
    assert (told.actor, told.details) == (
        draft.author,
        {
            "version": draft.version, "effective_from": BACK.isoformat(), "events": 4, "released": 2, "held": 0,
            "statuses": 2, "opened": 2, "closed": 0,
        },
    )  # fmt: skip


def test_preview_that_did_not_finish_is_not_told(asked, draft):
    cancel_preview(asked, actor=draft.author, now=NOW)
    compute_preview(asked.pk, now=NOW)

    assert not draft.history.filter(verb=MappingVerb.PREVIEW).exists()


def test_previewing_makes_nobody_a_maker_and_is_no_edit(asked, draft, held):
    _, ben = held.people
    seen = last_seen(draft)
    MappingPreview.objects.update(requested_by=ben)
    compute_preview(asked.pk, now=NOW)

    assert (current_draft(draft.source, ben), edits_since(draft, seen)) == (None, [])
    submit(draft, actor=draft.author, now=NOW)
    approve(draft, actor=ben, now=NOW)


def previewed(draft, ago, was=PreviewState.DONE):
    """A preview that ended so long ago."""
    done: dict[str, Any] = {"result": {}} if was == PreviewState.DONE else {}
    return MappingPreview.objects.create(
        revision=draft, version=1, effective_from=BACK, since=BACK, requested_by=draft.author,
        requested_at=NOW - ago, state=was, finished_at=NOW - ago, **done,
    )  # fmt: skip


def test_newest_result_of_a_revision_stays_and_others_go_after_their_time(draft):
    newest, second = previewed(draft, 2 * KEPT_FOR), previewed(draft, 3 * KEPT_FOR)
    failed = previewed(draft, HOUR, PreviewState.FAILED)

    assert forget_previews(NOW) == 1
    assert set(MappingPreview.objects.all()) == {newest, failed}
    assert forget_previews(NOW + KEPT_FOR) == 1
    assert set(MappingPreview.objects.all()) == {newest}
    assert second.pk not in MappingPreview.objects.values_list("pk", flat=True)


@pytest.mark.parametrize(("more", "gone"), [(0, 0), (1, 1)], ids=["as many as are kept", "one more"])
def test_a_revision_keeps_so_many_previews_at_most(draft, asked, more, gone):
    made = [previewed(draft, number * HOUR) for number in range(1 + KEPT + more)]

    assert forget_previews(NOW) == gone
    assert set(MappingPreview.objects.all()) == {asked, *made[: 1 + KEPT]}


@pytest.mark.parametrize(
    ("past", "gone"), [(timedelta(0), 0), (timedelta(seconds=1), 1)], ids=["at its end", "past it"]
)
def test_a_preview_stays_until_its_time_is_over(draft, past, gone):
    previewed(draft, HOUR)
    previewed(draft, KEPT_FOR)

    assert forget_previews(NOW + past) == gone


def test_finished_preview_cannot_be_cancelled(asked, draft):
    compute_preview(asked.pk, now=NOW)

    with pytest.raises(StalePreviewError, match="not running any more"):
        cancel_preview(asked, actor=draft.author, now=NOW)


def test_preview_of_a_dead_worker_is_taken_up_again(asked, redis):
    MappingPreview.objects.update(state=PreviewState.RUNNING, started_at=NOW, heartbeat_at=NOW)

    assert take_up_previews(NOW + SILENT) == 0
    assert take_up_previews(LATER) == 1
    assert state(asked) == PreviewState.WAITING

    preview_revision(asked.pk)
    assert state(asked) == PreviewState.DONE


@pytest.mark.parametrize("was", [PreviewState.RUNNING, PreviewState.WAITING])
def test_preview_that_nobody_finishes_fails_with_a_sentence(asked, was, redis):
    MappingPreview.objects.update(state=was, started_at=NOW, heartbeat_at=NOW)

    assert take_up_previews(NOW + GIVEN_UP + HOUR) == 0

    assert state(asked) == PreviewState.FAILED
    assert asked.result["sentence"].endswith(
        "Ask an administrator." if was == PreviewState.RUNNING else "Ask an administrator whether workers run."
    )


def test_killed_worker_leaves_nothing_but_a_silent_preview(asked, redis):
    """Its snapshot hangs on a table that is locked whole, so that the kill comes in the middle."""
    database = settings.DATABASES["default"]["NAME"]
    environment = dict(os.environ) | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE scheduling_mappedevent IN ACCESS EXCLUSIVE MODE")
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(asked.pk)], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        ends = time.monotonic() + 20
        while state(asked) != PreviewState.RUNNING and time.monotonic() < ends:
            time.sleep(0.02)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        cursor.execute("ROLLBACK")
    assert state(asked) == PreviewState.RUNNING
    MappingPreview.objects.update(requested_at=asked.heartbeat_at)  # the worker had the real clock

    assert take_up_previews(asked.heartbeat_at + 2 * SILENT) == 1
    preview_revision(asked.pk)

    assert state(asked) == PreviewState.DONE
