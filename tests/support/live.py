"""A whole desk in processes and servers of its own, as `make run` starts it, to be killed and watched from outside."""

import json
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from config.launcher.options import CHECKOUT, Options, read_options
from config.launcher.places import find_places
from config.launcher.postgres import postmaster_pid
from config.launcher.servers import Addresses, delete_data, ensure_servers

# What a process of the desk has in its command line.
KINDS = {"web": "gunicorn", "worker": "rqworker", "mllp": "manage.py mllp"}
CALM = "calm"
KEEPER = "config.launcher.keep"  # starts them again, as a service manager would


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class LiveDesk:
    """A desk under its supervisor; ``found`` are the addresses of its own PostgreSQL and Redis."""

    options: Options
    found: Addresses
    process: subprocess.Popen[bytes] | None = None
    killed: list[str] = field(default_factory=list)

    @property
    def output(self) -> Path:
        """What the desk prints."""
        return self.options.data_dir.parent / "output"

    def environ(self, database: str | None = None) -> dict[str, str]:
        """The environment of its processes; ``database`` names another one than the desk's own."""
        owner = self.found.owner_url
        named = {
            "DATA_DIR": str(self.options.data_dir),
            "PORT": str(self.options.port),
            "MLLP_PORT": str(self.options.mllp_port),
            "DEMO": "0",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        if database is not None:
            named["DATABASE_URL"] = named["DATABASE_OWNER_URL"] = f"{owner.rpartition('/')[0]}/{database}"
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return kept | named

    def start(self) -> None:
        """Start the supervisor and wait for /readyz."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.launcher", "run"],
                cwd=CHECKOUT, env=self.environ(), stdout=output, stderr=output,
            )  # fmt: skip
        self.wait_ready()

    def wait_ready(self, seconds: float = 120) -> None:
        """Wait until the web process answers that all is well."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.options.port}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"The desk is not ready: {self.output.read_text()[-3000:]}")

    def stop(self) -> None:
        """End the desk as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    def pids(self, kind: str) -> list[int]:
        """The processes of one kind that belong to this desk, their supervisor's aside."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    mine = f"DATA_DIR={self.options.data_dir}".encode() in (folder / "environ").read_bytes()
                except OSError:
                    continue
                if mine and KINDS[kind] in line and "sh -c" not in line and KEEPER not in line:
                    found.append(int(folder.name))
        return sorted(found)

    def kill(self, kind: str, which: int) -> None:
        """End one process of a kind as a power cut would."""
        pids = self.pids(kind)
        if pids:
            os.kill(pids[which % len(pids)], signal.SIGKILL)
            self.killed.append(kind)

    def restart_postgres(self) -> None:
        """Stop PostgreSQL under everybody's feet; who needs it starts it again."""
        pid = postmaster_pid(find_places(self.options.data_dir))
        assert pid is not None
        os.kill(pid, signal.SIGINT)
        self.killed.append("postgres")

    def empty_redis(self) -> None:
        """Forget everything that Redis knows."""
        Redis.from_url(self.found.redis_url).flushall()
        self.killed.append("redis")

    def run(self, *command: str, database: str | None = None) -> str:
        """Run a program of the desk to its end and return what it prints."""
        done = subprocess.run(
            [sys.executable, *command], cwd=CHECKOUT, env=self.environ(database), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def ask(self, *verb: str, database: str | None = None) -> str:
        """Run one verb of ``tests.support.inside``."""
        environ = self.environ(database)
        url = environ.get("DATABASE_URL", self.found.owner_url)
        environ |= {"DATABASE_URL": url, "REDIS_URL": self.found.redis_url, "SECRET_KEY": self.found.secret_key}
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.inside", *verb], cwd=CHECKOUT, env=environ, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def load(self, since: datetime) -> dict[str, str]:
        """Make the tables and set the simulated group up; returns each feed's token.

        A copy of the database as it is now is kept for ``undisturbed``.
        """
        self.run("manage.py", "migrate", "--verbosity", "0")
        tokens: dict[str, str] = json.loads(self.ask("load", since.isoformat()))
        with psycopg.connect(f"{self.found.owner_url.rpartition('/')[0]}/postgres", autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {CALM} TEMPLATE {self.found.owner_url.rpartition('/')[2]}")
        return tokens

    def shown(self, now: datetime, database: str | None = None) -> tuple[Any, ...]:
        """What the desk shows, as ``tests.support.inside.Shown`` has it."""
        path = self.options.data_dir.parent / "shown"
        self.ask("show", str(path), now.isoformat(), database=database)
        shown: tuple[Any, ...] = pickle.loads(path.read_bytes())
        return shown

    def waiting(self) -> int:
        """How many messages wait."""
        with psycopg.connect(self.found.owner_url) as owner:
            row = owner.execute("SELECT count(*) FROM scheduling_waiting").fetchone()
        return int(row[0]) if row else 0

    def wait_digested(self, seconds: float) -> None:
        """Wait until nothing waits."""
        ends = time.monotonic() + seconds
        while self.waiting():
            assert time.monotonic() < ends, f"{self.waiting()} still wait. {self.output.read_text()[-3000:]}"
            time.sleep(0.3)

    def undisturbed(self, bodies: list[tuple[str, bytes]], now: datetime) -> tuple[Any, ...]:
        """What a desk shows that began as this one and took the same in peace: another database of the same server."""
        path = self.options.data_dir.parent / "bodies"
        path.write_bytes(pickle.dumps(bodies))
        self.ask("take", str(path), database=CALM)
        return self.shown(now, database=CALM)


@contextmanager
def live_desk() -> Iterator[LiveDesk]:
    """A desk with servers, ports and a folder of its own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="desk-test-"))
    folder.chmod(0o755)
    options = replace(read_options({}), data_dir=folder / "data", port=free_port(), mllp_port=free_port())
    desk = LiveDesk(options, ensure_servers(options))
    try:
        yield desk
    finally:
        desk.stop()
        delete_data(options)
        shutil.rmtree(folder)


def utc_now() -> datetime:
    """The real moment."""
    return datetime.now(UTC)
