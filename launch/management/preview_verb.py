"""``manage.py mappings preview``: try a revision on stored messages and say what publishing it would change."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from accounts.models import Clinic
from launch.forms import DEFAULT_DAYS
from launch.previewing.dry_run import Question, dry_run
from launch.previewing.outcome import COUNTS
from scheduling.management.lookups import find_revision, find_source, moment
from scheduling.management.mapping_verbs import Verb

Answer = dict[str, Any]


def preview_arguments(parser: ArgumentParser) -> None:
    """Take a revision, from when on it would hold, and how far back to look."""
    parser.add_argument("source", help="key of the source")
    parser.add_argument("revision", type=int, help="number of the revision")
    parser.add_argument("--effective-from", help=f"source time with zone, ISO 8601; without it {DEFAULT_DAYS} days ago")
    parser.add_argument(
        "--since", help="try only visits with news at or after this source time; publishing changes older ones too"
    )


def preview_revision(options: Answer, now: datetime) -> Answer:
    """Run it dry; nothing is written, not even the preview. Ids and codes only, no patient's words."""
    source = find_source(options["source"])
    revision = find_revision(source, options["revision"])
    effective_from = moment(options["effective_from"], "--effective-from") or now - timedelta(days=DEFAULT_DAYS)
    since = moment(options["since"], "--since")
    began = monotonic()
    run = dry_run(Question(source.pk, revision.pk, revision.version, effective_from, since), now=now)
    names = dict(Clinic.objects.filter(source=source).values_list("pk", "key"))
    found = run.stored()
    return {
        "source": source.key,
        "revision": revision.number,
        "effective_from": effective_from.isoformat(),
        "since": since.isoformat() if since else None,
        "seconds": round(monotonic() - began, 2),
        "waiting": found["waiting"],
        "refolds": found["refolds"],
        **{name: run.total(name) for name in COUNTS},
        "clinics": [line | {"clinic": names.get(line["clinic"])} for line in found["clinics"]],
        "status_changes": [
            {"appointment": pk, "before": before, "after": after} for _, pk, before, after in found["statuses"]
        ],
        "exceptions": [
            {"what": what, "check": check, "raw": raw, "exception": pk or None}
            for _, what, check, raw, pk, _ in found["exceptions"]
        ],
        "items": [
            {"what": what, "family": family, "appointment": visit, "item": pk or None, "reason": reason}
            for _, what, family, _, visit, pk, reason in found["items"]
        ],
    }


VERB = Verb("preview", "say what publishing a revision would change", preview_arguments, preview_revision)
