"""``ingest``: the whole pipeline, from bytes that arrive to committed queue items, against the floor.

Each round runs intake and digestion, then the floor, each with the same number of processes and about the same batch
size, in fresh copies of one database.
"""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import scratch
from benchmarks.children import Child, race
from benchmarks.seeding import seed
from benchmarks.sizes import Sizes

READY, DONE, RUN, FLOOR = "bench_ready", "bench_done", "bench_run", "bench_floor"
FIRST_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the whole pipeline: seconds of its two halves, messages, mean batch of digestion."""

    intake: float
    digestion: float
    messages: int
    batch: int

    @property
    def seconds(self) -> float:
        """Both halves, one after the other."""
        return self.intake + self.digestion


def measure(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """``ingest`` lines for one and for two workers."""
    file = folder / "deliveries"
    seed(READY, sizes.ingest_messages, file)
    scratch.create(DONE, READY)
    first = run(DONE, file, workers=1, batch=FIRST_BATCH)
    for workers in (1, 2):
        yield _rounds(file, workers, sizes.ingest_rounds, first.batch)
    for database in (DONE, READY):
        scratch.drop(database)


def run(database: str, file: Path, *, workers: int, batch: int) -> Run:
    """Take in the deliveries of ``file`` and digest them, both with so many processes."""
    stored = race([Child(database, "benchmarks.receive", file, batch, part, workers) for part in range(workers)])
    told = race([Child(database, "benchmarks.digest", number, workers) for number in range(workers)])
    messages = sum(each["messages"] for each in told)
    if messages != sum(each["messages"] for each in stored):
        raise RuntimeError("What was digested is not what was stored.")
    return Run(
        intake=max(each["seconds"] for each in stored),
        digestion=max(each["seconds"] for each in told),
        messages=messages,
        batch=max(1, messages // max(1, sum(each["batches"] for each in told))),
    )


def floor(workers: int, batch: int) -> float:
    """Seconds in which so many processes write the rows that digestion left in ``DONE``."""
    with scratch.copy_of(READY, FLOOR) as target:
        with scratch.connect(target) as connection:
            connection.execute(
                "CREATE UNIQUE INDEX ON scheduling_contactpoint (patient_id, system, use, value) NULLS NOT DISTINCT"
            )
        children = [Child(target, "benchmarks.floor", DONE, target, batch, part, workers) for part in range(workers)]
        return float(max(race(children)))


def _rounds(file: Path, workers: int, rounds: int, batch: int) -> dict[str, Any]:
    runs, floors = [], []
    for _ in range(rounds):
        with scratch.copy_of(READY, RUN) as database:
            runs.append(run(database, file, workers=workers, batch=batch))
        batch = runs[-1].batch
        floors.append(floor(workers, batch))
    ratios = [seconds / each.seconds for each, seconds in zip(runs, floors, strict=True)]
    return {
        "name": "ingest",
        "per_second": round(statistics.median(each.messages / each.seconds for each in runs)),
        "floor": round(statistics.median(runs[0].messages / seconds for seconds in floors)),
        "ratio": round(statistics.median(ratios), 3),
        "best_ratio": round(max(ratios), 3),
        "workers": workers,
        "messages": runs[0].messages,
        "batch": round(statistics.median(each.batch for each in runs)),
        "rounds": rounds,
        "intake_share": round(statistics.median(each.intake / each.seconds for each in runs), 2),
    }
