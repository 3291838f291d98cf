"""What publishing changed, read from the database before and after it, to be held against what a preview said.

before = standing()
... publish and digest ...
assert difference(before, standing()) == told(run)
"""

from collections import Counter
from typing import Any, NamedTuple

from django.db import connection

from exceptions.models import IntegrationException
from exceptions.vocabulary import State
from launch.previewing.dry_run import Question
from launch.previewing.outcome import COUNTS, DryRun, ExceptionChange, ItemChange, StatusChange
from recovery.models import QueueItem
from scheduling.models import Appointment, MappedEvent
from scheduling.vocabulary import MappingOutcome

COUNTED_BY_ROWS = tuple(name for name in COUNTS if name not in ("events", "visits", "meanings"))


class Standing(NamedTuple):
    """Rows as they stand, by id."""

    visits: dict[int, Any]
    events: dict[int, tuple[bool, int]]
    items: dict[int, Any]
    exceptions: dict[int, Any]


def standing() -> Standing:
    """Everything that a preview speaks of."""
    return Standing(
        {row["pk"]: row for row in Appointment.objects.values("pk", "status", "troubles", "clinic_id", "starts_at")},
        {
            pk: (mapping == MappingOutcome.MAPPED, appointment_id)
            for pk, mapping, appointment_id in MappedEvent.objects.values_list("pk", "mapping", "appointment_id")
        },
        {
            row["pk"]: row
            for row in QueueItem.objects.values(
                "pk", "state", "family", "subject", "clinic_id", "appointment_id", "version", "close_reason"
            )
        },
        {
            row["pk"]: row
            for row in IntegrationException.objects.values("pk", "state", "check_id", "clinic_id", "raw", "live_count")
        },
    )


def question(revision: Any, effective_from: Any, since: Any = None) -> Question:
    """A preview of the revision as it is now."""
    revision.refresh_from_db()
    return Question(revision.source_id, revision.pk, revision.version, effective_from, since)


def told(run: DryRun) -> dict[str, Any]:
    """What a dry run says, in the form of ``difference``."""
    counts = Counter({key: count for key, count in run.counts.items() if key[1] in COUNTED_BY_ROWS and count})
    return {
        "statuses": sorted(run.statuses, key=repr),
        "items": sorted(run.items, key=repr),
        "exceptions": sorted(run.exceptions, key=repr),
        "counts": counts,
    }


def difference(before: Standing, after: Standing, *, now: Any) -> dict[str, Any]:
    """What changed between two standings, in the words of a dry run."""
    statuses, counts = _visits(before, after, now)
    items, exceptions = _items(before, after), _exceptions(before, after)
    counts.update((item.clinic_id, item.what) for item in items)
    counts.update((one.clinic_id, "cleared" if one.what in ("cured", "cleared") else "raised") for one in exceptions)
    return {
        "statuses": sorted(statuses, key=repr),
        "items": sorted(items, key=repr),
        "exceptions": sorted(exceptions, key=repr),
        "counts": +counts,
    }


def _visits(before: Standing, after: Standing, now: Any) -> tuple[list[StatusChange], Counter[tuple[int | None, str]]]:
    counts: Counter[tuple[int | None, str]] = Counter()
    statuses = []
    for pk, visit in after.visits.items():
        old, clinic = before.visits[pk], visit["clinic_id"]
        if bool(old["troubles"]) != bool(visit["troubles"]):
            counts[clinic, "doubted" if visit["troubles"] else "trusted"] += 1
        if old["status"] != visit["status"]:
            statuses.append(StatusChange(clinic, pk, old["status"], visit["status"]))
            counts[clinic, "statuses"] += 1
            counts[clinic, "past"] += old["starts_at"] is not None and old["starts_at"] < now
    for pk, (is_mapped, visit_id) in after.events.items():
        if is_mapped != before.events[pk][0]:
            counts[after.visits[visit_id]["clinic_id"], "released" if is_mapped else "held"] += 1
    return statuses, counts


def _items(before: Standing, after: Standing) -> list[ItemChange]:
    changes = []
    for pk, item in after.items.items():
        old = before.items.get(pk)
        place = (item["family"], item["subject"], item["appointment_id"])
        if old is None and item["state"] == "open":
            changes.append(ItemChange(item["clinic_id"], "opened", *place, 0))
        elif old is not None and old["state"] == "open" != item["state"]:
            changes.append(ItemChange(old["clinic_id"], "closed", *place, pk, item["close_reason"]))
        elif old is not None and old["version"] != item["version"]:
            changes.append(ItemChange(item["clinic_id"], "changed", *place, pk))
    return changes


def _exceptions(before: Standing, after: Standing) -> list[ExceptionChange]:
    changes = []
    for pk, row in after.exceptions.items():
        old = before.exceptions.get(pk)
        if old is not None and old["state"] == row["state"]:
            continue
        verb = "opened" if old is None else _verb(old["state"], row["state"])
        changes.append(
            ExceptionChange(row["clinic_id"], verb, row["check_id"], row["raw"], pk if old else 0, row["live_count"])
        )
    return changes


def _verb(old: str, new: str) -> str:
    if new == State.REOPENED:
        return "regressed" if old == State.RESOLVED else "came_back"
    return {State.RESOLVED: "cured", State.CLEARED_UNSEEN: "cleared"}[State(new)]


def rows_and_versions() -> dict[str, Any]:
    """Of every table of ours how many rows it has and which transactions wrote them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*), md5(string_agg(ctid::text || xmin || xmax, ',' ORDER BY ctid)) FROM \"{table}\""
            )
            found[table] = cursor.fetchone()
    return found
