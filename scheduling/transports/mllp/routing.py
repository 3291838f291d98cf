"""Which feed a connection's message belongs to: by the port it came to, then by MSH-3 and MSH-4. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.transports.feeds import FeedEntry
from scheduling.transports.mllp.acknowledgement import AckMode, Verdict
from scheduling.transports.mllp.header import Header

MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class MllpFeed:
    """A feed with its ``mllp`` settings. Empty ``application`` and ``facility`` take any sender."""

    entry: FeedEntry
    port: int | None = None
    application: str = ""
    facility: str = ""
    max_bytes: int = MAX_BYTES
    mode: AckMode = AckMode.AUTO
    answers_failure: bool = False  # AE when storing fails; else the connection closes without an answer
    refusal: Verdict = Verdict.REJECTED

    @property
    def names_sender(self) -> int:
        """How many of application and facility the feed asks for."""
        return bool(self.application) + bool(self.facility)

    def knows(self, header: Header) -> bool:
        """Whether the message comes from the sender this feed asks for."""
        component = header.marks[:1] or "^"
        application = header.sending_application.split(component)[0]
        facility = header.sending_facility.split(component)[0]
        return self.application in {"", application} and self.facility in {"", facility}


def mllp_feed(entry: FeedEntry) -> MllpFeed:
    """The settings of ``profile["mllp"]``, each with its default. Raises ValueError for what is none of its values."""
    given = entry.group("mllp")
    port = given.get("port")
    return MllpFeed(
        entry,
        port=int(port) if port is not None else None,
        application=str(given.get("sending_application", "")),
        facility=str(given.get("sending_facility", "")),
        max_bytes=min(int(given.get("max_bytes", MAX_BYTES)), entry.max_bytes),
        mode=AckMode(given.get("ack_mode", "auto")),
        answers_failure={"close": False, "AE": True}[given.get("on_store_failure", "close")],
        refusal={"AR": Verdict.REJECTED, "AE": Verdict.ERROR}[given.get("on_refusal", "AR")],
    )


def on_port(feeds: Sequence[MllpFeed], port: int) -> list[MllpFeed]:
    """The feeds that speak on a port: those that name it, else those that name none."""
    return [feed for feed in feeds if feed.port == port] or [feed for feed in feeds if feed.port is None]


def choose(feeds: Sequence[MllpFeed], port: int, header: Header | None) -> MllpFeed | None:
    """The feed of a message; None for a sender nobody knows, or where two feeds could be meant.

    Without a header there is no telling who sent it: it belongs to the port's only feed, if it has only one.
    """
    candidates = on_port(feeds, port)
    if header is not None:
        candidates = [feed for feed in candidates if feed.knows(header)]
        closest = max((feed.names_sender for feed in candidates), default=0)
        candidates = [feed for feed in candidates if feed.names_sender == closest]
    return candidates[0] if len(candidates) == 1 else None
