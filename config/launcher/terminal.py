"""Take the terminal's Ctrl-C for ourselves."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def foreground() -> Iterator[None]:
    """Become the terminal's foreground group, as a shell would make us.

    Otherwise Ctrl-C also reaches the `make` above, which reports an interrupt
    and status 130 however cleanly everything below it ended.
    """
    try:
        terminal, group = sys.stdin.fileno(), os.getpgrp()
        in_front = os.tcgetpgrp(terminal) == group and os.getpid() != group
    except (OSError, ValueError):
        in_front = False
    if not in_front:
        yield
        return
    # Handing the terminal back from a group that has lost it would stop us, unless this signal is ignored.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpid())
    try:
        yield
    finally:
        os.tcsetpgrp(terminal, group)
