"""Prove message conservation (I2)."""

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from scheduling.services.ledger import misfolded, read_ledger, totals


class Command(BaseCommand):
    """Print per feed where every received message is; exit 1 when a line does not add up or an event is missing."""

    help = (
        "Per feed: received, applied, superseded, duplicate, held, rejected, failed, waiting. Exit 1 on a difference."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept a feed and the form of the answer."""
        parser.add_argument("feed", nargs="?", help="only this feed's key")
        parser.add_argument("--json", action="store_true", help="one JSON object a feed")

    def handle(self, *args: object, feed: str | None, json: bool, **options: object) -> None:  # noqa: ARG002
        """Print the sums, then every line that does not add up."""
        lines = read_ledger(feed)
        for key, sums in totals(lines).items():
            self.stdout.write(_as_json(key, sums) if json else _as_text(key, sums))
        broken = [line for line in lines if not line.adds_up]
        for line in broken:
            self.stderr.write(
                f"{line.feed} on {line.on} (UTC): received {line.received:,}, stored {line.stored:,}, "
                f"accounted for {line.received - line.difference:,}."
            )
        lost = misfolded()
        for source, count in lost.items():
            self.stderr.write(f"{source}: {count:,} appointments were folded from more or fewer events than stored.")
        if broken or lost:
            sys.exit(1)


def _as_json(feed: str, sums: dict[str, int]) -> str:
    return json.dumps({"feed": feed, **sums})


def _as_text(feed: str, sums: dict[str, int]) -> str:
    return f"{feed}: " + ", ".join(f"{name} {count:,}" for name, count in sums.items())
