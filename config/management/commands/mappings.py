"""``manage.py mappings``: packs, revisions and their exchange, drafts, publishing.

It stands above all floors so that a verb may use any of them; each verb is a function beside what it works on.
"""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from launch.management.preview_verb import VERB as PREVIEW
from scheduling.management import mapping_verbs
from scheduling.mapping.errors import ImportProblem, ImportRefusedError, MappingError

VERBS = {verb.name: verb for verb in (*mapping_verbs.VERBS, PREVIEW)}


class Command(BaseCommand):
    """Loading a pack or a file only ever fills a draft: somebody else approves it before it can be published."""

    help = f"Status mappings: {', '.join(VERBS)}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command each; every one knows ``--json``."""
        parsers = parser.add_subparsers(dest="verb", required=True)
        for verb in VERBS.values():
            each = parsers.add_parser(verb.name, help=verb.help)
            verb.add_arguments(each)
            each.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Do one verb and print its answer; a refusal is one sentence and exit status 1."""
        verb = VERBS[options["verb"]]
        try:
            answer = verb.run(options, timezone.now())
        except ImportRefusedError as error:
            self.print_problems(error.problems, is_json=options["json"])
            raise CommandError(str(error)) from error
        except MappingError as error:
            raise CommandError(str(error)) from error
        if verb.answer_text in answer and not options["json"]:
            self.stdout.write(answer[verb.answer_text], ending="")
        else:
            self.print_answer(answer, is_json=options["json"])

    def print_problems(self, problems: Sequence[ImportProblem], *, is_json: bool) -> None:
        """Print what is wrong with a file: JSON, or a line each."""
        if is_json:
            self.stdout.write(json.dumps({"problems": [problem._asdict() for problem in problems]}))
        else:
            self.stdout.write("\n".join(str(problem) for problem in problems))

    def print_answer(self, answer: dict[str, Any], *, is_json: bool) -> None:
        """Print JSON, or lines for people."""
        self.stdout.write(json.dumps(answer) if is_json else "\n".join(_lines(answer)))


def _lines(answer: dict[str, Any]) -> list[str]:
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
