"""How much each benchmark does: ``QUICK=1`` for under three minutes, ``BENCH_SIZE=smallest`` to test the tools."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Messages, rows, rounds and repetitions of one run."""

    ingest_messages: int
    ingest_rounds: int
    history_events: int
    history_copies: int
    growth_messages: int
    growth_rounds: int
    replay_messages: int
    replay_rounds: int
    hl7_messages: int
    hl7_rounds: int
    intake_messages: int
    intake_rounds: int
    appointments: int
    open_items: int
    exceptions: int
    open_exceptions: int
    page_repeats: int


FULL = Sizes(
    ingest_messages=100_000,
    ingest_rounds=3,
    history_events=20_000,
    history_copies=100,
    growth_messages=3_000,
    growth_rounds=5,
    replay_messages=50_000,
    replay_rounds=3,
    hl7_messages=20_000,
    hl7_rounds=7,
    intake_messages=20_000,
    intake_rounds=3,
    appointments=1_000_000,
    open_items=50_000,
    exceptions=2_000,
    open_exceptions=200_000,
    page_repeats=30,
)
QUICK = Sizes(
    ingest_messages=15_000,
    ingest_rounds=2,
    history_events=10_000,
    history_copies=20,
    growth_messages=1_500,
    growth_rounds=3,
    replay_messages=15_000,
    replay_rounds=2,
    hl7_messages=4_000,
    hl7_rounds=5,
    intake_messages=4_000,
    intake_rounds=2,
    appointments=200_000,
    open_items=20_000,
    exceptions=2_000,
    open_exceptions=200_000,
    page_repeats=20,
)
SMALLEST = Sizes(
    ingest_messages=600,
    ingest_rounds=1,
    history_events=300,
    history_copies=3,
    growth_messages=200,
    growth_rounds=1,
    replay_messages=600,
    replay_rounds=1,
    hl7_messages=200,
    hl7_rounds=1,
    intake_messages=200,
    intake_rounds=1,
    appointments=2_000,
    open_items=200,
    exceptions=60,
    open_exceptions=1_200,
    page_repeats=2,
)
NAMED = {"full": FULL, "quick": QUICK, "smallest": SMALLEST}


def chosen() -> Sizes:
    """The sizes the environment asks for; raises KeyError for a ``BENCH_SIZE`` there is not."""
    is_quick = os.environ.get("QUICK", "") not in ("", "0")
    return NAMED[os.environ.get("BENCH_SIZE") or ("quick" if is_quick else "full")]
