"""``manage.py seed_demo``: the demonstration organisation, 60 days of its past and what stands in its books."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db.models import Max
from django.utils import timezone

from accounts.models import Source
from scheduling.models import Feed, FeedSettings, Message
from scheduling.services.intake import FeedRef, arrive, store
from scheduling.simulator.demo import (
    FIRST_SOURCE,
    PAST_DAYS,
    Position,
    connected_at,
    demo_simulation,
    organisation_since,
)
from scheduling.simulator.loader import load_organisation
from scheduling.simulator.places import position_file
from scheduling.simulator.wire import Delivery
from scheduling.vocabulary import FeedFormat, Transport

GROUP = 500  # deliveries that are committed together


class Command(BaseCommand):
    """Safe to run again: what is there stays, an interrupted run goes on where it stopped."""

    help = "Sets up the demonstration organisation and its messages, and digests them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much past there is to be."""
        parser.add_argument("--days", type=int, default=PAST_DAYS, help=f"days of past, {PAST_DAYS} unless said")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Load the organisation, store its messages through intake, digest them, print the sign-ins."""
        now, begun, days = timezone.now(), monotonic(), options["days"]
        source = Source.objects.filter(key=FIRST_SOURCE).first()
        since = source.created_at if source else connected_at(now, days)
        load_organisation(organisation_since(since), connected_at=since, now=now)
        position = Position(position_file())
        if position.lively_from is None:
            lively_from = since + timedelta(days=days)
            stored = self._store(since, lively_from, now)
            self.stdout.write(f"Stored {stored:,} messages in {monotonic() - begun:.1f} s.")
            call_command("digest", drain=True, stdout=self.stdout)
            position.begin(lively_from, Feed.objects.values_list("key", flat=True), now)
            self.stdout.write(f"The demonstration is ready after {monotonic() - begun:.1f} s.")
        call_command("demo_logins", stdout=self.stdout)

    def _store(self, since: datetime, lively_from: datetime, now: datetime) -> int:
        """Put everything that arrived by ``now`` into the inbox, in groups and in order; returns how many messages."""
        feeds = {feed.key: feed for feed in Feed.objects.filter(source__created_at=since)}
        refs = {
            key: FeedRef(feed.pk, FeedFormat(feed.format), Transport(feed.transport)) for key, feed in feeds.items()
        }
        newest = FeedSettings.objects.filter(feed__in=feeds.values()).order_by("feed_id", "-id").distinct("feed_id")
        profiles = {each.feed.key: each.profile for each in newest.select_related("feed")}
        # not of extracts: digestion adds messages of its own about visits that vanished from them
        sent = Message.objects.filter(feed__in=feeds.values()).exclude(feed__format=FeedFormat.CSV)
        last = sent.aggregate(last=Max("received_at"))["last"]
        stored = 0
        for group in groups(due(demo_simulation(since, lively_from), after=last, until=now)):
            arrivals = [
                arrive(refs[each.feed_key], each.body, profile=profiles[each.feed_key], now=each.arrives_at)
                for each in group
            ]
            store(arrivals)
            stored += sum(len(arrival.message_ids) for arrival in arrivals)
        return stored


def due(deliveries: Iterable[Delivery], *, after: datetime | None, until: datetime) -> Iterator[Delivery]:
    """Deliveries that arrive after ``after`` (all when None) and by ``until``."""
    for delivery in deliveries:
        if delivery.arrives_at > until:
            return
        if after is None or delivery.arrives_at > after:
            yield delivery


def groups(deliveries: Iterator[Delivery]) -> Iterator[list[Delivery]]:
    """Lists of up to GROUP deliveries."""
    while group := list(islice(deliveries, GROUP)):
        yield group
