#!/usr/bin/env python
"""Run a management command, on the embedded servers when the environment names no others."""

import os
import sys

from django.core.management import execute_from_command_line

from config.launcher.environment import prepare_command


def main() -> None:
    """Bring the servers up if they are down and hand the command line to Django."""
    prepare_command(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
