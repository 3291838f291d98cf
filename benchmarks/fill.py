"""Fill a migrated scratch database: the demonstration's kind of group, its messages in the inbox (child process).

``python -m benchmarks.fill MESSAGES SEED`` prints one JSON object: messages, seconds of splitting and storing.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402

from scheduling.models import Feed, FeedSettings  # noqa: E402
from scheduling.services.intake import Arrival, FeedRef, arrive, store  # noqa: E402
from scheduling.simulator.clinics import group_of  # noqa: E402
from scheduling.simulator.faults import REALISTIC  # noqa: E402
from scheduling.simulator.loader import load_organisation  # noqa: E402
from scheduling.simulator.stream import Simulation  # noqa: E402
from scheduling.vocabulary import FeedFormat, Transport  # noqa: E402

GROUP = 50  # senders whose messages are committed together, as over MLLP
CLINICS = 12


def main(wanted: int, seed: int) -> None:
    """Generate about ``wanted`` messages with realistic faults, ending around now, and store them."""
    now = timezone.now()
    # About 190 messages a clinic and working day; start so that the book reaches a little past today.
    days = max(3, wanted // (CLINICS * 120))
    began = (now - timedelta(days=days * 3 // 4)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    organisation = group_of(CLINICS, years=range(began.year, began.year + 4))
    load_organisation(organisation, connected_at=began, now=now)
    feeds = {feed.key: FeedRef(feed.pk, FeedFormat(feed.format), Transport(feed.transport)) for feed in Feed.objects.all()}
    profiles = {row.feed.key: row.profile for row in FeedSettings.objects.select_related("feed").order_by("id")}
    waiting, taken, seconds = [], 0, 0.0
    for delivery in Simulation(seed, organisation, None, REALISTIC, starts_at=began, keeps_log=False):
        waiting.append(delivery)
        taken += delivery.messages
        if taken >= wanted:
            break
    messages = 0
    for start in range(0, len(waiting), GROUP):
        began_at = time.perf_counter()
        arrivals: list[Arrival] = [
            arrive(feeds[d.feed_key], d.body, profile=profiles[d.feed_key], now=min(d.arrives_at, now))
            for d in waiting[start : start + GROUP]
        ]
        store(arrivals)
        seconds += time.perf_counter() - began_at
        messages += sum(len(arrival.message_ids) for arrival in arrivals)
    print(json.dumps({"messages": messages, "seconds": seconds, "from": began.isoformat(), "until": datetime.now(UTC).isoformat()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
