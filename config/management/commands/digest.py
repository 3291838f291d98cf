"""Work the inbox off in the foreground."""

import json
import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.digesting import Digester, conclude_extracts, freeze_imports


class Command(BaseCommand):
    """``manage.py digest --drain``: digest until nothing waits."""

    help = "Digest what waits: one batch, or with --drain everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept how much to do and as which of how many workers."""
        parser.add_argument("--drain", action="store_true", help="until nothing waits")
        parser.add_argument("--workers", type=int, default=1, help="how many share the lanes")
        parser.add_argument("--number", type=int, default=0, help="which of them this is, from 0")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: object, drain: bool, workers: int, number: int, **options: object) -> None:  # noqa: ARG002
        """Digest and say how much."""
        freeze_imports()
        digester, started = Digester(number=number, workers=workers), time.perf_counter()
        taken = digester.drain() if drain else len(digester.step().message_ids)
        if drain:
            while conclude_extracts(timezone.now()):
                taken += digester.drain()
        seconds = time.perf_counter() - started
        if options["json"]:
            self.stdout.write(json.dumps({"messages": taken, "seconds": round(seconds, 3)}))
        else:
            self.stdout.write(f"Digested {taken:,} messages in {seconds:.1f} s.")
