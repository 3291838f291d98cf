"""``manage.py send_notices``: work the outbox off in the foreground."""

import time

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from config.web.outbox_run import RUN_SECONDS
from exceptions.notices.sending import send_notices

PAUSE_SECONDS = 5.0


class Command(BaseCommand):
    """Sends what is due now, or with ``--watch`` goes on until it is ended."""

    help = "Sends the e-mails and webhooks that are due; the desk's own cron does it every 5 seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the switch."""
        parser.add_argument("--watch", action="store_true", help="go on every 5 seconds, for a desk without cron")

    def handle(self, *args: object, watch: bool, **options: object) -> None:  # noqa: ARG002
        """Send, and say how many went out."""
        while True:
            sent = 0
            while more := send_notices(timezone.now(), seconds=RUN_SECONDS):
                sent += more
            self.stdout.write(f"{sent} {'notice' if sent == 1 else 'notices'} sent.")
            if not watch:
                return
            time.sleep(PAUSE_SECONDS)
