"""``manage.py risk_token SOURCE``: a new token for whoever posts scores of a source's visits."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Source
from recovery.services.risk_tokens import give_risk_token


class Command(BaseCommand):
    """The token is printed once; the one before ends at once."""

    help = "Makes the bearer token for POST /scores/<source>/ and prints it, the only time it can be seen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept the source's key."""
        parser.add_argument("source", help="the key of the source whose visits are scored")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the token."""
        source = Source.objects.filter(key=options["source"]).first()
        if source is None:
            raise CommandError(f"There is no source {options['source']}.", returncode=2)
        self.stdout.write(give_risk_token(source, actor=None, now=timezone.now()))
