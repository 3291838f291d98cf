"""The servers of a run: embedded ones in a data folder of their own, apart from demonstration and tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.scratch import PREFIX, connect, drop
from config.launcher.keys import load_keys
from config.launcher.options import CHECKOUT, read_options
from config.launcher.places import find_places
from config.launcher.postgres import superuser_url
from config.launcher.postgres_roles import OWNER
from config.launcher.problems import LaunchError
from config.launcher.servers import ensure_servers, hold_servers, stop_servers


@contextmanager
def servers() -> Iterator[None]:
    """Start PostgreSQL and Redis in ``.data-bench`` (BENCH_DATA_DIR elsewhere), name them in the environment, stop.

    ``BENCH_DATABASE_URL`` names another server instead, as a role that may create databases; it must not be one that
    serves people. Whatever scratch databases a broken run left are dropped before and after.
    """
    data_dir = Path(os.environ.get("BENCH_DATA_DIR") or CHECKOUT / ".data-bench").absolute()
    asked = replace(read_options(os.environ), data_dir=data_dir, owner_url=None, redis_url=None)
    options = replace(asked, database_url=os.environ.get("BENCH_DATABASE_URL") or None)
    with hold_servers(data_dir) as held:
        found = ensure_servers(options)
        os.environ |= {
            "DATABASE_URL": found.owner_url,
            "DATABASE_OWNER_URL": found.owner_url,
            "REDIS_URL": found.redis_url,
            "SECRET_KEY": found.secret_key,
            "STATIC_ROOT": str(data_dir / "static"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
        }
        if options.database_url is None:
            _let_owner_checkpoint(data_dir)
        try:
            drop_scratch()
            yield
        finally:
            with suppress(psycopg.Error):
                drop_scratch()
            held.close()
            with suppress(LaunchError):
                stop_servers(options, only_if_unused=True)


def _let_owner_checkpoint(data_dir: Path) -> None:
    """Only then can a benchmark have everything written out before it measures."""
    places = find_places(data_dir)
    with psycopg.connect(superuser_url(places, load_keys(data_dir)), autocommit=True) as server:
        server.execute(sql.SQL("GRANT pg_checkpoint TO {}").format(sql.Identifier(OWNER)))


def drop_scratch() -> None:
    """Drop every scratch database there is."""
    with connect("postgres") as server:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        found = server.execute(query, (PREFIX,)).fetchall()
    for (name,) in found:
        drop(str(name))


def server_facts() -> dict[str, str]:
    """What the server says about itself that a figure depends on."""
    with connect("postgres") as server:
        return {
            name: str(server.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()[0])  # type: ignore[index]  # SHOW answers one row
            for name in ("fsync", "synchronous_commit")
        }
