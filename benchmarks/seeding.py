"""Scratch databases with the schema, the organisation and, beside them, a file of what its sources send."""

import json
import subprocess
from pathlib import Path

from benchmarks import scratch
from benchmarks.children import command_of

SEED = 7


def migrated(database: str) -> None:
    """An empty database with the schema."""
    scratch.create(database)
    scratch.manage(database, "migrate")


def seed(database: str, messages: int, file: Path, seed: int = SEED) -> int:
    """A database with the organisation in it, and about ``messages`` simulated messages in ``file``; how many."""
    migrated(database)
    printed = subprocess.run(
        command_of("benchmarks.fill", messages, seed, file),
        env=scratch.environment_of(database),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return int(json.loads(printed)["messages"])
