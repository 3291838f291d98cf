"""Keeping a process alive, with real processes."""

import signal
import subprocess
import sys
import time

import pytest

from config.launcher.keep import FIRST_DELAY, HEALTHY_SECONDS, LONGEST_DELAY, next_delay
from config.launcher.options import CHECKOUT


@pytest.mark.parametrize(
    ("delay", "lived", "expected"),
    [
        (FIRST_DELAY, 0.1, 2 * FIRST_DELAY),
        (LONGEST_DELAY, 0.1, LONGEST_DELAY),
        (LONGEST_DELAY, HEALTHY_SECONDS, FIRST_DELAY),
        (4.0, HEALTHY_SECONDS - 0.1, 8.0),
    ],
    ids=["doubles", "is bounded", "is forgotten after a healthy life", "not a moment earlier"],
)
def test_the_delay_grows_while_the_process_dies_young(delay, lived, expected):
    assert next_delay(delay, lived=lived) == expected


def start_keeping(code: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "config.launcher.keep", sys.executable, "-u", "-c", code]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=CHECKOUT)


def next_line(kept: subprocess.Popen[str]) -> str:
    assert kept.stdout is not None
    return kept.stdout.readline()


def test_a_killed_process_is_started_again_and_a_signal_ends_both():
    kept = start_keeping("import os, time; print(os.getpid()); time.sleep(60)")
    first = int(next_line(kept))
    subprocess.run(["kill", "-9", str(first)], check=True)
    said = next_line(kept)
    second = int(next_line(kept))

    kept.send_signal(signal.SIGTERM)

    assert kept.wait(timeout=10) == 0
    assert first != second
    assert subprocess.run(["kill", "-0", str(second)], capture_output=True, check=False).returncode == 1
    assert said == "ended with status -9; starts again in 1 s\n"


def test_a_signal_during_the_wait_ends_it_at_once():
    kept = start_keeping("raise SystemExit(3)")
    said = next_line(kept)
    asked_at = time.monotonic()

    kept.send_signal(signal.SIGTERM)

    assert kept.wait(timeout=10) == 0
    assert time.monotonic() - asked_at < 0.8
    assert said == "ended with status 3; starts again in 1 s\n"
