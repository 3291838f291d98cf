"""Digest a database's inbox (child process): ``python -m benchmarks.digest NUMBER WORKERS [BATCH]``.

For each line on standard input, a number of messages to stop at or ``all``, prints seconds, messages and batches as
one JSON object. ``BATCH`` holds the batch size still, which otherwise follows how long batches take.
"""

import json
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from config.digesting import Digester, freeze_imports  # noqa: E402
from config.pipeline import Digested, digest_batch  # noqa: E402


class FixedDigester(Digester):
    """A digester whose batch size stays."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self._batch = batch

    def step(self) -> Digested:
        """Digest one batch of the fixed size."""
        return digest_batch(now=timezone.now(), limit=self._batch)


def work(digester: Digester, workers: int, wanted: int | None) -> dict[str, float]:
    """Digest about ``wanted`` messages, or all; the clock stops with the last batch that held something."""
    started = finished = time.perf_counter()
    messages = batches = idle = 0
    while idle < workers + 1 and (wanted is None or messages < wanted):
        digested = digester.step()
        if digested.is_idle:
            idle += 1
            continue
        idle = 0
        messages += len(digested.message_ids)
        batches += 1
        finished = time.perf_counter()
    return {"seconds": finished - started, "messages": messages, "batches": batches}


def main(number: int, workers: int, batch: int | None) -> None:
    """Answer each line with what was digested."""
    digester = FixedDigester(batch) if batch else Digester(number=number, workers=workers)
    freeze_imports()
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = None if line.strip() in ("all", "go") else int(line)
        print(json.dumps(work(digester, workers, wanted)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
