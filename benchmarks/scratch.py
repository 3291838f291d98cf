"""Scratch databases on the server that ``DATABASE_URL`` names; each benchmark works in a copy of a filled template."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

PREFIX = "bench_"


def url_of(database: str) -> str:
    """The address of a database on the same server, as the same role."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def environment_of(database: str) -> dict[str, str]:
    """The environment in which a child process works on ``database``."""
    return {**os.environ, "DATABASE_URL": url_of(database), "DATABASE_OWNER_URL": url_of(database)}


def manage(database: str, *arguments: str) -> None:
    """Run a management command on a scratch database."""
    subprocess.run(
        [sys.executable, "manage.py", *arguments], env=environment_of(database), check=True, stdout=subprocess.DEVNULL
    )


def connect(database: str) -> psycopg.Connection[tuple[object, ...]]:
    """A plain connection that commits each statement."""
    return psycopg.connect(url_of(database), autocommit=True)


def drop(database: str) -> None:
    """Drop a scratch database, whoever is connected.

    Only the plain statement may send an autovacuum worker away, and only the other one what a broken run left behind.
    """
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database))
    with connect("postgres") as server:
        try:
            server.execute(statement)
        except psycopg.errors.ObjectInUse:
            server.execute(statement + sql.SQL(" WITH (FORCE)"))


def create(database: str, template: str = "template1") -> None:
    """Create a scratch database anew, empty or as a copy; what it copies is on disk before and after."""
    drop(database)
    with connect("postgres") as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )


@contextmanager
def copy_of(template: str, name: str) -> Iterator[str]:
    """A throw-away copy of a filled template."""
    create(name, template)
    try:
        yield name
    finally:
        drop(name)
