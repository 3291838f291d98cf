"""What transports know of feeds: whose they are, their token and their settings, kept apart from the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from os import stat_result
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from scheduling.models import Feed, FeedSettings
from scheduling.readers.shapes import MAX_BYTES
from scheduling.readers.shapes import Arrival as FileInfo
from scheduling.services.intake import Arrival, FeedRef, arrive
from scheduling.vocabulary import FeedFormat, Transport


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One active feed as it stood when it was loaded; ``zone`` is its source's."""

    id: int
    key: str
    format: FeedFormat
    transport: Transport
    zone: ZoneInfo
    token_hash: str
    profile: dict[str, Any]

    @property
    def max_bytes(self) -> int:
        """The largest body this feed takes; ``profile["max_bytes"]``."""
        return int(self.profile.get("max_bytes", MAX_BYTES))

    def group(self, name: str) -> Mapping[str, Any]:
        """A group of settings such as ``mllp`` or ``http``; empty where it is not set."""
        found = self.profile.get(name)
        return found if isinstance(found, dict) else {}

    def arrive(self, body: bytes, *, transport: Transport, now: datetime, file: FileInfo | None = None) -> Arrival:
        """Split a body that came by ``transport``; nothing is stored yet. Raises UnreadableMessageError."""
        ref = FeedRef(self.id, self.format, transport)
        return arrive(ref, body, profile=self.profile, now=now, file=file or FileInfo(zone=self.zone))

    def file_info(self, name: str, status: stat_result) -> FileInfo:
        """What the file system says of a file."""
        return FileInfo(PurePath(name).name, datetime.fromtimestamp(status.st_mtime, tz=UTC), self.zone)


def load_feed(key: str) -> FeedEntry | None:
    """The active feed of that key."""
    return next(map(_entry, _active().filter(key=key)), None)


def load_feeds(transport: Transport) -> list[FeedEntry]:
    """All active feeds of a transport, by key."""
    return [_entry(feed) for feed in _active().filter(transport=transport).order_by("key")]


def _active() -> QuerySet[Feed, Any]:
    newest = FeedSettings.objects.filter(feed=OuterRef("pk")).order_by("-id").values("profile")[:1]
    return (
        Feed.objects.filter(is_active=True)
        .annotate(profile=Subquery(newest))
        .values("id", "key", "format", "transport", "token_hash", "profile", "source__timezone")
    )


def _entry(row: Mapping[str, Any]) -> FeedEntry:
    return FeedEntry(
        id=row["id"],
        key=row["key"],
        format=FeedFormat(row["format"]),
        transport=Transport(row["transport"]),
        zone=ZoneInfo(row["source__timezone"]),
        token_hash=row["token_hash"],
        profile=row["profile"] or {},
    )
