"""The benchmarks themselves, at their smallest: every line is whole, and what cannot be right fails the run."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from benchmarks.sizes import FULL, QUICK, SMALLEST, chosen

KNOWN = "read_hl7, ingest, ingest_growth, preview, replay, intake, pages, inbox"


def run(*names: str, folder: str) -> list[dict[str, Any]]:
    """The lines that the named benchmarks print, on servers of their own."""
    hidden = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
    environ = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *names],
        cwd=settings.BASE_DIR,
        env=environ | {"BENCH_SIZE": "smallest", "BENCH_DATA_DIR": folder},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("environ", "sizes"),
    [
        ({}, FULL),
        ({"QUICK": "0"}, FULL),
        ({"QUICK": "1"}, QUICK),
        ({"QUICK": "1", "BENCH_SIZE": "smallest"}, SMALLEST),
    ],
    ids=["full", "not quick", "quick", "named"],
)
def test_sizes_follow_the_environment(environ, sizes, monkeypatch):
    for name in ("QUICK", "BENCH_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert chosen() == sizes


def test_unknown_benchmark_is_refused_with_the_names_there_are():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "ingets"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (
        2,
        f"No benchmark is called ingets; there are {KNOWN}.\n",
    )


@pytest.mark.parametrize(
    ("name", "workers"), [("read_hl7", [1]), pytest.param("ingest", [1, 2], marks=pytest.mark.soak)]
)
def test_lines_say_rate_floor_and_ratio(name, workers):
    lines = run(name, folder=str(settings.BASE_DIR / ".data-bench"))

    assert [(line["name"], line["workers"], line["fsync"]) for line in lines] == [(name, one, "on") for one in workers]
    for line in lines:
        assert line["per_second"] > 0
        assert line["floor"] > 0
        assert 0 < line["ratio"] < 1
