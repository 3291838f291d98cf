"""``python -m benchmarks [NAME...]``: measure, one JSON object a line; docs/benchmarks.md says what each line means."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import growth, hl7_reader, inbox, ingest, intake, pages, preview, replay
from benchmarks.servers import server_facts, servers
from benchmarks.sizes import Sizes, chosen

Measure = Callable[[Sizes, Path], Iterator[dict[str, Any]]]
BENCHMARKS: dict[str, Measure] = {
    "read_hl7": hl7_reader.measure,
    "ingest": ingest.measure,
    "ingest_growth": growth.measure,
    "preview": preview.measure,
    "replay": replay.measure,
    "intake": intake.measure,
    "pages": pages.measure,
    "inbox": inbox.measure,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all without a name; returns the exit status."""
    if unknown := set(names) - set(BENCHMARKS):
        print(
            f"No benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr
        )
        return 2
    sizes = chosen()
    with servers(), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        facts = server_facts()
        for name in names or BENCHMARKS:
            started = time.perf_counter()
            for line in BENCHMARKS[name](sizes, Path(folder)):
                print(json.dumps(line | facts), flush=True)
            print(f"{name} took {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
