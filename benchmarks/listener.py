"""The MLLP listener as a process: ``benchmarks.listener PORT [MEMBERS]``.

``manage.py mllp`` and nothing else, but that ``MEMBERS`` bounds how many messages a commit may hold; 1 is the floor,
one commit a message by the same code.
"""

import sys

from django.core.management import call_command

from config.digesting import freeze_imports
from scheduling.transports import group

if __name__ == "__main__":
    if len(sys.argv) > 2:
        group.GROUP_MEMBERS = int(sys.argv[2])
    freeze_imports()
    call_command("mllp", host="127.0.0.1", port=int(sys.argv[1]))
