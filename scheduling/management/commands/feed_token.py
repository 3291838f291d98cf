"""``manage.py feed_token FEED``: a new bearer token for a feed."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scheduling.models import Feed
from scheduling.transports.tokens import rotate_token


class Command(BaseCommand):
    """Prints the token once; only its digest is kept, and the token before it ends at once."""

    help = "Gives a feed a new bearer token for POST /intake/<feed>/ and prints it, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the feed."""
        parser.add_argument("feed", help="the feed's key")

    def handle(self, *args: object, feed: str, **options: object) -> None:  # noqa: ARG002
        """Rotate and print."""
        found = Feed.objects.filter(key=feed).first()
        if found is None:
            raise CommandError(f"There is no feed {feed!r}. Feeds: {', '.join(_keys()) or 'none'}.")
        self.stdout.write(rotate_token(found, actor=None, now=timezone.now()))


def _keys() -> list[str]:
    return list(Feed.objects.order_by("key").values_list("key", flat=True))
