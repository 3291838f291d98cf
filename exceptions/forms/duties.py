"""What people say about who is on duty: a weekly stretch, or a swap for one date."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms

from accounts.models import User
from exceptions.selectors.duty_page import WEEKDAYS
from exceptions.services.change_duties import Hours
from exceptions.settings_form import FIELD, TEXT

TIME = FIELD | {"type": "time"}
NOBODY = "0"


class HoursForm(forms.Form):
    """Who, and from when to when in local time; a stretch may go over midnight."""

    person = forms.ChoiceField(label="Who", widget=forms.Select(FIELD))
    starts = forms.TimeField(label="From", widget=forms.TimeInput(TIME, format="%H:%M"))
    ends = forms.TimeField(label="Until", widget=forms.TimeInput(TIME, format="%H:%M"))
    timezone = forms.CharField(label="Time zone", max_length=64, widget=forms.TextInput(TEXT | {"list": "zones"}))

    def __init__(self, *args: Any, members: Iterable[User], zone: ZoneInfo, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"timezone": zone.key})
        kwargs.setdefault("auto_id", f"id_{self.__class__.__name__.lower()}_%s")
        super().__init__(*args, **kwargs)
        self.members = {str(person.pk): person for person in members}
        choices = [(key, str(person)) for key, person in self.members.items()]
        self.fields["person"].choices = self.others + choices  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def others(self) -> list[tuple[str, str]]:
        """Choices beside the members of the team."""
        return []

    def clean_timezone(self) -> str:
        """Refuse a name that the zone database does not know."""
        name: str = self.cleaned_data["timezone"]
        if name not in available_timezones():
            raise forms.ValidationError("This is not a time zone name such as America/Chicago.")
        return name

    @property
    def who(self) -> User | None:
        """The person a valid form names; None is nobody."""
        return self.members.get(self.cleaned_data["person"])

    @property
    def hours(self) -> Hours:
        """The stretch a valid form states."""
        said = self.cleaned_data
        return Hours(said["starts"], said["ends"], said["timezone"])


class DutyForm(HoursForm):
    """A stretch of every week."""

    weekdays = forms.TypedMultipleChoiceField(
        label="On",
        choices=[(number, name[:3]) for number, name in enumerate(WEEKDAYS)],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one day."},
    )


class SwapForm(HoursForm):
    """A stretch of one date that another person has, or nobody."""

    on = forms.DateField(label="Date", widget=forms.DateInput(FIELD | {"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="Why", required=False, max_length=80, widget=forms.TextInput(TEXT))

    field_order = ("on", "person")

    @property
    def others(self) -> list[tuple[str, str]]:
        """A date may be nobody's."""
        return [(NOBODY, "Nobody")]
