"""``ingest_growth``: what a message costs with a long history behind it, against a short one.

Two databases hold the same digested messages and the same ones still to come; one of them also holds many copies of
the past. Both digest the same messages by turns, a round each, in batches of one size.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import scratch
from benchmarks.children import Child, race
from benchmarks.history import multiply, settle
from benchmarks.seeding import seed
from benchmarks.sizes import Sizes

SHORT, LONG = "bench_short", "bench_long"
LARGEST_BATCH = 1000
FEWEST_EVENTS_A_MESSAGE = 0.3  # patients and provider templates come first


def measure(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """The ``ingest_growth`` line."""
    file = folder / "grown"
    past = round(sizes.history_events / FEWEST_EVENTS_A_MESSAGE)
    fresh = sizes.growth_messages * (sizes.growth_rounds + 1)
    seed(SHORT, past + fresh, file)
    batch = min(LARGEST_BATCH, sizes.growth_messages)
    race([Child(SHORT, "benchmarks.receive", file, batch, 0, 1)])
    _digest_past(sizes.history_events, batch)
    scratch.create(LONG, SHORT)
    with scratch.connect(LONG) as connection:
        multiply(connection, sizes.history_copies - 1)
        settle(connection)
    with scratch.connect(SHORT) as connection:
        settle(connection)
    events = [_events(database) for database in (SHORT, LONG)]
    costs = _rounds(sizes, batch)
    yield {
        "name": "ingest_growth",
        "per_second": round(1 / statistics.median(long for _, long in costs)),
        "floor": round(1 / statistics.median(short for short, _ in costs)),
        "ratio": round(statistics.median(long / short for short, long in costs), 3),
        "workers": 1,
        "messages": sizes.growth_messages * sizes.growth_rounds,
        "batch": batch,
        "rounds": sizes.growth_rounds,
        "events_before": events,
    }
    for database in (SHORT, LONG):
        scratch.drop(database)


def _digest_past(events: int, batch: int) -> None:
    """Digest until so many events are history; what is left is fresh."""
    child = Child(SHORT, "benchmarks.digest", 0, 1, batch)
    while _events(SHORT) < events and child.ask(batch)["messages"]:
        pass
    child.end()


def _rounds(sizes: Sizes, batch: int) -> list[tuple[float, float]]:
    """Seconds a message with the short and with the long history, round by round; a first round warms up."""
    children = [Child(database, "benchmarks.digest", 0, 1, batch) for database in (SHORT, LONG)]
    costs = []
    for number in range(sizes.growth_rounds + 1):
        order = children if number % 2 else children[::-1]
        told = {id(child): child.ask(sizes.growth_messages) for child in order}
        costs.append([told[id(child)]["seconds"] / told[id(child)]["messages"] for child in children])
    for child in children:
        child.end()
    return [(short, long) for short, long in costs[1:]]


def _events(database: str) -> int:
    with scratch.connect(database) as connection:
        (found,) = connection.execute("SELECT count(*) FROM scheduling_mappedevent").fetchone() or (0,)
    return int(str(found))
