"""The whole desk under its supervisor, as `make run` starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.launcher.options import CHECKOUT, Options
from config.launcher.places import find_places
from config.launcher.postgres import postmaster_pid

LAUNCHER = [sys.executable, "-m", "config.launcher", "run"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def environment(data_dir: Path, port: int) -> dict[str, str]:
    """A person's environment: none of the addresses that the test run itself uses."""
    named = {"DATA_DIR": str(data_dir), "PORT": str(port), "MLLP_PORT": str(free_port()), "DEMO": "0"}
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | named


@dataclass
class Desk:
    """A running desk: its supervisor, its port, the file it prints into."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait_ready(self, seconds: float) -> None:
        """Wait for /readyz."""
        started_at = time.monotonic()
        while not self.is_ready():
            assert time.monotonic() < started_at + seconds, self.output.read_text()[-3000:]
            time.sleep(0.1)

    def web_pids(self) -> list[int]:
        return [int(pid) for pid in re.findall(r"Listening at: \S+ \((\d+)\)", self.output.read_text())]


@contextmanager
def running_desk(options: Options) -> Iterator[Desk]:
    port = free_port()
    output = options.data_dir.parent / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            LAUNCHER, cwd=CHECKOUT, env=environment(options.data_dir, port), stdout=file, stderr=file
        )
    try:
        yield Desk(process, port, output)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def test_the_desk_starts_survives_kills_and_ends_cleanly(data_options):
    with running_desk(data_options) as desk:
        desk.wait_ready(seconds=90)
        os.kill(desk.web_pids()[0], signal.SIGKILL)
        postmaster = postmaster_pid(find_places(data_options.data_dir))
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        while len(desk.web_pids()) < 2:
            time.sleep(0.1)
        desk.wait_ready(seconds=30)

    assert desk.process.returncode == 0
    assert desk.output.read_text().endswith("Stopped Redis and PostgreSQL.\n")
    assert not desk.is_ready()

    with running_desk(data_options) as desk:
        desk.wait_ready(seconds=60)
        desk.process.send_signal(signal.SIGTERM)

        assert desk.process.wait(timeout=30) == 0


@pytest.mark.parametrize("name", ["PORT", "MLLP_PORT"])
def test_a_taken_port_is_one_sentence_and_starts_nothing(tmp_path, name):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environ = environment(tmp_path / "data", free_port()) | {name: str(port)}

        done = subprocess.run(LAUNCHER, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False)

    sentence = f"Port {port} is taken; stop what uses it or choose another with {name}={port + 1}.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
    assert list(tmp_path.iterdir()) == []
