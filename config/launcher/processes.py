"""Start and watch the servers' processes, which outlive the command that started them."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from config.launcher.identity import ServerUser
from config.launcher.problems import LaunchError

POLL_SECONDS = 0.05


def start_server(command: list[str], *, user: ServerUser, log: Path) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that the terminal's Ctrl-C does not reach it."""
    log.touch(mode=0o600)
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            umask=0o077,
            **user.popen_arguments,
        )


def run_as(command: list[str], *, user: ServerUser, purpose: str) -> None:
    """Run a short program as the server user; raises LaunchError with its last line when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **user.popen_arguments)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise LaunchError(f"{purpose} failed: {said[-1]}")


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll until the condition holds or the time is over; says which."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def command_line(pid: int) -> str:
    """The arguments of a living process joined by spaces, "" when it is gone or a zombie."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()


def send_signal(pid: int, number: signal.Signals) -> None:
    """Signal a process that may be gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise LaunchError("The embedded servers run as another user; stop them as that user.") from error


def last_line(log: Path) -> str:
    """The last thing a server wrote before it gave up."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing"
