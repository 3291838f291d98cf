"""What has to happen from time to time, and the guard that lets one process at a time do it.

Cron only says "look now". Each function decides by itself, from rows in PostgreSQL, what
is due, so a tick that comes twice, late or not at all changes nothing but the moment.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import structlog
from django.db import connection
from django.utils import timezone

from accounts.models.sessions import DeskSession
from accounts.services.throttling import forget_failures
from config.digesting import sweep_waiting
from exceptions.services.end_mutes import end_mutes
from launch.services.previews import take_up_previews
from recovery.services.expire_items import expire_items
from scheduling.services.extracts import finish_extracts
from scheduling.services.replays import finish_replays

log = structlog.get_logger(__name__)


class Tick(NamedTuple):
    """A function of one moment (UTC), how often to call it, and the queue that carries the call."""

    name: str
    function: Callable[[datetime], object]
    every_seconds: int
    queue: str = "default"


def conclude_extracts(now: datetime) -> None:
    """Conclude what vanished from full extracts that are digested."""
    finish_extracts(now=now)


def conclude_replays(now: datetime) -> None:
    """Conclude replays of which nothing remains, should the worker that did the last of it have died first."""
    finish_replays(now=now)


def expire_items_at(now: datetime) -> None:
    """Close the queue items whose time is over at `now`."""
    expire_items(now)


def clear_sessions(now: datetime) -> None:
    """Delete the sessions that ended before `now`, and the failed sign-ins that no longer count."""
    DeskSession.objects.filter(expire_date__lt=now).delete()
    forget_failures(now=now)


TICKS: tuple[Tick, ...] = (
    Tick("sweep_waiting", sweep_waiting, every_seconds=2),
    Tick("finish_extracts", conclude_extracts, every_seconds=30),
    Tick("finish_replays", conclude_replays, every_seconds=30),
    Tick("take_up_previews", take_up_previews, every_seconds=30),
    Tick("expire_items", expire_items_at, every_seconds=30),
    Tick("end_mutes", end_mutes, every_seconds=30),
    Tick("clear_sessions", clear_sessions, every_seconds=3600),
)


def run_tick(name: str) -> None:
    """Call one tick's function with the present moment, unless another process is at it. An unknown name is logged."""
    tick = next((tick for tick in TICKS if tick.name == name), None)
    if tick is None:
        log.warning("unknown tick", tick=name)
        return
    with advisory_lock(f"tick:{name}") as is_ours:
        if is_ours:
            tick.function(timezone.now())


@contextmanager
def advisory_lock(name: str) -> Iterator[bool]:
    """Try PostgreSQL's session lock for a name; yields whether we got it. Gone with the connection at the latest."""
    key = lock_key(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        is_ours = bool(cursor.fetchone()[0])
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def lock_key(name: str) -> int:
    """A name as the signed 64-bit number that PostgreSQL's advisory locks take."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
