"""Keep one process of the desk alive: start it again when it dies, end it when asked to.

A program of its own that imports nothing but the standard library: every process of the
desk has one above it, and each import would delay the start of them all.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
# A process that lived this long was healthy; its next start is not held back.
HEALTHY_SECONDS = 30.0


def keep(command: Sequence[str]) -> int:
    """Run the command until SIGTERM or SIGINT, starting it again after every other end; returns 0."""
    stop = threading.Event()
    child: subprocess.Popen[bytes] | None = None

    def end(number: int, _frame: FrameType | None) -> None:
        stop.set()
        if child is not None:
            child.send_signal(number)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    delay = FIRST_DELAY
    while not stop.is_set():
        started_at = time.monotonic()
        child = subprocess.Popen(command)
        if stop.is_set():  # asked while it was being started, when there was nobody to pass the signal on to
            child.terminate()
        status = child.wait()
        if stop.is_set():
            break
        delay = next_delay(delay, lived=time.monotonic() - started_at)
        print(f"ended with status {status}; starts again in {delay:g} s", file=sys.stderr, flush=True)
        stop.wait(delay)
    return 0


def next_delay(delay: float, *, lived: float) -> float:
    """Seconds to wait before the next start: doubled while the process dies young."""
    return FIRST_DELAY if lived >= HEALTHY_SECONDS else min(delay * 2, LONGEST_DELAY)


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1:]))
