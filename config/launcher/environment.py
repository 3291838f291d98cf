"""Point Django at the embedded servers when the environment names no others."""

import os
import sys
from collections.abc import MutableMapping, Sequence
from typing import IO

from config.launcher.options import read_options
from config.launcher.problems import LaunchError
from config.launcher.servers import Addresses, ensure_servers, hold_servers

# These change the schema or make databases, which only the owner may.
OWNER_COMMANDS = frozenset({"desk_prepare", "migrate", "makemigrations", "sqlmigrate", "test", "flush", "sqlflush"})
# These need no server, or must not start the one they stop.
OFFLINE_COMMANDS = frozenset({"", "help", "--help", "-h", "version", "--version", "desk_stop", "collectstatic"})

_held: list[IO[str]] = []


def prepare_command(argv: Sequence[str], environ: MutableMapping[str, str] = os.environ) -> None:
    """Set DATABASE_URL, REDIS_URL and SECRET_KEY for a management command, starting servers that are down.

    The servers stay up until this process ends and longer: only `make run`, `make stop`
    and `manage.py desk_stop` stop them. Ends the process with one sentence when they cannot be had.
    """
    command = argv[1] if len(argv) > 1 else ""
    if command in OFFLINE_COMMANDS or "--help" in argv:
        return
    try:
        options = read_options(environ)
        if options.database_url is None or options.redis_url is None:
            _held.append(hold_servers(options.data_dir))
            apply_addresses(ensure_servers(options), environ)
    except LaunchError as error:
        sys.exit(str(error))
    if command in OWNER_COMMANDS and environ.get("DATABASE_OWNER_URL"):
        environ["DATABASE_URL"] = environ["DATABASE_OWNER_URL"]


def apply_addresses(found: Addresses, environ: MutableMapping[str, str]) -> None:
    """Fill in what the environment leaves open."""
    environ.setdefault("DATABASE_URL", found.database_url)
    environ.setdefault("DATABASE_OWNER_URL", found.owner_url)
    environ.setdefault("REDIS_URL", found.redis_url)
    environ.setdefault("SECRET_KEY", found.secret_key)
