"""What events without a clear meaning hold, by the combination of signals they carry."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Count, ExpressionWrapper, Max, Min, Q
from django.db.models.functions import Coalesce

from scheduling.models import Feed, MappedEvent
from scheduling.models.signals import SIGNALS
from scheduling.selectors.places import start_of_day
from scheduling.vocabulary import MappingOutcome, Status

SOON = timedelta(hours=48)
KEY = ("source_id", "clinic_code", *SIGNALS, "has_note")
TallyKey = tuple[Any, ...]  # the values of KEY


class Held(NamedTuple):
    """What a combination holds: visits, their starts within 48 h and before noon today, and a held event to open.

    ``older`` events are from before the rules in force hold; ``oldest`` is the source time of the first that is held.
    """

    events: int = 0
    visits: int = 0
    soon: int = 0
    before_noon: int = 0
    sample: int = 0
    older: int = 0
    oldest: datetime | None = None

    def plus(self, other: "Held") -> "Held":
        """Both together."""
        return Held(
            self.events + other.events,
            self.visits + other.visits,
            self.soon + other.soon,
            self.before_noon + other.before_noon,
            max(self.sample, other.sample),
            self.older + other.older,
            min((at for at in (self.oldest, other.oldest) if at is not None), default=None),
        )


NOTHING_HELD = Held()


def held_by_signals(
    since: Mapping[int, datetime | None], user: Any, zones: Iterable[str], now: datetime
) -> dict[TallyKey, Held]:
    """What held events hold, by the key of their tally; one grouped query over the index of held events.

    ``since`` has the sources with the moment from which their rules in force hold, None where there are none.
    """
    counts = Q(appointment__starts_at__gte=now) & (
        ~Q(appointment__status=Status.ENTERED_IN_ERROR) | Q(appointment__status__isnull=True)
    )
    soon = counts & Q(appointment__starts_at__lt=now + SOON)
    noon = Q(pk__in=[])
    for name in zones:
        noon |= Q(zone=name, appointment__starts_at__lt=_noon(now, ZoneInfo(name)))
    older = Q(pk__in=[])
    for source_id, moment in since.items():
        older |= Q(feed__source=source_id, source_at__lt=moment) if moment else Q(pk__in=[])
    rows = (
        MappedEvent.objects.visible_to(user)
        .exclude(mapping=MappingOutcome.MAPPED)
        .filter(feed__in=Feed.objects.filter(source__in=list(since)))
        .annotate(
            zone=Coalesce("appointment__clinic__timezone", "feed__source__timezone"),
            has_note=ExpressionWrapper(~Q(note=""), output_field=BooleanField()),
        )
        .values_list("feed__source_id", "clinic_code", *SIGNALS, "has_note")
        .annotate(
            held_events=Count("pk"),
            visits=Count("appointment_id", distinct=True),
            starting=Count("appointment_id", distinct=True, filter=soon),
            before_noon=Count("appointment_id", distinct=True, filter=counts & noon),
            sample=Max("pk"),
            older=Count("pk", filter=older),
            oldest=Min("source_at"),
        )
    )
    held: dict[TallyKey, Held] = {}
    for row in rows:
        key = (row[0], row[1] or "", *row[2 : len(KEY)])
        found = Held(*row[len(KEY) :])
        held[key] = held[key].plus(found) if key in held else found
    return held


def _noon(now: datetime, zone: ZoneInfo) -> datetime:
    return start_of_day(now, zone).replace(hour=12)
