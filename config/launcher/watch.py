"""Bring the embedded servers back when one dies under a running desk."""

import os
import signal
import sys
import threading

from config.launcher.options import read_options
from config.launcher.problems import LaunchError
from config.launcher.servers import ensure_servers

PAUSE_SECONDS = 2.0


def watch() -> int:
    """Look after the servers every two seconds until SIGTERM or SIGINT; returns 0."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    options = read_options(os.environ)
    while not stop.wait(PAUSE_SECONDS):
        try:
            ensure_servers(options)
        except LaunchError as error:
            print(error, file=sys.stderr, flush=True)
    return 0
