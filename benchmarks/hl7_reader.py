"""``read_hl7``: how fast HL7 v2 is read with every field used, against plain splitting and python-hl7, in one run.

Rates are messages per second of process time on one core, so that neighbours disturb less; believe the ratios. The
reader keeps what repeats (`scheduling.readers.keeping`), and every round reads the same messages: ``per_second`` is for
patients and visits it knows, ``first_per_second`` for a worker that has just started and meets each one anew.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hl7

from benchmarks.messages import generate
from benchmarks.sizes import Sizes
from scheduling.facts import ReaderContext, Reading
from scheduling.readers.hl7.peek import peek
from scheduling.readers.hl7.reader import read

CONTEXT = ReaderContext(ZoneInfo("America/Denver"))
MOST_FOR_PYTHON_HL7 = 1_000  # it is slow, and its rate does not depend on how many


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


def measure(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """The ``read_hl7`` line: interleaved rounds, medians."""
    bodies = generate(sizes.hl7_messages)
    gc.collect()
    gc.freeze()
    gc.disable()
    first = rate(read_typed, bodies)
    rounds = [
        {
            "read": rate(read_typed, bodies),
            "split": rate(split_only, bodies),
            "peek": rate(peek, bodies),
            "python-hl7": rate(read_with_python_hl7, bodies[:MOST_FOR_PYTHON_HL7]),
        }
        for _ in range(sizes.hl7_rounds)
    ]
    gc.enable()
    gc.unfreeze()
    median = {name: statistics.median(found[name] for found in rounds) for name in rounds[0]}
    yield {
        "name": "read_hl7",
        "per_second": round(median["read"]),
        "first_per_second": round(first),
        "floor": round(median["split"]),
        "ratio": round(statistics.median(found["read"] / found["split"] for found in rounds), 3),
        "python_hl7_per_second": round(median["python-hl7"]),
        "times_python_hl7": round(statistics.median(found["read"] / found["python-hl7"] for found in rounds), 1),
        "peek_per_second": round(median["peek"]),
        "workers": 1,
        "messages": len(bodies),
        "rounds": sizes.hl7_rounds,
    }
