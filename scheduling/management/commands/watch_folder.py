"""``manage.py watch_folder``: takes finished files out of the feeds' drop folders."""

import signal
from argparse import ArgumentParser
from datetime import datetime, timedelta
from threading import Event

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from scheduling.services.waking import wake_workers
from scheduling.transports.drop_folder import Watcher, drop_root
from scheduling.transports.feeds import load_feeds
from scheduling.vocabulary import Transport

log = structlog.get_logger(__name__)

LONGEST_PAUSE = 30.0
TIDY_EVERY = timedelta(hours=1)


class Command(BaseCommand):
    """Looks again and again until SIGTERM or SIGINT; the file in hand is finished first."""

    help = "Takes finished files out of DATA_DIR/drop/<feed>/ and moves them to done/ or rejected/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept how often to look."""
        parser.add_argument("--seconds", type=float, default=1.0, help="between two looks (default: 1)")

    def handle(self, *args: object, seconds: float, **options: object) -> None:  # noqa: ARG002
        """Watch; while the database is away, look less and less often."""
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        watcher, pause, tidied_at = Watcher(drop_root()), seconds, timezone.now()
        self.stdout.write(f"Watching {watcher.root}.")
        while not stopping.wait(pause):
            try:
                tidied_at = self.look(watcher, tidied_at)
            except (DatabaseError, InterfaceError) as error:
                connection.close()
                pause = min(pause * 2, LONGEST_PAUSE)
                log.warning("files wait for the database", pause=pause, exc_info=error)
            else:
                pause = seconds

    def look(self, watcher: Watcher, tidied_at: datetime) -> datetime:
        """Look once; returns when the folders were last tidied."""
        close_old_connections()
        feeds, now = load_feeds(Transport.FILE), timezone.now()
        if watcher.look(feeds, now=now):
            wake_workers()
        if now - tidied_at < TIDY_EVERY:
            return tidied_at
        watcher.tidy(feeds, now=now)
        return now
