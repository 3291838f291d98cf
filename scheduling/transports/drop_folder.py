"""The drop folder: one folder a feed, each finished file stored in one transaction and then moved away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from os import environ
from pathlib import Path
from typing import BinaryIO

import structlog
from django.conf import settings

from scheduling.facts import UnreadableMessageError
from scheduling.services.intake import store
from scheduling.transports.drop_files import (
    DONE,
    ClaimedFile,
    claimed,
    left_behind,
    make_folders,
    remove_older,
    waiting_files,
)
from scheduling.transports.feeds import FeedEntry
from scheduling.transports.legibility import envelope_fault
from scheduling.vocabulary import Transport

log = structlog.get_logger(__name__)

FILES_A_LOOK = 1000
KEEP_DONE = timedelta(days=30)
Seen = tuple[int, int, int]  # inode, size, time of the last write


def drop_root() -> Path:
    """Where the feeds' folders lie: ``DATA_DIR/drop``."""
    return Path(environ.get("DATA_DIR") or Path(settings.BASE_DIR) / ".data").expanduser().absolute() / "drop"


class Watcher:
    """Looks at the folders of some feeds; any number of watchers may look at the same ones.

    A file counts as finished when its name says so and two looks in a row find it unchanged. A look that finds nothing
    says nothing about the sender, and so is no proof that the feed is current.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: dict[Path, Seen] = {}

    def look(self, feeds: Sequence[FeedEntry], *, now: datetime) -> int:
        """Take what is finished; returns how many messages were stored. Raises what the database raises.

        Then the file stays claimed by nobody and a later look takes it again.
        """
        stored = 0
        before, self._seen = self._seen, {}
        for feed in feeds:
            folder = self.root / feed.key
            make_folders(folder)
            paths = left_behind(folder) + [path for path in waiting_files(folder) if self._is_settled(path, before)]
            for path in paths[:FILES_A_LOOK]:
                stored += take_path(feed, path, folder, now=now)
        return stored

    def tidy(self, feeds: Sequence[FeedEntry], *, now: datetime) -> None:
        """Delete done files that are older than 30 days; what they said is in the database."""
        for feed in feeds:
            removed = remove_older(self.root / feed.key / DONE, before=(now - KEEP_DONE).timestamp())
            if removed:
                log.info("old files removed from done/", feed=feed.key, files=removed)

    def _is_settled(self, path: Path, before: dict[Path, Seen]) -> bool:
        try:
            status = path.lstat()
        except FileNotFoundError:
            return False
        self._seen[path] = (status.st_ino, status.st_size, status.st_mtime_ns)
        return before.get(path) == self._seen[path]


def take_path(feed: FeedEntry, path: Path, folder: Path, *, now: datetime) -> int:
    """Claim a file, store it, move it; returns how many messages it held, 0 if somebody else has it."""
    try:
        with claimed(path, folder) as file:
            return take(feed, file, now=now) if file is not None else 0
    except OSError as error:
        # A file we may not open or move would come up at every look; the name may hold anything, so it is not logged.
        log.warning("file cannot be taken", feed=feed.key, error=type(error).__name__, reason=error.strerror)
        return 0


def take(feed: FeedEntry, file: ClaimedFile, *, now: datetime) -> int:
    """Store a claimed file in one transaction and move it to where it ends."""
    body = read_bounded(file.stream, feed.max_bytes)
    if not body.strip():
        return _reject(feed, file, "The file is empty.")
    try:
        arrival = feed.arrive(body, transport=Transport.FILE, now=now, file=feed.file_info(file.name, file.status))
    except UnreadableMessageError as error:
        return _reject(feed, file, error.sentence)
    fault = envelope_fault(arrival.envelope, feed.format)
    store([arrival])
    if fault:
        _reject(feed, file, fault)
    else:
        file.finish()
    log.info("file stored", feed=feed.key, messages=len(arrival.message_ids), is_rejected=bool(fault))
    return len(arrival.message_ids)


def read_bounded(stream: BinaryIO, limit: int) -> bytes:
    """A file's bytes; one byte more than the limit shows that there were too many."""
    return stream.read(limit + 1)


def _reject(feed: FeedEntry, file: ClaimedFile, sentence: str) -> int:
    log.warning("file rejected", feed=feed.key, reason=sentence)
    file.reject(sentence)
    return 0
