"""Both embedded servers of a data folder as one thing that is up or down."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.launcher import postgres, redis_server
from config.launcher.keys import Keys, load_keys
from config.launcher.options import Options
from config.launcher.places import Places, create_data_dir, find_places
from config.launcher.postgres_roles import APP, OWNER
from config.launcher.problems import LaunchError

OWN_FILES = frozenset(
    {"keys.json", "launcher.lock", "in-use.lock", "postgres-start.log", "redis-start.log", "demo-is-seeded"}
)


@dataclass(frozen=True)
class Addresses:
    """Where the desk finds its stores: as the running desk, and as the owner of the schema."""

    database_url: str
    owner_url: str
    redis_url: str
    secret_key: str


def ensure_servers(options: Options) -> Addresses:
    """Return the addresses, starting whichever embedded server is needed and down."""
    places = find_places(options.data_dir)
    with launcher_lock(options.data_dir):
        keys = load_keys(options.data_dir)
        if options.database_url is None and not postgres.is_postgres_up(places, keys):
            postgres.start_postgres(places, keys)
        if options.redis_url is None and not redis_server.is_redis_up(places, keys):
            redis_server.start_redis(places, keys)
    return addresses(options, places, keys)


def addresses(options: Options, places: Places, keys: Keys) -> Addresses:
    """Prefer what the environment names; a database without an owner's address is used for everything."""
    return Addresses(
        database_url=options.database_url or postgres.postgres_url(places, APP, keys.app),
        owner_url=options.owner_url or options.database_url or postgres.postgres_url(places, OWNER, keys.owner),
        redis_url=options.redis_url or redis_server.redis_url(places, keys),
        secret_key=keys.secret_key,
    )


def stop_servers(options: Options, *, only_if_unused: bool) -> list[str]:
    """Stop the embedded servers and name them; with `only_if_unused` another command at work keeps them up."""
    if not (options.data_dir / "keys.json").exists():
        return []
    places = find_places(options.data_dir)
    with launcher_lock(options.data_dir):
        if only_if_unused and is_in_use(options.data_dir):
            raise LaunchError(
                "Another command still uses the embedded servers, so they stay up; `make stop` stops them."
            )
        stopped = {"Redis": redis_server.stop_redis(places), "PostgreSQL": postgres.stop_postgres(places)}
    return [name for name, was_up in stopped.items() if was_up]


def delete_data(options: Options) -> None:
    """Stop the embedded servers and remove everything the launcher made for this data folder."""
    if not (options.data_dir / "keys.json").exists():
        return
    stop_servers(options, only_if_unused=False)
    places = find_places(options.data_dir)
    own_folders = (places.postgres, places.redis, places.programs, places.sockets, options.data_dir / "static")
    for folder in own_folders:
        shutil.rmtree(folder, ignore_errors=True)
    for path in options.data_dir.iterdir():
        if path.name in OWN_FILES:
            path.unlink()
    for folder in {places.home, options.data_dir}:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def launcher_lock(data_dir: Path) -> Iterator[None]:
    """Let one launcher at a time start or stop servers; the lock goes with the process, however it ends."""
    with open_lock(data_dir / "launcher.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def hold_servers(data_dir: Path) -> IO[str]:
    """Keep others from stopping the servers while the returned file is open, normally the life of this process.

    Taken before the servers are looked for, so that they cannot go away in between.
    """
    create_data_dir(data_dir)
    lock = open_lock(data_dir / "in-use.lock")
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def is_in_use(data_dir: Path) -> bool:
    """Whether a process that announced itself is still alive."""
    with open_lock(data_dir / "in-use.lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def open_lock(path: Path) -> IO[str]:
    """Open a lock file that only its owner can open."""
    try:
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "w")
    except PermissionError as error:
        raise LaunchError(f"{path.parent} belongs to another user; choose your own with DATA_DIR=.") from error
