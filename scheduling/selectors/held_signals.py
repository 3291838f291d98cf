"""What events without a clear meaning hold, by the combination of signals they carry."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Count, ExpressionWrapper, Max, Q
from django.db.models.functions import Coalesce

from scheduling.models import Feed, MappedEvent
from scheduling.models.signals import SIGNALS
from scheduling.selectors.places import start_of_day
from scheduling.vocabulary import MappingOutcome, Status

SOON = timedelta(hours=48)
KEY = ("source_id", "clinic_code", *SIGNALS, "has_note")
TallyKey = tuple[Any, ...]  # the values of KEY
# A combination of which events are held in several ways is listed under the first of these.
WORST = (MappingOutcome.UNMAPPED, MappingOutcome.AMBIGUOUS, MappingOutcome.CONFLICT, MappingOutcome.MAPPED)


class Held(NamedTuple):
    """What a combination holds: visits, their starts within 48 h and before noon today, and a held event to open."""

    events: int = 0
    visits: int = 0
    soon: int = 0
    before_noon: int = 0
    sample: int = 0
    outcome: MappingOutcome = MappingOutcome.MAPPED

    def plus(self, other: "Held") -> "Held":
        """Both together; the worse outcome counts."""
        return Held(
            self.events + other.events,
            self.visits + other.visits,
            self.soon + other.soon,
            self.before_noon + other.before_noon,
            max(self.sample, other.sample),
            min(self.outcome, other.outcome, key=WORST.index),
        )


NOTHING_HELD = Held()


def held_by_signals(
    source_ids: Collection[int], user: Any, zones: Iterable[str], now: datetime
) -> dict[TallyKey, Held]:
    """What held events hold, by the key of their tally; one grouped query over the index of held events."""
    counts = Q(appointment__starts_at__gte=now) & (
        ~Q(appointment__status=Status.ENTERED_IN_ERROR) | Q(appointment__status__isnull=True)
    )
    soon = counts & Q(appointment__starts_at__lt=now + SOON)
    noon = Q(pk__in=[])
    for name in zones:
        noon |= Q(zone=name, appointment__starts_at__lt=_noon(now, ZoneInfo(name)))
    rows = (
        MappedEvent.objects.visible_to(user)
        .exclude(mapping=MappingOutcome.MAPPED)
        .filter(feed__in=Feed.objects.filter(source__in=source_ids))
        .annotate(
            zone=Coalesce("appointment__clinic__timezone", "feed__source__timezone"),
            has_note=ExpressionWrapper(~Q(note=""), output_field=BooleanField()),
        )
        .values_list("feed__source_id", "clinic_code", *SIGNALS, "has_note", "mapping")
        .annotate(
            held_events=Count("pk"),
            visits=Count("appointment_id", distinct=True),
            starting=Count("appointment_id", distinct=True, filter=soon),
            before_noon=Count("appointment_id", distinct=True, filter=counts & noon),
            sample=Max("pk"),
        )
    )
    held: dict[TallyKey, Held] = {}
    for row in rows:
        key = (row[0], row[1] or "", *row[2 : len(KEY)])
        mapping, events, visits, starting, before_noon, sample = row[len(KEY) :]
        found = Held(events, visits, starting, before_noon, sample, MappingOutcome(mapping))
        held[key] = held[key].plus(found) if key in held else found
    return held


def _noon(now: datetime, zone: ZoneInfo) -> datetime:
    return start_of_day(now, zone).replace(hour=12)
