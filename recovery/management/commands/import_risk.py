"""``manage.py import_risk SOURCE FILE``: take a table of predicted risk."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Source
from recovery.errors import InvalidActError
from recovery.risk.reading import MOST_BYTES
from recovery.services.import_risk import import_risk


class Command(BaseCommand):
    """Exit status 0: all is kept; 1: nothing is, since lines are wrong; 2: there is no such table or source."""

    help = "Keeps the scores of a CSV table (docs/risk.md), or none where a line is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the source's key and the file."""
        parser.add_argument("source", help="the key of the source whose visits are scored")
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take the file and say how it went."""
        source = Source.objects.filter(key=options["source"]).first()
        if source is None:
            raise CommandError(f"There is no source {options['source']}.", returncode=2)
        try:
            with options["file"].open("rb") as file:
                body = file.read(MOST_BYTES + 1)
            taken = import_risk(source, body, actor=None, now=timezone.now())
        except (OSError, InvalidActError) as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(taken)))
        elif not taken.errors:
            self.stdout.write(f"Kept {taken.added:,}. Known before: {taken.known:,}.")
        if taken.errors:
            lines = [f"Line {one.line}, {one.column}: {one.sentence}" for one in taken.errors]
            raise CommandError("\n".join(["Nothing was kept.", *lines]), returncode=1)
