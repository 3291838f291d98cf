"""Why a revision moves on, and from when it holds."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from scheduling.readers.localtime import to_utc

TEXT = {"class": "field", "autocomplete": "off", "placeholder": "No patient names"}
NOW, MOMENT = "now", "moment"
EARLIEST_YEAR = 1990  # a mistyped century, never a feed: scheduling messages came with HL7 v2.2 and 2.3
AHEAD = "This lies ahead. Choose a past moment, or now."


class SubmitForm(forms.Form):
    """The version of the draft that the person has seen."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ReturnForm(forms.Form):
    """What its makers should change."""

    reason = forms.CharField(
        label="What should change",
        max_length=300,
        widget=forms.TextInput(TEXT),
        error_messages={"required": "Say what should change, so that its makers know."},
    )


class PublishForm(forms.Form):
    """From which source time a revision holds, and why it is published. ``moment`` is local time of the source.

    ``after`` is the number of the newest publication on the page that was read, so that a second press does nothing.
    """

    after = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    effective = forms.ChoiceField(
        label="Holds for events",
        choices=[(NOW, "from now on"), (MOMENT, "from a past moment on")],
        widget=forms.RadioSelect,
    )
    moment = forms.DateTimeField(
        label="Past moment",
        required=False,
        widget=forms.DateTimeInput({"class": "field", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.TextInput(TEXT),
        error_messages={"required": "Say why, so that the next person knows."},
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now

    @staticmethod
    def preset(at: datetime | None, zone: ZoneInfo) -> dict[str, Any]:
        """What the form proposes: now, or the source's local minute in which ``at`` (aware) lies."""
        if at is None:
            return {"effective": NOW}
        return {"effective": MOMENT, "moment": at.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)}

    def clean(self) -> dict[str, Any]:
        """Put the moment into UTC: a past one, and one that the source's clocks showed exactly once."""
        said: dict[str, Any] = self.cleaned_data
        said["effective_from"] = self.now
        if said.get("effective") == MOMENT and "moment" not in self.errors:
            said["effective_from"] = self._past(said.get("moment"))
        return said

    def _past(self, moment: datetime | None) -> datetime | None:
        if moment is None:
            self.add_error("moment", "Say from when.")
            return None
        at, fault = past_moment(moment, self.zone, self.now)
        if fault:
            self.add_error("moment", fault)
        return at


def past_moment(moment: datetime, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, str]:
    """The UTC moment of a source's local time (any tzinfo on it is dropped), or None and the sentence why not."""
    if moment.year < EARLIEST_YEAR:
        return None, f"Choose a moment in or after {EARLIEST_YEAR}; feeds are not older."
    if moment.replace(tzinfo=None) > now.replace(tzinfo=None) + timedelta(days=1):
        return None, AHEAD
    at = to_utc(moment.replace(tzinfo=None), zone).at
    if at is None:
        return None, "The clocks change at this time: it happens twice or never. Choose another minute."
    return (None, AHEAD) if at > now else (at, "")
