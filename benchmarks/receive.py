"""Store simulated deliveries in the inbox (child process): ``benchmarks.receive FILE BATCH PART PARTS``.

Splitting, peeking and storing as every transport does it, ``BATCH`` messages a commit; of several processes each takes
its share of the commits. Waits for a line on standard input, then prints seconds and messages as one JSON object.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.deliveries import Delivery, read
from config.digesting import freeze_imports
from scheduling.models import Feed, FeedSettings
from scheduling.services.intake import Arrival, FeedRef, arrive, store
from scheduling.vocabulary import FeedFormat, Transport


def arrivals(deliveries: list[Delivery]) -> Iterator[Arrival]:
    """Split deliveries into messages, as the transports do."""
    feeds = {f.key: FeedRef(f.pk, FeedFormat(f.format), Transport(f.transport)) for f in Feed.objects.all()}
    profiles = {row.feed.key: row.profile for row in FeedSettings.objects.select_related("feed").order_by("id")}
    for key, body, at in deliveries:
        yield arrive(feeds[key], body, profile=profiles[key], now=at)


def commits(deliveries: list[Delivery], batch: int) -> Iterator[list[Arrival]]:
    """Groups of about ``batch`` messages."""
    group: list[Arrival] = []
    held = 0
    for arrival in arrivals(deliveries):
        group.append(arrival)
        held += len(arrival.envelope.messages)
        if held >= batch:
            yield group
            group, held = [], 0
    if group:
        yield group


def main(file: Path, batch: int, part: int, parts: int) -> None:
    """Store this process's share."""
    mine = [delivery for number, delivery in enumerate(read(file)) if number // batch % parts == part]
    Feed.objects.exists()
    freeze_imports()
    print("ready", flush=True)
    sys.stdin.readline()
    started, messages = time.perf_counter(), 0
    for group in commits(mine, batch):
        store(group)
        messages += sum(len(arrival.message_ids) for arrival in group)
    print(json.dumps({"seconds": time.perf_counter() - started, "messages": messages}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
