"""The demonstration's one simulation, the same at every start, and how far it has been sent."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from scheduling.simulator.clinics import demo_organisation
from scheduling.simulator.codes import NORTHSIDE
from scheduling.simulator.faults import REALISTIC
from scheduling.simulator.organisation import Organisation
from scheduling.simulator.stream import Portal, Simulation

SEED = 20
FIRST_SOURCE = NORTHSIDE  # its ``created_at`` says when the demonstration's feeds began
PAST_DAYS = 60
TROUBLED = timedelta(days=5)
ACTS_A_MINUTE = 4.5  # in the portals, day and night, so that somebody who watches sees something happen
YEARS_AHEAD = 4


def connected_at(now: datetime, days: int) -> datetime:
    """When the feeds of a demonstration that is set up at ``now`` began: a full hour, so many days ago."""
    return (now - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)


def organisation_since(begun: datetime) -> Organisation:
    """The demonstration group with holidays for the years in which it will be looked at."""
    return demo_organisation(range(begun.year, begun.year + YEARS_AHEAD))


def demo_simulation(begun: datetime, lively_from: datetime) -> Simulation:
    """Endless deliveries from ``begun`` on, with realistic faults; lively from the hour it was set up.

    Messages say wrong things only from a few days before: what was unclear weeks ago somebody has put right.
    """
    return Simulation(
        SEED,
        organisation_since(begun),
        None,
        replace(REALISTIC, content_from=lively_from - TROUBLED),
        starts_at=begun,
        portal=Portal(lively_from, ACTS_A_MINUTE),
        keeps_log=False,
    )


class Position:
    """How far each feed has been sent, in a small file: the arrival time of the last delivery that was taken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lively_from: datetime | None = None
        self._sent: dict[str, datetime] = {}
        if path.exists():
            stored = json.loads(path.read_text(encoding="utf-8"))
            self.lively_from = datetime.fromisoformat(stored["lively_from"])
            self._sent = {feed: datetime.fromisoformat(at) for feed, at in stored["sent"].items()}

    def begin(self, lively_from: datetime, feed_keys: Iterable[str], sent_until: datetime) -> None:
        """Note that the past is in the desk, up to ``sent_until`` for every feed."""
        self.lively_from = lively_from
        self._sent = dict.fromkeys(feed_keys, sent_until)
        self.save()

    def is_sent(self, feed_key: str, arrives_at: datetime) -> bool:
        """Whether a delivery was taken before."""
        last = self._sent.get(feed_key)
        return last is not None and arrives_at <= last

    def note(self, feed_key: str, arrives_at: datetime) -> None:
        """Remember that a delivery was taken."""
        self._sent[feed_key] = arrives_at

    def save(self) -> None:
        """Write the file whole or not at all."""
        if self.lively_from is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        sent = {feed: at.isoformat() for feed, at in self._sent.items()}
        fresh.write_text(json.dumps({"lively_from": self.lively_from.isoformat(), "sent": sent}), encoding="utf-8")
        fresh.replace(self.path)
