"""``ingest`` and ``ingest_growth``: the whole pipeline against the floor, interleaved in one run."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks import scratch

SEED = 7


def start(database: str, module: str, *arguments: object) -> subprocess.Popen[str]:
    """A child process that answers ``ready`` and waits for a line."""
    child = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        env={**scratch.environment_of(database), "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    if child.stdout.readline().strip() != "ready":
        raise RuntimeError(f"{module} did not start")
    return child


def race(children: list[subprocess.Popen[str]]) -> list[Any]:
    """Let all children go at once; what each printed."""
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return [json.loads(child.communicate()[0]) for child in children]


def fill(database: str, messages: int, seed: int = SEED) -> dict[str, Any]:
    """A migrated database with ``messages`` messages in its inbox."""
    scratch.create(database)
    scratch.manage(database, "migrate")
    printed = subprocess.run(
        [sys.executable, "-m", "benchmarks.fill", str(messages), str(seed)],
        env={**scratch.environment_of(database), "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return dict(json.loads(printed))


def digest(database: str, workers: int) -> dict[str, Any]:
    """Digest a database's inbox with so many processes."""
    told = race([start(database, "benchmarks.digest", number, workers) for number in range(workers)])
    return {
        "seconds": max(each["seconds"] for each in told),
        "messages": sum(each["messages"] for each in told),
        "batches": sum(each["batches"] for each in told),
    }


def floor(source: str, empty: str, workers: int, batch: int) -> float:
    """Seconds in which so many processes write the final rows of ``source`` into a copy of ``empty``."""
    with scratch.copy_of(empty, "bench_floor") as target:
        with scratch.connect(target) as connection:
            connection.execute(
                "CREATE UNIQUE INDEX ON scheduling_contactpoint (patient_id, system, use, value) NULLS NOT DISTINCT"
            )
        children = [start(target, "benchmarks.floor", source, target, batch, part, workers) for part in range(workers)]
        return max(race(children))


def measure(messages: int, rounds: int) -> Iterator[dict[str, Any]]:
    """``ingest`` lines for one and two workers: rates of the whole pipeline, intake and digestion, over the floor's."""
    scratch.create("bench_empty")
    scratch.manage("bench_empty", "migrate")
    filled = fill("bench_full", messages)
    with scratch.copy_of("bench_full", "bench_done"):
        digest("bench_done", 1)
        for workers in (1, 2):
            yield _ingest(filled, workers, rounds)
    scratch.drop("bench_empty")


def _ingest(filled: dict[str, Any], workers: int, rounds: int) -> dict[str, Any]:
    ratios, rates, floors, batch = [], [], [], 1000
    for _ in range(rounds):
        with scratch.copy_of("bench_full", "bench_run") as database:
            told = digest(database, workers)
        batch = max(100, told["messages"] // max(told["batches"], 1))
        floor_seconds = floor("bench_done", "bench_empty", workers, batch)
        # Intake ran in one process; so many listeners would share it.
        seconds = told["seconds"] + filled["seconds"] / workers
        rates.append(told["messages"] / seconds)
        floors.append(told["messages"] / floor_seconds)
        ratios.append(floor_seconds / seconds)
    return {
        "name": "ingest",
        "workers": workers,
        "messages": filled["messages"],
        "batch": batch,
        "per_second": round(statistics.median(rates)),
        "floor": round(statistics.median(floors)),
        "ratio": round(statistics.median(ratios), 3),
        "best_ratio": round(max(ratios), 3),
        "rounds": rounds,
    }


if __name__ == "__main__":
    for line in measure(int(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(line), flush=True)
