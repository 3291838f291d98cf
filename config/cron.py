"""RQ's cron scheduler, mended where it would trip the desk (docs/decisions/0004-cron.md)."""

import signal
import threading

import django_rq
from redis import Redis
from rq.cron import CronJob, CronScheduler
from rq.job import Job

from config.ticks import TICKS, Tick, run_tick

# A tick that waited longer than this is dropped: the next one asks the same question.
SHORTEST_LIFE_SECONDS = 60


class TickJob(CronJob):
    """A cron entry that goes through the queue as settings describe it, JSON serializer and time limits included."""

    def __init__(self, tick: Tick) -> None:
        """Send the tick's name, never code."""
        super().__init__(
            queue_name=tick.queue,
            func=run_tick,
            args=(tick.name,),
            interval=tick.every_seconds,
            result_ttl=0,
            ttl=max(SHORTEST_LIFE_SECONDS, 2 * tick.every_seconds),
            failure_ttl=7 * 24 * 3600,
            name=tick.name,
        )

    def enqueue(self, connection: Redis) -> Job:
        """Enqueue now; RQ's own version builds a plain queue, which pickles."""
        queue = django_rq.get_queue(self.queue_name, connection=connection, commit_mode="auto")
        return queue.enqueue(run_tick, *self.args, **self.job_options)


class TickScheduler(CronScheduler):
    """Enqueues every tick when its interval has passed; the first time at once, so a restart loses nothing."""

    def __init__(self, connection: Redis) -> None:
        """Take all registered ticks."""
        super().__init__(connection=connection)
        self._cron_jobs = [TickJob(tick) for tick in TICKS]
        self._stop = threading.Event()

    def run(self) -> None:
        """Go on until SIGTERM or SIGINT; raises RedisError when Redis does not answer.

        RQ's own loop raises out of its signal handler, in the middle of a Redis command
        if that is where it was; this one finishes what it is doing.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        self.register_birth()
        while not self._stop.is_set():
            if self.enqueue_jobs():
                self.save()
            self.heartbeat()
            self._stop.wait(self.calculate_sleep_interval())
        self.register_death()
