"""How fast HL7 v2 is read, against plain splitting and python-hl7, in one run: ``python -m benchmarks.hl7_reader``.

Rates are messages per second of process time on one core, so that neighbours disturb less; believe the ratios.
"""

import gc
import statistics
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import hl7

from benchmarks.messages import generate
from scheduling.facts import ReaderContext, Reading
from scheduling.readers.hl7.envelope import split
from scheduling.readers.hl7.peek import peek
from scheduling.readers.hl7.reader import read

ROUNDS = 7
CONTEXT = ReaderContext(ZoneInfo("America/Denver"))


def split_only(body: bytes) -> list[list[str]]:
    """The floor: segments and fields, and nothing understood."""
    return [line.split("|") for line in body.decode().replace("\n", "\r").split("\r")]


def read_typed(body: bytes) -> Reading:
    """Our reader, every field."""
    return read(body, CONTEXT)


def read_with_python_hl7(body: bytes) -> tuple[str, ...]:
    """The usual package, four fields as text."""
    message = hl7.parse(body.decode().replace("\n", "\r"))
    sch, pid = message.segment("SCH"), message.segment("PID")
    return str(sch[25]), str(sch[11]), str(pid[3]), str(pid[5])


def rate(work: Callable[[bytes], object], bodies: list[bytes]) -> float:
    """Messages per second of process time."""
    started = time.process_time()
    for body in bodies:
        work(body)
    return len(bodies) / (time.process_time() - started)


def main() -> None:
    """Measure in interleaved rounds and print medians beside the ratio to splitting."""
    bodies = generate(20_000)
    works: dict[str, Callable[[bytes], object]] = {
        "split only": split_only,
        "read": read_typed,
        "peek": peek,
        "envelope": split,
        "python-hl7": read_with_python_hl7,
    }
    gc.freeze()
    rounds = [
        {name: rate(work, bodies[:1_000] if name == "python-hl7" else bodies) for name, work in works.items()}
        for _ in range(ROUNDS)
    ]
    for name in works:
        median = statistics.median(found[name] for found in rounds)
        ratio = statistics.median(found[name] / found["split only"] for found in rounds)
        print(f"{name:12} {median:10,.0f}/s   {ratio:7.3f} of splitting")


if __name__ == "__main__":
    main()
