"""What the sources of the demonstration's kind of group send, written to a file (child process).

``benchmarks.fill MESSAGES SEED FILE`` loads the organisation into its database, simulates about so many
messages with realistic faults that end around now, and writes them down in order of arrival. None comes from the
future: what a source dates after its receipt is held, and a load of it measures holding. Prints one JSON object:
messages, deliveries.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from benchmarks.deliveries import write
from scheduling.simulator.clinics import group_of
from scheduling.simulator.faults import REALISTIC
from scheduling.simulator.loader import load_organisation
from scheduling.simulator.organisation import Organisation
from scheduling.simulator.stream import Simulation
from scheduling.simulator.wire import Delivery

CLINICS = 12
FIRST_LOAD, MESSAGES_A_DAY = 240 * CLINICS, 49 * CLINICS  # what the simulator sends, or a little less


def sent(organisation: Organisation, wanted: int, seed: int, *, began: datetime, now: datetime) -> Iterator[Delivery]:
    """The first ``wanted`` messages since ``began``, in order of arrival, with the whole of the last delivery."""
    messages = 0
    for delivery in Simulation(seed, organisation, None, REALISTIC, starts_at=began, keeps_log=False):
        if messages >= wanted or delivery.arrives_at > now:
            return
        messages += delivery.messages
        yield delivery


def beginning(wanted: int, now: datetime) -> datetime:
    """The midnight (UTC) since which the simulator sends ``wanted`` messages by now, and hardly more."""
    days = max(1, (wanted - FIRST_LOAD) // MESSAGES_A_DAY + 1)
    return (now - timedelta(days=days)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def main(wanted: int, seed: int, file: Path) -> None:
    """Simulate and write; the messages end around now, the schedule weeks later."""
    now = timezone.now()
    began = beginning(wanted, now)
    organisation = group_of(CLINICS, years=range(began.year, began.year + 4))
    load_organisation(organisation, connected_at=began, now=now)
    found = list(sent(organisation, wanted, seed, began=began, now=now))
    write(file, [(delivery.feed_key, delivery.body, delivery.arrives_at) for delivery in found])
    print(json.dumps({"messages": sum(delivery.messages for delivery in found), "deliveries": len(found)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
