"""What the sources of the demonstration's kind of group send, written to a file (child process).

``benchmarks.fill MESSAGES SEED FILE`` loads the organisation into its database, simulates about so many
messages with realistic faults that end around now, and writes them down in order of arrival. Prints one JSON object:
messages, deliveries.
"""

import json
import sys
from datetime import UTC, timedelta
from pathlib import Path

from django.utils import timezone

from benchmarks.deliveries import Delivery, write
from scheduling.simulator.clinics import group_of
from scheduling.simulator.faults import REALISTIC
from scheduling.simulator.loader import load_organisation
from scheduling.simulator.stream import Simulation

CLINICS = 12
MESSAGES_A_DAY = 120 * CLINICS


def main(wanted: int, seed: int, file: Path) -> None:
    """Simulate and write; the schedule reaches a little past today."""
    now = timezone.now()
    days = max(3, wanted // MESSAGES_A_DAY)
    began = (now - timedelta(days=days * 3 // 4)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    organisation = group_of(CLINICS, years=range(began.year, began.year + 4))
    load_organisation(organisation, connected_at=began, now=now)
    deliveries: list[Delivery] = []
    messages = 0
    for delivery in Simulation(seed, organisation, None, REALISTIC, starts_at=began, keeps_log=False):
        deliveries.append((delivery.feed_key, delivery.body, min(delivery.arrives_at, now)))
        messages += delivery.messages
        if messages >= wanted:
            break
    write(file, deliveries)
    print(json.dumps({"messages": messages, "deliveries": len(deliveries)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
