"""``page_appointments``, ``page_exceptions``, ``page_queue``: first list pages of a desk with a million visits."""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import scratch
from benchmarks.children import Child, race
from benchmarks.page_data import build
from benchmarks.seeding import seed
from benchmarks.sizes import Sizes

DATABASE = "bench_pages"


def measure(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """One line a page; ``ms`` is the median server time, ``floor`` that of a bare view of the same fifty rows.

    ``queries`` and ``cold_ms`` are those of a first request, when nothing is kept; ``queries_open`` with a row open.
    """
    seed(DATABASE, 1, folder / "unused")
    scratch.manage(DATABASE, "collectstatic", "--no-input")
    started = time.perf_counter()
    with scratch.connect(DATABASE) as connection:
        build(connection, sizes, datetime.now(UTC))
    made = time.perf_counter() - started
    (found,) = race([Child(DATABASE, "benchmarks.page_times", sizes.page_repeats)])
    for name, seen in found.items():
        pages, bares = zip(*seen["pairs"], strict=True)
        yield {
            "name": name,
            "ms": round(statistics.median(pages), 2),
            "floor": round(statistics.median(bares), 2),
            "ratio": round(statistics.median(page / bare for page, bare in seen["pairs"]), 2),
            "cold_ms": round(statistics.median(seen["cold"]), 2),
            "cold_ratio": round(statistics.median(seen["cold"]) / statistics.median(bares), 2),
            "queries": seen["queries"],
            "queries_warm": seen["queries_warm"],
            "queries_open": seen["queries_open"],
            "making_seconds": round(made),
            "appointments": sizes.appointments,
            "open_items": sizes.open_items,
            "exceptions": sizes.exceptions,
            "repeats": sizes.page_repeats,
        }
    scratch.drop(DATABASE)
