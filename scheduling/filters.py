"""Which appointments are asked for; all of it stands in the address, and none of it names a patient (I12)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest

from config.web.menus import Menu, Split, menu, splits
from scheduling.models import Appointment, MappedEvent
from scheduling.selectors.places import Places, start_of_day
from scheduling.vocabulary import MappingOutcome, Status

Rows = QuerySet[Appointment]
SIGNALS = (
    "trigger", "filler_status", "event_reason", "appointment_reason", "appointment_type", "resource_status",
)  # fmt: skip
ASCENDING, DESCENDING, BY_ID = ("starts_at", "id"), ("-starts_at", "-id"), ("-id",)
SPLIT_LABELS = [
    ("", "From today"),
    ("today", "Today"),
    ("week", "Next 7 days"),
    ("uncertain", "Uncertain"),
    ("lost", "Cancelled or bumped"),
    ("missed", "Missed"),
    ("untimed", "No start time"),
    ("all", "All"),
]
DATE = {"class": "field field--date", "type": "date"}


@dataclass(frozen=True, slots=True)
class Cut:
    """What a split keeps, and in which order; every order can be followed by a keyset."""

    kept: Q
    order: tuple[str, ...] = ASCENDING


def cut_of(split: str, *, now: datetime, zone: ZoneInfo, is_searched: bool = False) -> Cut:
    """What a split keeps. ``zone`` says what "today" is; a search or a date range looks at every day."""
    today = start_of_day(now, zone)
    from_today = Q(starts_at__gte=today)
    timed = Q(starts_at__isnull=False)
    cuts = {
        "today": Cut(from_today & Q(starts_at__lt=start_of_day(now, zone, days=1))),
        "week": Cut(from_today & Q(starts_at__lt=start_of_day(now, zone, days=7))),
        "uncertain": Cut(from_today & Q(troubles__isnull=False)),
        "lost": Cut(from_today & Q(status__in=[Status.CANCELLED, Status.BUMPED])),
        "missed": Cut(Q(starts_at__lte=now, status__in=[Status.MISSED, Status.LEFT_UNSEEN]), DESCENDING),
        "untimed": Cut(Q(starts_at__isnull=True), BY_ID),
        "all": Cut(timed),
    }
    return cuts.get(split, Cut(timed if is_searched else from_today))


class AppointmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """The toolbar. ``like`` is the id of a held event: the visits that the same signals hold."""

    clinic = django_filters.NumberFilter(field_name="clinic_id")
    status = django_filters.ChoiceFilter(choices=[("none", "Not known yet"), *Status.choices], method="by_status")
    certain = django_filters.ChoiceFilter(choices=[("no", "Uncertain"), ("yes", "Certain")], method="by_certain")
    since = django_filters.DateFilter(
        method="by_since", label="From", widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    until = django_filters.DateFilter(
        method="by_until", label="to", widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    like = django_filters.NumberFilter(method="by_like")

    class Meta:
        model = Appointment
        fields = ("clinic", "status", "certain", "since", "until", "like")

    def __init__(self, data: Any, queryset: Rows, *, zone: ZoneInfo, request: HttpRequest | None = None) -> None:
        """``zone`` is that of the days in ``since`` and ``until``."""
        super().__init__(data, queryset=queryset, request=request)
        self.zone = zone

    def by_status(self, queryset: Rows, name: str, value: str) -> Rows:  # noqa: ARG002 - django-filter passes it
        """Keep one status, or the visits that have none."""
        return queryset.filter(status__isnull=True) if value == "none" else queryset.filter(status=value)

    def by_certain(self, queryset: Rows, name: str, value: str) -> Rows:  # noqa: ARG002 - django-filter passes it
        """Keep what is held, or what is not."""
        return queryset.filter(troubles__isnull=value == "yes")

    def by_since(self, queryset: Rows, name: str, value: Any) -> Rows:  # noqa: ARG002 - django-filter passes it
        """Keep visits from the local day on."""
        return queryset.filter(starts_at__gte=datetime(value.year, value.month, value.day, tzinfo=self.zone))

    def by_until(self, queryset: Rows, name: str, value: Any) -> Rows:  # noqa: ARG002 - django-filter passes it
        """Keep visits up to the end of the local day."""
        midnight = datetime(value.year, value.month, value.day, tzinfo=self.zone)
        return queryset.filter(starts_at__lt=start_of_day(midnight, self.zone, days=1))

    def by_like(self, queryset: Rows, name: str, value: Any) -> Rows:  # noqa: ARG002 - django-filter passes it
        """Keep visits with an event that carries the signals of the named held event and is held the same way."""
        return queryset.filter(pk__in=held_like(int(value), self.request.user).values("appointment_id"))


def held_like(event_id: int, user: Any) -> QuerySet[MappedEvent]:
    """Held events of one source with the same signals as one of them (of notes: whether there is one), in sight.

    None if the named event is not held (now) or is another clinic's.
    """
    has_note = ExpressionWrapper(~Q(note=""), output_field=BooleanField())
    held = MappedEvent.objects.visible_to(user).exclude(mapping=MappingOutcome.MAPPED).annotate(has_note=has_note)
    pattern = held.filter(pk=event_id).values("feed__source_id", "mapping", *SIGNALS, "has_note").first()
    if pattern is None:
        return MappedEvent.objects.none()
    return held.filter(**pattern)


def menus_for(request: HttpRequest, places: Places) -> list[Menu]:
    """The filters that open as menus of links; no query."""
    clinics = [(str(clinic.pk), clinic.name) for clinic in places.clinics]
    return [
        menu(request, "clinic", "Clinic", clinics),
        menu(request, "status", "Status", [*Status.choices, ("none", "Not known yet")]),
        menu(request, "certain", "Trust", [("no", "Uncertain"), ("yes", "Certain")]),
    ]


def splits_for(request: HttpRequest) -> list[Split]:
    """The ways to cut the list, as links; without counts, which a million rows would make dear."""
    return splits(request, SPLIT_LABELS)
