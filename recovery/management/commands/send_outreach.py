"""``manage.py send_outreach``: work the outbox to patients off in the foreground."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.web.outbox_run import RUN_SECONDS
from recovery.outreach.sending import send_outreach


class Command(BaseCommand):
    """Sends what is due now."""

    help = "Sends the texts and e-mails to patients that are due; the desk's own cron does it every 5 seconds."

    def handle(self, *args: object, **options: object) -> None:  # noqa: ARG002
        """Send, and say how many went out."""
        sent = 0
        while more := send_outreach(timezone.now(), seconds=RUN_SECONDS):
            sent += more
        self.stdout.write(f"{sent} {'message' if sent == 1 else 'messages'} sent.")
