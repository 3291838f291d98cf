"""``replay``: mapping and folding a whole history anew after a publication, against the plain update of its rows.

Each round publishes in a fresh copy of a digested database and lets one worker work the replay off; then the floor
writes the same changed rows into another copy.
"""

import json
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import scratch
from benchmarks.children import Child, command_of, race
from benchmarks.ingest import FIRST_BATCH, run
from benchmarks.seeding import seed
from benchmarks.sizes import Sizes

DONE, RUN, FLOOR = "bench_replay_done", "bench_replay_run", "bench_replay_floor"


def measure(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """The ``replay`` line."""
    file = folder / "replayed"
    seed(DONE, sizes.replay_messages, file)
    run(DONE, file, workers=1, batch=FIRST_BATCH)
    rounds = [_round() for _ in range(sizes.replay_rounds)]
    scratch.drop(DONE)
    asked = rounds[0]["asked"]
    seconds = statistics.median(each["seconds"] for each in rounds)
    yield {
        "name": "replay",
        "per_second": round(asked["events"] / seconds),
        "floor": round(asked["events"] / statistics.median(each["floor"] for each in rounds)),
        "ratio": round(statistics.median(each["floor"] / each["seconds"] for each in rounds), 3),
        "appointments_per_second": round(asked["appointments"] / seconds),
        "workers": 1,
        **asked,
        "batch": round(statistics.median(each["batch"] for each in rounds)),
        "rounds": sizes.replay_rounds,
    }


def _round() -> dict[str, Any]:
    """Seconds of one replay and of its floor; raises RuntimeError when not all of it was replayed."""
    with scratch.copy_of(DONE, RUN) as database:
        asked = json.loads(
            subprocess.run(
                command_of("benchmarks.republish"),
                env=scratch.environment_of(database),
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout
        )
        (told,) = race([Child(database, "benchmarks.digest", 0, 1)])
        if told["refolds"] != asked["appointments"]:
            raise RuntimeError("What was replayed is not what was asked for.")
        batch = max(1, told["refolds"] // told["batches"])
        with scratch.copy_of(DONE, FLOOR) as target:
            (floor,) = race([Child(target, "benchmarks.replay_floor", database, target, batch)])
    return {"asked": asked, "seconds": told["seconds"], "batch": batch, "floor": floor}
