"""``preview``: a changed revision of every source tried on a whole digested history, against reading the same rows."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import scratch
from benchmarks.children import Child, race
from benchmarks.history import settle
from benchmarks.ingest import FIRST_BATCH, run
from benchmarks.seeding import seed
from benchmarks.sizes import Sizes

DONE = "bench_preview"


def measure(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """The ``preview`` line; raises RuntimeError where the preview tried other events than the floor read."""
    file = folder / "previewed"
    seed(DONE, sizes.replay_messages, file)
    run(DONE, file, workers=1, batch=FIRST_BATCH)
    with scratch.connect(DONE) as connection:
        settle(connection)
    (told,) = race([Child(DONE, "benchmarks.try_drafts", sizes.replay_rounds)])
    scratch.drop(DONE)
    rounds = told["rounds"]
    if any(each["read"] != told["events"] for each in rounds):
        raise RuntimeError("What was tried is not what was read.")
    yield {
        "name": "preview",
        "per_second": round(told["events"] / median(each["seconds"] for each in rounds)),
        "floor": round(told["events"] / median(each["floor"] for each in rounds)),
        "ratio": round(median(each["floor"] / each["seconds"] for each in rounds), 3),
        "workers": 1,
        "appointments": told["appointments"],
        "events": told["events"],
        "changed": told["changed"],
        "peak_mb": told["peak_mb"],
        "rounds": sizes.replay_rounds,
    }
