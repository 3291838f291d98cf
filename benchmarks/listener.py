"""The MLLP listener as a process: ``python -m benchmarks.listener PORT [MEMBERS]``.

``manage.py mllp`` and nothing else, but that ``MEMBERS`` bounds how many messages a commit may hold; 1 is the floor,
one commit a message by the same code.
"""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from config.digesting import freeze_imports  # noqa: E402
from scheduling.transports import group  # noqa: E402

if __name__ == "__main__":
    if len(sys.argv) > 2:
        group.GROUP_MEMBERS = int(sys.argv[2])
    freeze_imports()
    call_command("mllp", host="127.0.0.1", port=int(sys.argv[1]))
