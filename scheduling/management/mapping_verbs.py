"""The verbs of ``manage.py mappings`` that need nothing above this floor; the command lives in ``config``.

A verb names its arguments and does one thing: options and the moment in, an answer out. The command adds ``--json``
to each, prints the answer and turns refusals into sentences.
"""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import CommandError

from scheduling.management.lookups import find_actor, find_revision, find_source, moment, numbers
from scheduling.mapping.exchange import decode, write_revision
from scheduling.mapping.packs import pack_names, read_pack
from scheduling.mapping.vocabulary import RevisionState
from scheduling.models.mapping import MappingRevision
from scheduling.selectors.revision_rows import read_rows
from scheduling.services.mapping import adopt_pack, import_revision, publish, start_draft
from scheduling.services.mapping.imports import count_rows

Answer = dict[str, Any]


class Verb(NamedTuple):
    """One sub-command; ``answer_text`` names the part of its answer that is printed alone unless JSON is asked for."""

    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Answer, datetime], Answer]
    answer_text: str = ""


def list_arguments(parser: ArgumentParser) -> None:
    """Take nothing."""


def list_all(options: Answer, now: datetime) -> Answer:
    """Every pack with its size, every revision with its state and publications."""
    packs = [read_pack(name) for name in pack_names()]
    revisions = MappingRevision.objects.select_related("source").prefetch_related("publications")
    return {
        "packs": [{"name": pack.name, "rows": len(pack.rows), "ready": len(pack.ready)} for pack in packs],
        "revisions": [_described(revision) for revision in revisions.order_by("source__key", "number")],
    }


def _described(revision: MappingRevision) -> Answer:
    published = [
        {"number": each.number, "effective_from": each.effective_from.isoformat()}
        for each in revision.publications.all()
    ]
    return {
        "source": revision.source.key,
        "revision": revision.number,
        "state": revision.state,
        "title": revision.title,
        "published": published,
    }


def load_arguments(parser: ArgumentParser) -> None:
    """Take a source, a pack and the confirmed rows of it."""
    _source_argument(parser)
    parser.add_argument("pack", help="name of the pack")
    parser.add_argument("--rows", help="numbers of the confirmed rows, such as 1,2,5; without it all ready rows")
    _actor_argument(parser)


def load_pack(options: Answer, now: datetime) -> Answer:
    """Take rows of a pack into the actor's own draft, opening one if there is none; names what needs a person."""
    source, actor = find_source(options["source"]), find_actor(options["actor"])
    pack = read_pack(options["pack"])
    drafts = MappingRevision.objects.filter(source=source, state=RevisionState.DRAFT, author=actor)
    draft = drafts.order_by("-number").first() or start_draft(
        source, title=f"Starter pack {pack.name}", actor=actor, now=now
    )
    rows = numbers(options["rows"], "--rows") if options["rows"] else pack.ready
    adopted = adopt_pack(draft, pack, rows=rows, actor=actor, now=now)
    left = [row.code for row in pack.rows if row.needs_person]
    return {"source": source.key, "revision": draft.number, "adopted": adopted, "needs_person": left}


def publish_arguments(parser: ArgumentParser) -> None:
    """Take a revision, from when on it holds, and why."""
    _revision_arguments(parser)
    parser.add_argument("--effective-from", help="source time with zone, ISO 8601; without it now")
    parser.add_argument("--reason", default="")
    _actor_argument(parser)


def publish_revision(options: Answer, now: datetime) -> Answer:
    """Put an approved revision in force; its replay is done by the workers."""
    source, actor = find_source(options["source"]), find_actor(options["actor"])
    revision = find_revision(source, options["revision"])
    effective_from = moment(options["effective_from"], "--effective-from") or now
    published = publish(revision, effective_from=effective_from, actor=actor, now=now, reason=options["reason"])
    return {
        "source": source.key,
        "revision": revision.number,
        "publication": published.number,
        "effective_from": published.effective_from.isoformat(),
        "replay": published.replay.pk,
    }


def export_arguments(parser: ArgumentParser) -> None:
    """Take a revision and where to write it."""
    _revision_arguments(parser)
    parser.add_argument("--output", help="file to write; without it the rows are printed")


def export_revision(options: Answer, now: datetime) -> Answer:
    """Write every row of a revision as CSV."""
    source = find_source(options["source"])
    revision = find_revision(source, options["revision"])
    rows = read_rows(revision)
    answer = {"source": source.key, "revision": revision.number, **count_rows(rows)}
    text = write_revision(rows)
    if not options["output"]:
        return {**answer, "csv": text}
    path = Path(options["output"])
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    return {**answer, "output": str(path)}


def import_arguments(parser: ArgumentParser) -> None:
    """Take a source, a file, and what the new draft is called."""
    _source_argument(parser)
    parser.add_argument("file", help="the CSV file, as export writes it")
    parser.add_argument("--title", required=True, help="what the new draft is called")
    parser.add_argument("--based-on", type=int, help="number of the revision the file was made from")
    _actor_argument(parser)


def import_file(options: Answer, now: datetime) -> Answer:
    """Open a draft with the rows of a file, all of them or none."""
    source, actor = find_source(options["source"]), find_actor(options["actor"])
    based_on = find_revision(source, options["based_on"]) if options["based_on"] is not None else None
    path = Path(options["file"])
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    draft = import_revision(source, decode(data), title=options["title"], actor=actor, now=now, based_on=based_on)
    return {"source": source.key, "revision": draft.number, **count_rows(read_rows(draft))}


def _source_argument(parser: ArgumentParser) -> None:
    parser.add_argument("source", help="key of the source")


def _revision_arguments(parser: ArgumentParser) -> None:
    _source_argument(parser)
    parser.add_argument("revision", type=int, help="number of the revision")


def _actor_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--actor", required=True, help="user name of the person who answers for it")


VERBS = (
    Verb("list", "packs, and the revisions of every source", list_arguments, list_all),
    Verb("load-pack", "take a pack's rows into a draft of the source", load_arguments, load_pack),
    Verb("export", "write a whole revision as CSV", export_arguments, export_revision, answer_text="csv"),
    Verb("import", "open a draft with the rows of a CSV file", import_arguments, import_file),
    Verb("publish", "put an approved revision in force", publish_arguments, publish_revision),
)
