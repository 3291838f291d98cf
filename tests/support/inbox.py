"""A whole simulated group (HL7, FHIR and CSV feeds) and its deliveries, for tests that need many real messages.

``load_group`` sets it up in the database, ``deliveries`` are what its sources send, ``store_deliveries`` puts them
through intake. The same seed gives the same bytes, so two databases can be filled alike.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from scheduling.models import Feed
from scheduling.readers.shapes import Arrival as FileInfo
from scheduling.services.intake import FeedRef, arrive, current_profile, store
from scheduling.simulator import faults
from scheduling.simulator.clinics import group_of
from scheduling.simulator.faults import FaultPlan
from scheduling.simulator.loader import load_organisation
from scheduling.simulator.organisation import Organisation
from scheduling.simulator.stream import Simulation
from scheduling.simulator.wire import Delivery
from scheduling.vocabulary import FeedFormat, Transport

GROUP = 100  # deliveries that are committed together


def days_ago(days: int) -> datetime:
    """Midnight UTC some days before the real now: workers in processes of their own use the real clock."""
    return datetime.combine(datetime.now(UTC).date() - timedelta(days=days), datetime.min.time(), UTC)


def load_group(clinics: int = 12, *, since: datetime) -> Organisation:
    """Sources, clinics, feeds and published mappings of a simulated group."""
    organisation = group_of(clinics)
    load_organisation(organisation, connected_at=since, now=since)
    return organisation


def deliveries(
    organisation: Organisation,
    messages: int,
    *,
    since: datetime,
    seed: int = 7,
    plan: FaultPlan = faults.REALISTIC,
) -> Iterator[Delivery]:
    """What the group sends from ``since`` on, until about ``messages`` messages are told."""
    told = 0
    for delivery in Simulation(seed, organisation, None, plan, keeps_log=False, starts_at=since):
        yield delivery
        told += delivery.messages
        if told >= messages:
            return


def store_deliveries(sent: Iterable[Delivery]) -> int:
    """Put deliveries through intake in their order; returns how many messages are stored."""
    feeds = {feed.key: feed for feed in Feed.objects.select_related("source")}
    refs = {key: FeedRef(feed.pk, FeedFormat(feed.format), Transport(feed.transport)) for key, feed in feeds.items()}
    profiles = {key: current_profile(feed.pk) for key, feed in feeds.items()}
    stored, rest = 0, iter(sent)
    while group := list(islice(rest, GROUP)):
        arrivals = [
            arrive(
                refs[each.feed_key],
                each.body,
                profile=profiles[each.feed_key],
                now=each.arrives_at,
                file=FileInfo(each.name, each.arrives_at, feeds[each.feed_key].source.zone),
            )
            for each in group
        ]
        store(arrivals)
        stored += sum(len(arrival.message_ids) for arrival in arrivals)
    return stored
