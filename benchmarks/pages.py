"""``page_appointments``, ``page_exceptions``, ``page_queue``: first list pages of a desk with a million visits."""

import statistics
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
    """One line a page; ``ms`` is the median server time, ``floor`` that of a bare view of the same fifty rows."""
    seed(DATABASE, 1, folder / "unused")
    scratch.manage(DATABASE, "collectstatic", "--no-input")
    with scratch.connect(DATABASE) as connection:
        build(connection, sizes, datetime.now(UTC))
    (found,) = race([Child(DATABASE, "benchmarks.page_times", sizes.page_repeats)])
    for name, seen in found.items():
        pages, bares = zip(*seen["pairs"], strict=True)
        yield {
            "name": name,
            "ms": round(statistics.median(pages), 2),
            "floor": round(statistics.median(bares), 2),
            "ratio": round(statistics.median(page / bare for page, bare in seen["pairs"]), 2),
            "queries": seen["first_queries"],
            "queries_with_kept_counts": seen["queries"],
            "appointments": sizes.appointments,
            "open_items": sizes.open_items,
            "exceptions": sizes.exceptions,
            "repeats": sizes.page_repeats,
        }
    scratch.drop(DATABASE)
