"""Digest a database's inbox (child process): ``benchmarks.digest NUMBER WORKERS [BATCH]``.

For each line on standard input, a number of messages or ``go`` for all, prints seconds, messages, refolds and batches
as one JSON object. ``BATCH`` holds the batch size still, which otherwise follows how long batches hold their locks.
"""

import json
import sys
import time
from collections.abc import Callable

from django.utils import timezone

from config.digesting import Digester, freeze_imports
from config.pipeline import Digested, digest_batch

Step = Callable[[int | None], Digested]  # told how many messages are left to take, None for all


def adaptive(number: int, workers: int) -> Step:
    """Digest as workers do; takes whole batches, whatever is left."""
    digester = Digester(number=number, workers=workers)
    return lambda _left: digester.step()


def fixed(batch: int) -> Step:
    """Digest batches of one size, the last one smaller."""
    return lambda left: digest_batch(now=timezone.now(), limit=min(batch, left or batch))


def work(step: Step, workers: int, wanted: int | None) -> dict[str, float]:
    """Digest ``wanted`` messages, or all; the clock stops with the last batch that held something."""
    started = finished = time.perf_counter()
    messages = refolds = batches = idle = 0
    while idle < 2 * workers + 1 and (wanted is None or messages < wanted):
        digested = step(None if wanted is None else wanted - messages)
        if digested.is_idle:
            idle += 1
            continue
        idle = 0
        messages += len(digested.message_ids)
        refolds += digested.refolds
        batches += 1
        finished = time.perf_counter()
    return {"seconds": finished - started, "messages": messages, "refolds": refolds, "batches": batches}


def main(number: int, workers: int, batch: int | None) -> None:
    """Answer each line with what was digested."""
    step = fixed(batch) if batch else adaptive(number, workers)
    freeze_imports()
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = None if line.strip() == "go" else int(line)
        print(json.dumps(work(step, workers, wanted)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
