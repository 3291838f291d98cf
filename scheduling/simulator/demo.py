"""The demonstration's one simulation, the same at every start, and how far it has been sent."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from scheduling.simulator.clinics import demo_organisation
from scheduling.simulator.faults import REALISTIC
from scheduling.simulator.organisation import Organisation
from scheduling.simulator.stream import Portal, Simulation

SEED = 20
PAST = timedelta(days=60)
ACTS_A_MINUTE = 2.5  # in the portals, day and night, so that somebody who watches sees something happen
YEARS_AHEAD = 4


def connected_at(now: datetime) -> datetime:
    """When the feeds of a demonstration that is set up at ``now`` began: a full hour, 60 days ago."""
    return (now - PAST).replace(minute=0, second=0, microsecond=0)


def organisation_since(begun: datetime) -> Organisation:
    """The demonstration group with holidays for the years in which it will be looked at."""
    return demo_organisation(range(begun.year, begun.year + YEARS_AHEAD))


def demo_simulation(begun: datetime) -> Simulation:
    """Endless deliveries from ``begun`` on, with realistic faults; lively from the day it was set up."""
    return Simulation(
        SEED,
        organisation_since(begun),
        None,
        REALISTIC,
        starts_at=begun,
        portal=Portal(begun + PAST, ACTS_A_MINUTE),
        keeps_log=False,
    )


class Position:
    """How far each feed has been sent, in a small file: the arrival time of the last delivery that was taken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sent: dict[str, datetime] = {}
        if path.exists():
            stored: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))
            self._sent = {feed: datetime.fromisoformat(at) for feed, at in stored.items()}

    @property
    def is_known(self) -> bool:
        """Whether anything was ever recorded."""
        return bool(self._sent)

    def is_sent(self, feed_key: str, arrives_at: datetime) -> bool:
        """Whether a delivery was taken before."""
        last = self._sent.get(feed_key)
        return last is not None and arrives_at <= last

    def note(self, feed_key: str, arrives_at: datetime) -> None:
        """Remember that a delivery was taken."""
        self._sent[feed_key] = arrives_at

    def save(self) -> None:
        """Write the file whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({feed: at.isoformat() for feed, at in self._sent.items()}), encoding="utf-8")
        fresh.replace(self.path)
