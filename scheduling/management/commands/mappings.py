"""``manage.py mappings``: list packs and revisions, load a starter pack into a draft, publish an approved revision."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Source, User
from scheduling.mapping.errors import MappingError
from scheduling.mapping.packs import pack_names, read_pack
from scheduling.mapping.vocabulary import RevisionState
from scheduling.models.mapping import MappingRevision
from scheduling.services.mapping import adopt_pack, publish, start_draft

Answer = dict[str, Any]


class Command(BaseCommand):
    """Loading a pack only ever fills a draft: somebody else approves it before it can be published."""

    help = "Status mappings: list, load-pack SOURCE PACK, publish SOURCE REVISION."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command each; every one knows ``--json``."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        listing = verbs.add_parser("list", help="packs, and the revisions of every source")
        loading = verbs.add_parser("load-pack", help="take a pack's rows into a draft of the source")
        loading.add_argument("source", help="key of the source")
        loading.add_argument("pack", help="name of the pack")
        loading.add_argument("--rows", help="numbers of the confirmed rows, such as 1,2,5; without it all ready rows")
        publishing = verbs.add_parser("publish", help="put an approved revision in force")
        publishing.add_argument("source", help="key of the source")
        publishing.add_argument("revision", type=int, help="number of the revision")
        publishing.add_argument("--effective-from", help="source time with zone, ISO 8601; without it now")
        publishing.add_argument("--reason", default="")
        for each in (loading, publishing):
            each.add_argument("--actor", required=True, help="user name of the person who answers for it")
        for each in (listing, loading, publishing):
            each.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Do one verb and print its answer; a refusal is one sentence and exit status 1."""
        verb = {"list": list_all, "load-pack": load_pack, "publish": publish_revision}[options["verb"]]
        try:
            answer = verb(options, timezone.now())
        except MappingError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(answer) if options["json"] else "\n".join(_lines(answer)))


def list_all(options: Answer, now: datetime) -> Answer:
    """Every pack with its size, every revision with its state and publications."""
    packs = [read_pack(name) for name in pack_names()]
    revisions = MappingRevision.objects.select_related("source").prefetch_related("publications")
    return {
        "packs": [{"name": pack.name, "rows": len(pack.rows), "ready": len(pack.ready)} for pack in packs],
        "revisions": [_described(revision) for revision in revisions.order_by("source__key", "number")],
    }


def load_pack(options: Answer, now: datetime) -> Answer:
    """Take rows of a pack into the actor's own draft, opening one if there is none; names what needs a person."""
    source, actor, pack = _source(options), _actor(options), read_pack(options["pack"])
    drafts = MappingRevision.objects.filter(source=source, state=RevisionState.DRAFT, author=actor)
    draft = drafts.order_by("-number").first() or start_draft(
        source, title=f"Starter pack {pack.name}", actor=actor, now=now
    )
    rows = _numbers(options["rows"]) if options["rows"] else pack.ready
    adopted = adopt_pack(draft, pack, rows=rows, actor=actor, now=now)
    left = [row.code for row in pack.rows if row.needs_person]
    return {"source": source.key, "revision": draft.number, "adopted": adopted, "needs_person": left}


def publish_revision(options: Answer, now: datetime) -> Answer:
    """Put an approved revision in force."""
    source, actor = _source(options), _actor(options)
    revision = MappingRevision.objects.filter(source=source, number=options["revision"]).first()
    if revision is None:
        raise CommandError(f"{source.key} has no revision {options['revision']}.")
    effective_from = _moment(options["effective_from"]) or now
    published = publish(revision, effective_from=effective_from, actor=actor, now=now, reason=options["reason"])
    return {
        "source": source.key,
        "revision": revision.number,
        "publication": published.number,
        "effective_from": published.effective_from.isoformat(),
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


def _source(options: Answer) -> Source:
    source = Source.objects.filter(key=options["source"]).first()
    if source is None:
        raise CommandError(f"There is no source {options['source']}.")
    return source


def _actor(options: Answer) -> User:
    actor = User.objects.filter(username=options["actor"], is_active=True).first()
    if actor is None:
        raise CommandError(f"There is no active user {options['actor']}.")
    return actor


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise CommandError("--rows takes numbers separated by commas, such as 1,2,5.") from error


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError as error:
        raise CommandError("--effective-from is not a moment in time.") from error
    if moment is None or moment.tzinfo is None:
        raise CommandError("--effective-from needs a zone, such as 2026-03-01T00:00:00+00:00.")
    return moment


def _lines(answer: Answer) -> list[str]:
    """An answer for people: one line for a plain value, one for each entry of a list."""
    lines = []
    for key, value in answer.items():
        entries = value if isinstance(value, list) else [value]
        lines += [f"{key}: {_plain(entry)}" for entry in entries]
    return lines


def _plain(entry: Any) -> str:
    if isinstance(entry, dict):
        return ", ".join(f"{name} {value}" for name, value in entry.items())
    return str(entry)
