"""One run of an outbox, whatever waits in it: claim a batch, send each, give back what is left."""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Claimed = TypeVar("Claimed")

BATCH = 20
# A job is no longer at it than this: other ticks want the worker too.
RUN_SECONDS = 10.0
# What is left of a claim after so long is given back rather than sent on the last second.
CLAIM_SECONDS = 15.0


class OutboxRun(ABC, Generic[Claimed]):
    """One run; its clock starts at ``now`` and goes on with real time. ``tally`` counts what became of each."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._started = time.monotonic()
        # Where nothing could be delivered in this run: nothing else is tried there.
        self.resting: set[str] = set()
        self.tally: Counter[str] = Counter()

    @abstractmethod
    def claim(self) -> list[Claimed]:
        """Claim and commit at most ``BATCH`` that are due."""

    @abstractmethod
    def send(self, claimed: Claimed) -> None:
        """Send one and settle it."""

    @abstractmethod
    def let_go(self, claimed: Claimed) -> None:
        """Give one back that was not tried."""

    def at(self) -> datetime:
        """The present moment of the run."""
        return self._now + timedelta(seconds=self._elapsed())

    def work(self, seconds: float) -> None:
        """Send batch after batch until nothing is due or the time is over."""
        while self._elapsed() < seconds and self._batch():
            pass

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _batch(self) -> bool:
        """Claim and send one batch; False when nothing was due."""
        claimed_at = self._elapsed()
        batch = self.claim()
        waiting = iter(batch)
        try:
            for one in waiting:
                if self._elapsed() - claimed_at > CLAIM_SECONDS:
                    self._give_back([one])
                else:
                    self.send(one)
        finally:
            # Whatever went wrong with one of them is no try of the others.
            self._give_back(waiting)
        return bool(batch)

    def _give_back(self, some: Iterable[Claimed]) -> None:
        for one in some:
            self.let_go(one)
            self.tally["given_back"] += 1
