"""Everything a start needs before the processes, in one process: starting Python three times would take seconds."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Runs as the owner of the schema; changes nothing when nothing is new."""

    help = "Applies migrations, makes the first escalation policies and collects static files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take commands to run afterwards, while everything is loaded."""
        parser.add_argument("--then", action="append", default=[], metavar="COMMAND", help="run this afterwards")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Migrate, make what an empty desk needs, collect, then the rest."""
        call_command("migrate", interactive=False, verbosity=0)
        call_command("first_plans", stdout=self.stdout)
        call_command("collectstatic", interactive=False, verbosity=0)
        for command in options["then"]:
            call_command(command, stdout=self.stdout)
