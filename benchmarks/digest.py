"""Digest a scratch database's inbox (child process): ``python -m benchmarks.digest NUMBER WORKERS``.

Prints ``ready``, waits for a line on standard input, then prints seconds and batches as one JSON object.
"""

import json
import sys
import time

import django

django.setup()

from config.digesting import Digester, freeze_imports  # noqa: E402


def main(number: int, workers: int) -> None:
    """Work the inbox off and say how long it took and how big batches were."""
    freeze_imports()
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.perf_counter()
    digester, messages, batches, idle = Digester(number=number, workers=workers), 0, 0, 0
    while idle < workers + 1:
        digested = digester.step()
        idle = idle + 1 if digested.is_idle else 0
        messages += len(digested.message_ids)
        batches += not digested.is_idle
        if not digested.is_idle:
            finished = time.perf_counter()
    print(json.dumps({"seconds": finished - started, "messages": messages, "batches": batches}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
