"""What people say about a maintenance window: where, from when, and for how long. An end is always required."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.models import Clinic, Source
from exceptions.models.routing import LONGEST_WINDOW
from exceptions.settings_form import FIELD, TEXT
from scheduling.models import Feed
from scheduling.readers.localtime import to_utc

NOW, LATER = "now", "later"
MOST_HOURS = int(LONGEST_WINDOW / timedelta(hours=1))
FURTHEST = timedelta(days=90)
JUST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a window holds: a source, or one feed or clinic of it."""

    source: Source
    feed: Feed | None = None
    clinic: Clinic | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The zone its times are stated in."""
        return (self.clinic or self.source).zone


class WindowForm(forms.Form):
    """A window that starts now or later; local times are those of the place."""

    name = forms.CharField(
        label="What is done", max_length=80, widget=forms.TextInput(TEXT | {"placeholder": "Interface engine upgrade"})
    )
    place = forms.ChoiceField(label="Where", widget=forms.Select(FIELD))
    begin = forms.ChoiceField(
        label="Starts", choices=[(NOW, "now"), (LATER, "at a time ahead")], initial=NOW, widget=forms.RadioSelect
    )
    moment = forms.DateTimeField(
        label="Time ahead",
        required=False,
        help_text="Local time of the place.",
        widget=forms.DateTimeInput(FIELD | {"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    hours = forms.IntegerField(
        label="For hours",
        min_value=1,
        max_value=MOST_HOURS,
        initial=2,
        help_text=f"At most {MOST_HOURS}, which is 14 days.",
        widget=forms.NumberInput(FIELD),
    )

    def __init__(self, *args: Any, sources: Iterable[Source], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.places: dict[str, Place] = {}
        groups = []
        for source in sources:
            mine = {f"source-{source.pk}": (Place(source), f"All of {source}")}
            mine |= {f"clinic-{one.pk}": (Place(source, clinic=one), f"Clinic {one}") for one in source.clinics.all()}
            mine |= {f"feed-{one.pk}": (Place(source, feed=one), f"Feed {one}") for one in source.feeds.all()}
            self.places |= {key: place for key, (place, _) in mine.items()}
            groups.append((str(source), [(key, label) for key, (_, label) in mine.items()]))
        self.fields["place"].choices = groups  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Put the beginning into UTC: one that the place's clocks show exactly once."""
        said: dict[str, Any] = self.cleaned_data
        if not self.errors:
            said["starts_at"] = self._moment(said) if said["begin"] == LATER else self.now
        return said

    def _moment(self, said: dict[str, Any]) -> datetime | None:
        local = said["moment"]
        if local is None:
            self.add_error("moment", "Say when it starts.")
            return None
        at = to_utc(local.replace(tzinfo=None), self.where.zone).at
        if at is None:
            self.add_error("moment", "The clocks change at this time: it happens twice or never.")
        elif not self.now - JUST <= at <= self.now + FURTHEST:
            self.add_error("moment", f"Choose a time in the next {FURTHEST.days} days.")
        return at

    @property
    def where(self) -> Place:
        """The place a valid form names."""
        return self.places[self.cleaned_data["place"]]

    @property
    def starts_at(self) -> datetime:
        """When it begins, in UTC."""
        begins: datetime = self.cleaned_data["starts_at"]
        return begins

    @property
    def ends_at(self) -> datetime:
        """When it ends, in UTC: hours of real time later."""
        return self.starts_at + timedelta(hours=self.cleaned_data["hours"])
