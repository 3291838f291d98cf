"""Plays a simulation in real time: each feed has a line of its own, a line waits for its sender, nothing is skipped."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from scheduling.simulator.demo import Position
from scheduling.simulator.senders.base import NotTakenError, RefusedError, Sender
from scheduling.simulator.wire import Delivery

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]
LINE = 500  # deliveries that may wait for one sender before the others wait too
SAVE_EVERY = timedelta(seconds=1)
LONGEST_PAUSE = 10.0
STARTING_UP = 4.0  # seconds of pause, reached after about eight


class LiveFeeds:
    """Sends deliveries when they are due until ``stop`` is set; what was due before is caught up at once."""

    def __init__(self, senders: Mapping[str, Sender], position: Position, clock: Clock) -> None:
        self.senders, self.position, self.clock = senders, position, clock
        self.stop = asyncio.Event()
        self.sent = 0
        self._lines: dict[str, asyncio.Queue[Delivery]] = {key: asyncio.Queue(LINE) for key in senders}
        self._saved_at = clock()

    async def run(self, deliveries: Iterable[Delivery]) -> None:
        """Play until ``stop`` or the end of the deliveries; then close senders and save the position."""
        workers = [asyncio.create_task(self._work(key)) for key in self.senders]
        try:
            await self._feed(deliveries)
            if not self.stop.is_set():
                await asyncio.gather(*(line.join() for line in self._lines.values()))
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await asyncio.gather(*(sender.close() for sender in self.senders.values()))
            self.position.save()

    async def _feed(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            if self.stop.is_set():
                return
            if self.position.is_sent(delivery.feed_key, delivery.arrives_at):
                continue
            wait = (delivery.arrives_at - self.clock()).total_seconds()
            if wait > 0 and await self._stopped_within(wait):
                return
            if not await self._queue(delivery):
                return

    async def _work(self, key: str) -> None:
        line = self._lines[key]
        while True:
            delivery = await line.get()
            await self._give(self.senders[key], delivery)
            self.position.note(key, delivery.arrives_at)
            self.sent += 1
            line.task_done()
            if self.clock() - self._saved_at > SAVE_EVERY:
                self._saved_at = self.clock()
                self.position.save()

    async def _give(self, sender: Sender, delivery: Delivery) -> None:
        """Send until it is taken, with growing pauses; what is refused for good is logged and left."""
        pause = 0.5
        while True:
            try:
                await sender.send(delivery)
            except NotTakenError as error:
                if pause > STARTING_UP:  # a desk that is only starting is no news
                    log.warning("delivery not taken, trying again", feed=delivery.feed_key, why=str(error), pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except RefusedError as error:
                log.warning("delivery refused", feed=delivery.feed_key, why=str(error))
                return
            else:
                return

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _queue(self, delivery: Delivery) -> bool:
        """Wait for a place in the feed's line, or for the stop; False when the stop came first."""
        line = self._lines[delivery.feed_key]
        while line.full():
            if await self._stopped_within(0.05):
                return False
        line.put_nowait(delivery)
        return True
