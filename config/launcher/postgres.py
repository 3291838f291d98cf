"""The embedded PostgreSQL: make it, start it, find it running, stop it."""

import contextlib
import shutil
import signal
import time
from urllib.parse import quote

import psycopg

from config.launcher import postgres_roles as roles
from config.launcher.keys import Keys, write_private
from config.launcher.places import Places
from config.launcher.postgres_conf import write_configuration
from config.launcher.postgres_programs import Programs, find_programs
from config.launcher.problems import LaunchError
from config.launcher.processes import (
    POLL_SECONDS,
    command_line,
    last_line,
    run_as,
    send_signal,
    start_server,
    wait_until,
)

# Replaying what a crash left in the log may take minutes; a server that ends at once is not tried for long.
START_SECONDS = 300
RETRY_SECONDS = 10
STOP_SECONDS = 30
PORT = 5432


def postgres_url(places: Places, role: str, password: str, database: str = roles.DATABASE) -> str:
    """The address of the embedded server for one role, its socket folder percent-encoded as libpq wants it."""
    return f"postgresql://{role}:{password}@{quote(str(places.sockets), safe='')}/{database}"


def is_postgres_up(places: Places, keys: Keys) -> bool:
    """Whether the desk's database lets its owner in."""
    return can_connect(postgres_url(places, roles.OWNER, keys.owner))


def can_connect(url: str) -> bool:
    """Whether a connection succeeds; a server that still recovers says no."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def start_postgres(places: Places, keys: Keys) -> None:
    """Bring PostgreSQL up with its roles and database; callers hold the launcher's lock."""
    programs = find_programs(places)
    if not (places.postgres / "PG_VERSION").exists():
        create_cluster(places, keys, programs)
    write_configuration(places)
    # One that lets nobody in is starting, which is waited for, or stopping, after which another is started.
    if not wait_until(lambda: is_settled(places, keys), seconds=START_SECONDS):
        raise LaunchError(f"PostgreSQL runs on {places.postgres} but lets nobody in; its log is in that folder.")
    if not is_postmaster(places, postmaster_pid(places)):
        remove_stale_lock(places)
        start_postmaster(places, keys, programs)
    with psycopg.connect(superuser_url(places, keys), autocommit=True) as connection:
        roles.create_roles(connection, keys)
        roles.create_database(connection)


def is_settled(places: Places, keys: Keys) -> bool:
    """Whether there is no server, or one that takes connections; False while one starts or stops."""
    return not is_postmaster(places, postmaster_pid(places)) or can_connect(superuser_url(places, keys))


def superuser_url(places: Places, keys: Keys) -> str:
    """The address that only the launcher uses; template1 because what is granted there is copied into new databases."""
    return postgres_url(places, roles.SUPERUSER, keys.superuser, "template1")


def create_cluster(places: Places, keys: Keys, programs: Programs) -> None:
    """Run initdb in a draft folder and rename it, so that an interrupted first start leaves nothing half made."""
    draft = places.home / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    places.user.give(draft)
    password = places.home / "initdb-password"
    write_private(password, keys.superuser)
    places.user.give(password)
    try:
        run_as(
            [programs.path("initdb"), "--pgdata", str(draft), *initdb_options(programs), "--pwfile", str(password)],
            user=places.user,
            purpose="Creating the PostgreSQL data folder",
        )
    finally:
        password.unlink()
    draft.rename(places.postgres)


def initdb_options(programs: Programs) -> list[str]:
    """Passwords for all; sort by code point, with Unicode rules for case: no library update can corrupt an index."""
    options = ["--username", roles.SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--data-checksums"]
    options += ["--locale", "C"]
    if programs.major >= 17:
        options += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    return options


def start_postmaster(places: Places, keys: Keys, programs: Programs) -> None:
    """Start the server and wait until it takes connections.

    Tried more than once: after a kill -9 the old server's children hold its shared
    memory for a moment, and a new server refuses to start beside them.
    """
    log = places.data_dir / "postgres-start.log"
    command = [programs.path("postgres"), "-D", str(places.postgres)]
    started_at = time.monotonic()
    while time.monotonic() < started_at + RETRY_SECONDS:
        server = start_server(command, user=places.user, log=log)
        while server.poll() is None and time.monotonic() < started_at + START_SECONDS:
            if can_connect(superuser_url(places, keys)):
                return
            time.sleep(POLL_SECONDS)
        time.sleep(0.5)
    raise LaunchError(f"PostgreSQL did not start: {last_line(log)}")


def postmaster_pid(places: Places) -> int | None:
    """The process id in postmaster.pid, whoever has that id now."""
    try:
        return int((places.postgres / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def is_postmaster(places: Places, pid: int | None) -> bool:
    """Whether a process id belongs to our server; ids are given out again after a crash or in a new container."""
    return pid is not None and f"-D {places.postgres}" in command_line(pid)


def remove_stale_lock(places: Places) -> None:
    """Remove the lock files a killed server left behind; PostgreSQL itself would trust any process with its old id."""
    socket_lock = places.sockets / f".s.PGSQL.{PORT}.lock"
    for path in (places.postgres / "postmaster.pid", socket_lock):
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def stop_postgres(places: Places) -> bool:
    """Shut down fast but in order: clients are disconnected, everything is on disk. Says whether there was a server."""
    pid = postmaster_pid(places)
    if pid is None or not is_postmaster(places, pid):
        return False
    send_signal(pid, signal.SIGINT)
    if not wait_until(lambda: not is_postmaster(places, pid), seconds=STOP_SECONDS):
        raise LaunchError(f"PostgreSQL (process {pid}) did not stop within {STOP_SECONDS} s.")
    return True
