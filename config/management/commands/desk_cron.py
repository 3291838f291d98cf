"""Run the cron process: one replica, though a second would only ask twice."""

from typing import Any

import django_rq
from django.core.management.base import BaseCommand
from redis.exceptions import RedisError

from config.cron import TickScheduler


class Command(BaseCommand):
    """Enqueues the ticks of config/ticks.py until it is told to stop."""

    help = "Runs the desk's timer: enqueues each tick when it is due."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until SIGTERM; an unreachable Redis ends it with a sentence, and the supervisor starts it again."""
        try:
            TickScheduler(django_rq.get_connection("default")).run()
        except RedisError as error:
            self.stderr.write(f"Redis does not answer ({type(error).__name__}); cron ends and is started again.")
            raise SystemExit(1) from error
