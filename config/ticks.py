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
from config.digesting import conclude_extracts, sweep_waiting
from exceptions.notices.sending import forget_notices, send_notices
from exceptions.services.audit_timers import audit_timers
from exceptions.services.end_mutes import end_mutes
from exceptions.services.end_takes import end_takes
from exceptions.services.end_waivers import end_waivers
from exceptions.services.recheck_maintenance import recheck_maintenance
from exceptions.services.run_steps import run_steps
from exceptions.services.run_survey import run_survey
from launch.services.previews import forget_previews, take_up_previews
from recovery.outreach.sending import send_outreach
from recovery.services.apply_reply import apply_replies
from recovery.services.claims import end_claims
from recovery.services.decide_risks import decide_risks
from recovery.services.expire_items import expire_items
from recovery.services.expire_offers import expire_offers
from recovery.services.score_baseline import score_baseline
from scheduling.services.replays import finish_replays

log = structlog.get_logger(__name__)


class Tick(NamedTuple):
    """A function of one moment (UTC), how often to call it, and the queue that carries the call."""

    name: str
    function: Callable[[datetime], object]
    every_seconds: int
    queue: str = "default"


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


def survey(name: str) -> Callable[[datetime], object]:
    """A tick's function that runs one survey of checks."""
    return lambda now: run_survey(name, now=now)


TICKS: tuple[Tick, ...] = (
    Tick("sweep_waiting", sweep_waiting, every_seconds=2),
    Tick("finish_extracts", conclude_extracts, every_seconds=30),
    Tick("finish_replays", conclude_replays, every_seconds=30),
    Tick("take_up_previews", take_up_previews, every_seconds=30),
    Tick("forget_previews", forget_previews, every_seconds=3600),
    Tick("expire_items", expire_items_at, every_seconds=30),
    Tick("end_claims", end_claims, every_seconds=30),
    Tick("expire_offers", expire_offers, every_seconds=10),
    Tick("score_baseline", score_baseline, every_seconds=3600),
    Tick("decide_risks", decide_risks, every_seconds=300),
    Tick("run_steps", run_steps, every_seconds=10),
    Tick("end_takes", end_takes, every_seconds=30),
    Tick("end_mutes", end_mutes, every_seconds=30),
    Tick("end_waivers", end_waivers, every_seconds=30),
    Tick("recheck_maintenance", recheck_maintenance, every_seconds=30),
    Tick("audit_timers", audit_timers, every_seconds=60),
    Tick("send_notices", send_notices, every_seconds=5),
    Tick("send_outreach", send_outreach, every_seconds=5),
    Tick("apply_replies", apply_replies, every_seconds=5),
    Tick("forget_notices", forget_notices, every_seconds=3600),
    Tick("survey_feeds", survey("feeds"), every_seconds=15),
    Tick("survey_contact", survey("contact"), every_seconds=60),
    Tick("survey_capacity", survey("capacity"), every_seconds=60),
    Tick("survey_closure", survey("closure"), every_seconds=300),
    Tick("survey_notices", survey("notices"), every_seconds=60),
    Tick("survey_outreach", survey("outreach"), every_seconds=300),
    Tick("survey_bookings", survey("bookings"), every_seconds=300),
    Tick("survey_ledger", survey("ledger"), every_seconds=3600),
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
