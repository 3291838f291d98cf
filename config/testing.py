"""A pytest plugin: tests find servers of their own, never those of a running desk.

Without DATABASE_URL an embedded PostgreSQL starts in `.data-test` beside the checkout's
files (TEST_DATA_DIR elsewhere) and stops with the run when the run started it. Redis is
always the test folder's own unless TEST_REDIS_URL names one, since tests empty it.
"""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest

from config.launcher.environment import apply_addresses
from config.launcher.options import CHECKOUT, Options, read_options
from config.launcher.problems import LaunchError
from config.launcher.servers import ensure_servers, hold_servers, stop_servers


def options_for_tests(environ: Mapping[str, str]) -> Options:
    """The launcher's options for a test run."""
    data_dir = Path(environ.get("TEST_DATA_DIR") or CHECKOUT / ".data-test").absolute()
    return replace(read_options(environ), data_dir=data_dir, redis_url=environ.get("TEST_REDIS_URL") or None)


def is_external(options: Options) -> bool:
    """Whether the environment names both servers, so that none of ours is needed."""
    return options.database_url is not None and options.redis_url is not None


def point_django(options: Options) -> None:
    """Start what is missing and set the addresses that settings will read, as the schema's owner."""
    os.environ.pop("REDIS_URL", None)
    if is_external(options):
        os.environ["REDIS_URL"] = str(options.redis_url)
        return
    found = ensure_servers(options)
    apply_addresses(found, os.environ)
    os.environ["DATABASE_URL"] = found.owner_url


def redis_database(url: str, number: int) -> str:
    """The same Redis, another of its databases, so that parallel tests can empty theirs."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts._replace(query=f"db={number}").geturl()
    return parts._replace(path=f"/{number}").geturl()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Run before pytest-django reads the settings; workers of xdist inherit what their parent prepared."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ["REDIS_URL"] = redis_database(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) % 16)
        return
    options = options_for_tests(os.environ)
    try:
        if not is_external(options):
            early_config.stash[USE] = hold_servers(options.data_dir)
            early_config.stash[OPTIONS] = options
        point_django(options)
    except LaunchError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the test servers unless another run still uses them."""
    if OPTIONS not in config.stash:
        return
    config.stash[USE].close()
    with contextlib.suppress(LaunchError):
        stop_servers(config.stash[OPTIONS], only_if_unused=True)


OPTIONS = pytest.StashKey[Options]()
USE = pytest.StashKey[IO[str]]()
