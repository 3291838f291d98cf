"""``manage.py ingest FEED PATH...``: files into the inbox by hand."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scheduling.facts import UnreadableMessageError
from scheduling.readers.shapes import Arrival as FileInfo
from scheduling.services.fates import count_fates
from scheduling.services.intake import store
from scheduling.services.waking import wake_workers
from scheduling.transports.drop_files import is_finished
from scheduling.transports.drop_folder import read_bounded
from scheduling.transports.feeds import FeedEntry, load_feed
from scheduling.vocabulary import Transport

STDIN = "-"


class Command(BaseCommand):
    """Stores each file in one transaction; exit 1 when a file cannot be read, after the others were taken."""

    help = "Stores files in a feed's inbox. PATH may be a file, a folder (its files by name) or - for standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept a feed, paths and the form of the answer."""
        parser.add_argument("feed", help="the feed's key")
        parser.add_argument("paths", nargs="+", metavar="PATH", help="file, folder or -")
        parser.add_argument("--json", action="store_true", help="one JSON object: where the stored messages are now")
        parser.add_argument("--drain", action="store_true", help="digest the inbox before answering")

    def handle(self, *args: object, feed: str, paths: list[str], **options: object) -> None:  # noqa: ARG002
        """Store, digest if asked, answer."""
        entry = load_feed(feed)
        if entry is None:
            raise CommandError(f"There is no active feed {feed!r}.")
        message_ids: list[int] = []
        failures = 0
        for path in files_of(paths):
            try:
                message_ids += self.store_file(entry, path)
            except (OSError, UnreadableMessageError) as error:
                failures += 1
                self.stderr.write(f"{path}: {sentence_of(error)}")
        if options["drain"]:
            # By name: digesting lives on the roof, which this floor does not know.
            call_command("digest", "--drain", stdout=self.stderr)
        elif message_ids:
            wake_workers()
        self.answer(entry.key, count_fates(message_ids), as_json=bool(options["json"]))
        if failures:
            sys.exit(1)

    def store_file(self, feed: FeedEntry, path: str) -> list[int]:
        """Store one file and return its message ids. Raises OSError and UnreadableMessageError."""
        with nullcontext(sys.stdin.buffer) if path == STDIN else Path(path).open("rb") as stream:
            body = read_bounded(stream, feed.max_bytes)
            file = FileInfo(zone=feed.zone) if path == STDIN else feed.file_info(path, Path(path).stat())
        if not body.strip():
            raise UnreadableMessageError("empty", "The file is empty.")
        arrival = feed.arrive(body, transport=Transport.COMMAND, now=timezone.now(), file=file)
        store([arrival])
        return arrival.message_ids

    def answer(self, feed: str, counts: dict[str, int], *, as_json: bool) -> None:
        """Print where the messages are."""
        if as_json:
            self.stdout.write(json.dumps({"feed": feed, **counts}))
        else:
            self.stdout.write(f"{feed}: " + ", ".join(f"{name} {count:,}" for name, count in counts.items()))


def files_of(paths: Iterable[str]) -> Iterator[str]:
    """The files that paths stand for; a folder stands for its finished files in order of their names."""
    for path in paths:
        if path != STDIN and Path(path).is_dir():
            yield from (str(each) for each in sorted(Path(path).iterdir()) if each.is_file() and is_finished(each.name))
        else:
            yield path


def sentence_of(error: Exception) -> str:
    """Why a file was not taken."""
    if isinstance(error, OSError):
        return f"It cannot be read ({error.strerror or type(error).__name__})."
    return str(error)
