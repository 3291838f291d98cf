"""``manage.py simulate_feeds``: the demonstration's EHRs, live: MLLP, HTTP and files, with realistic faults."""

import asyncio
import signal
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Source
from scheduling.models import Feed
from scheduling.simulator.demo import FIRST_SOURCE, Position, demo_simulation
from scheduling.simulator.live import LiveFeeds
from scheduling.simulator.loader import simulator_token
from scheduling.simulator.places import drop_folder, mllp_address, position_file, web_address
from scheduling.simulator.senders.base import Sender
from scheduling.simulator.senders.folder import FolderSender
from scheduling.simulator.senders.http import HttpSender
from scheduling.simulator.senders.mllp import MllpSender
from scheduling.simulator.wire import Delivery
from scheduling.vocabulary import Transport


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; catches up first on what it missed while it was down."""

    help = "Keeps sending live events of the demonstration's EHRs."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Send until told to stop."""
        source = Source.objects.filter(key=FIRST_SOURCE).first()
        position = Position(position_file())
        if source is None or position.lively_from is None:
            raise CommandError("There is no demonstration to play. Set it up with: manage.py seed_demo")
        feeds = Feed.objects.filter(source__created_at=source.created_at, is_active=True)
        live = LiveFeeds({feed.key: sender_of(feed) for feed in feeds}, position, timezone.now)
        asyncio.run(play(live, demo_simulation(source.created_at, position.lively_from)))
        self.stdout.write(f"Sent {live.sent:,} deliveries.")


async def play(live: LiveFeeds, deliveries: Iterable[Delivery]) -> None:
    """Send until a signal comes."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, live.stop.set)
    await live.run(deliveries)


def sender_of(feed: Feed) -> Sender:
    """The client for a feed's transport."""
    match Transport(feed.transport):
        case Transport.MLLP:
            return MllpSender(*mllp_address())
        case Transport.HTTP:
            return HttpSender(*web_address(), path=f"/intake/{feed.key}/", token=simulator_token(feed.key))
        case _:
            return FolderSender(drop_folder(feed.key))
