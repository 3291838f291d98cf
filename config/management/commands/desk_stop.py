"""Stop the embedded servers."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.launcher.options import read_options
from config.launcher.problems import LaunchError
from config.launcher.servers import stop_servers


class Command(BaseCommand):
    """The way to stop servers that a management command started."""

    help = "Stops the embedded PostgreSQL and Redis of DATA_DIR, whoever started them."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Stop both and say which were up."""
        try:
            stopped = stop_servers(read_options(os.environ), only_if_unused=False)
        except LaunchError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Stopped {' and '.join(stopped)}." if stopped else "No embedded server was running.")
