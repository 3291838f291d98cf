"""``intake``: 50 senders that wait for each acknowledgement, over TCP, into a real listener with durable commits."""

import asyncio
import os
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import deliveries, scratch
from benchmarks.children import command_of
from benchmarks.seeding import seed
from benchmarks.sizes import Sizes

READY, RUN = "bench_listen", "bench_listening"
CONNECTIONS = 50
SHARE_OVER_MLLP = 0.3  # of what the simulated sources send, at least
START, END = b"\x0b", b"\x1c\r"
ACCEPTED = (b"MSA|AA|", b"MSA|CA|")


def measure(sizes: Sizes, folder: Path) -> Iterator[dict[str, Any]]:
    """The ``intake`` line; its floor is the same listener with one commit a message."""
    bodies = _bodies(sizes.intake_messages, folder / "sent")
    runs = [(_run(bodies, None), _run(bodies[: len(bodies) // 4], 1)) for _ in range(sizes.intake_rounds)]
    ours, floors = [ours for ours, _ in runs], [floor for _, floor in runs]
    answers = sorted(seconds for one in ours for seconds in one.waits)
    yield {
        "name": "intake",
        "per_second": round(statistics.median(one.rate for one in ours)),
        "floor": round(statistics.median(one.rate for one in floors)),
        "ratio": round(statistics.median(one.rate / floor.rate for one, floor in runs), 3),
        "floor_is": "the same listener, one commit a message",
        "workers": 1,
        "connections": CONNECTIONS,
        "messages": len(bodies),
        "batch": round(statistics.median(one.messages_a_commit for one in ours), 1),
        "rounds": sizes.intake_rounds,
        "p50_ms": round(1000 * answers[len(answers) // 2], 1),
        "p99_ms": round(1000 * answers[len(answers) * 99 // 100], 1),
    }
    scratch.drop(READY)


class Sent:
    """What one run saw: messages, seconds in all, seconds each sender waited for an answer, commits."""

    def __init__(self, seconds: float, waits: Sequence[float], commits: int) -> None:
        self.seconds, self.waits, self.commits = seconds, waits, commits

    @property
    def rate(self) -> float:
        """Acknowledged messages a second."""
        return len(self.waits) / self.seconds

    @property
    def messages_a_commit(self) -> float:
        """How many messages shared a commit."""
        return len(self.waits) / max(1, self.commits)


def _bodies(wanted: int, file: Path) -> list[bytes]:
    """Messages of the group's source that speaks MLLP."""
    seed(READY, round(wanted / SHARE_OVER_MLLP), file)
    with scratch.connect(READY) as connection:
        keys = {key for (key,) in connection.execute("SELECT key FROM scheduling_feed WHERE transport = 'mllp'")}
    return [body for key, body, _ in deliveries.read(file) if key in keys][:wanted]


def _run(bodies: Sequence[bytes], members: int | None) -> Sent:
    """Send everything to a listener of its own."""
    with scratch.copy_of(READY, RUN) as database, _listener(database, members) as port:
        before = _commits(database)
        started = time.perf_counter()
        waits = asyncio.run(_send_all(port, bodies))
        seconds = time.perf_counter() - started
        with scratch.connect(database) as connection:
            (stored,) = connection.execute("SELECT count(*) FROM scheduling_message").fetchone() or (0,)
        if stored != len(bodies):
            raise RuntimeError(f"{len(bodies)} messages were acknowledged and {stored} stored.")
        return Sent(seconds, waits, _commits(database) - before)


def _commits(database: str) -> int:
    """How many transactions wrote a message so far: each gave all its rows one transaction id."""
    with scratch.connect(database) as connection:
        query = "SELECT count(DISTINCT xmin::text) FROM scheduling_message"
        (found,) = connection.execute(query).fetchone() or (0,)
    return int(str(found))


@contextmanager
def _listener(database: str, members: int | None) -> Iterator[int]:
    port = _free_port()
    command = command_of("benchmarks.listener", port, *([members] if members else []))
    process = subprocess.Popen(command, env=scratch.environment_of(database), stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or "Listening" not in process.stdout.readline():
            raise RuntimeError("The listener did not start.")
        yield port
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def _send_all(port: int, bodies: Sequence[bytes]) -> list[float]:
    """All messages, each sender taking every fiftieth; seconds from each message to its acknowledgement."""
    shares = [bodies[number::CONNECTIONS] for number in range(CONNECTIONS)]
    waits = await asyncio.gather(*(_send(port, share) for share in shares))
    return [seconds for share in waits for seconds in share]


async def _send(port: int, bodies: Sequence[bytes]) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits = []
    for body in bodies:
        started = time.perf_counter()
        writer.write(START + body + END)
        answer = await reader.readuntil(END)
        if not any(word in answer for word in ACCEPTED):
            raise RuntimeError("A message was not accepted.")
        waits.append(time.perf_counter() - started)
    writer.close()
    await writer.wait_closed()
    return waits
