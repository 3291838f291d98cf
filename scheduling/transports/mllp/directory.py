"""The listener's list of MLLP feeds, renewed from the database while it runs."""

import asyncio
from collections.abc import Callable

import structlog
from django.db import connection

from scheduling.transports.feeds import FeedEntry, load_feeds
from scheduling.transports.mllp.routing import MAX_BYTES, MllpFeed, mllp_feed
from scheduling.vocabulary import FeedFormat, Transport

log = structlog.get_logger(__name__)

RENEW_SECONDS = 10.0


def load_mllp_feeds() -> list[MllpFeed]:
    """All active HL7 feeds over MLLP; one whose settings cannot be used is left out and logged."""
    feeds = []
    for entry in load_feeds(Transport.MLLP):
        if entry.format is not FeedFormat.HL7V2:
            continue
        try:
            feeds.append(mllp_feed(entry))
        except (ValueError, KeyError, TypeError) as error:
            _log_unusable(entry, error)
    return feeds


def _log_unusable(entry: FeedEntry, error: Exception) -> None:
    log.error("mllp settings of a feed cannot be used", feed=entry.key, error=type(error).__name__)


class Directory:
    """The feeds as they were at the last look; a database that is away leaves them as they are."""

    def __init__(self, load: Callable[[], list[MllpFeed]] = load_mllp_feeds) -> None:
        self.feeds: list[MllpFeed] = []
        self._load = load

    @property
    def max_bytes(self) -> int:
        """The most any feed takes in one message; what a connection may hold before it knows its feed."""
        return max((feed.max_bytes for feed in self.feeds), default=MAX_BYTES)

    @property
    def ports(self) -> set[int]:
        """The ports that feeds ask for beside the listener's own."""
        return {feed.port for feed in self.feeds if feed.port is not None}

    async def renew(self) -> None:
        """Look once; raises what the database raises."""
        self.feeds = await asyncio.to_thread(self._look)

    async def keep_renewing(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew()
            except Exception as error:  # the list we have is better than none
                log.warning("feeds cannot be read; the list stays as it is", exc_info=error)

    def _look(self) -> list[MllpFeed]:
        try:
            return self._load()
        finally:
            connection.close()  # a pool thread's connection would stay open for nothing
