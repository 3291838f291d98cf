"""The launcher's command line, used by the Makefile: run, stop, delete-data, browser, watch."""

import os
import sys

from config.launcher.browser import require_browser
from config.launcher.options import read_options
from config.launcher.problems import LaunchError
from config.launcher.run import run_desk
from config.launcher.servers import delete_data, stop_servers
from config.launcher.watch import watch

USAGE = "usage: python -m config.launcher run | stop | delete-data | browser | watch"


def main(arguments: list[str]) -> int:
    """Do what the first word says; a problem is one sentence on standard error and status 1."""
    try:
        match arguments:
            case ["run"]:
                return run_desk()
            case ["stop"]:
                stopped = stop_servers(read_options(os.environ), only_if_unused=False)
                print(f"Stopped {' and '.join(stopped)}." if stopped else "No embedded server was running.")
                return 0
            case ["delete-data"]:
                delete_data(read_options(os.environ))
                return 0
            case ["browser"]:
                require_browser()
                return 0
            case ["watch"]:
                return watch()
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
