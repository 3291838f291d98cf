"""Forms of what a clinic decides about visit types, offers and tries; durations are said in hours."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms

from accounts.models import Clinic
from recovery.contacting.answer import CHANNELS
from recovery.errors import InvalidActError
from recovery.offering import Step, store_steps
from recovery.services.change_rules import TriesValues, TypeValues
from recovery.vocabulary import Decider, Family, Movable, OutreachChannel

FIELD = {"class": "field", "autocomplete": "off"}
LONGEST = 14 * 24
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class ClinicForm(forms.Form):
    """About one clinic; ``base`` is the version that the form began with, empty for none."""

    clinic = forms.ChoiceField(label="Clinic", widget=forms.Select(FIELD))
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, clinics: Iterable[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinics = {str(clinic.pk): clinic for clinic in clinics}
        names = [(key, str(clinic)) for key, clinic in self.clinics.items()]
        self.fields["clinic"].choices = names  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def place(self) -> Clinic:
        """The clinic that a valid form names."""
        return self.clinics[self.cleaned_data["clinic"]]


def _hours(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=LONGEST, initial=0, widget=forms.NumberInput(FIELD))


class VisitTypeForm(ClinicForm):
    """What may be done with one visit type."""

    visit_type = forms.CharField(label="Visit type code", max_length=64, widget=forms.TextInput(FIELD))
    movable = forms.ChoiceField(label="May it be moved", choices=Movable, widget=forms.Select(FIELD))
    decider = forms.ChoiceField(label="Who decides", choices=Decider, widget=forms.Select(FIELD))
    notice_hours = _hours("Least notice in hours")
    preparation_hours = _hours("Preparation in hours")
    fits = forms.CharField(
        label="May take slots of",
        required=False,
        max_length=400,
        help_text="Other visit type codes, with commas between.",
        widget=forms.TextInput(FIELD),
    )
    remark = forms.CharField(label="Remark", required=False, max_length=200, widget=forms.TextInput(FIELD))
    is_confidential = forms.ChoiceField(
        label="If the patient is a minor",
        choices=[("", "Call the guardian"), ("1", "Confidential: contact nobody")],
        required=False,
        widget=forms.Select(FIELD),
    )

    @property
    def values(self) -> TypeValues:
        """What a valid form says."""
        said = self.cleaned_data
        return TypeValues(
            said["visit_type"],
            Movable(said["movable"]),
            said["preparation_hours"] * HOUR,
            said["notice_hours"] * HOUR,
            tuple(one.strip() for one in said["fits"].split(",") if one.strip()),
            Decider(said["decider"]),
            said["remark"],
            said["is_confidential"] == "1",
        )


class OfferPolicyForm(ClinicForm):
    """How offers escalate: one step a line, and the channels in their order."""

    steps = forms.CharField(
        label="Steps",
        max_length=200,
        help_text="One a line: hours before the start, minutes to answer, people at once. The last begins at 0.",
        widget=forms.Textarea(FIELD | {"rows": 6}),
    )
    channels = forms.CharField(
        label="Channels in order", max_length=40, help_text="call, text, email", widget=forms.TextInput(FIELD)
    )

    def clean_steps(self) -> list[Step]:
        """Read the lines."""
        try:
            steps = [_step(line) for line in self.cleaned_data["steps"].splitlines() if line.strip()]
            store_steps(steps)
        except InvalidActError as error:
            raise forms.ValidationError(str(error)) from error
        return steps

    def clean_channels(self) -> list[OutreachChannel]:
        """Read the names."""
        names = [one.strip().lower() for one in self.cleaned_data["channels"].split(",") if one.strip()]
        allowed = {str(one) for one in CHANNELS}
        if not names or len(set(names)) != len(names) or not set(names) <= allowed:
            raise forms.ValidationError("Name call, text and email, each at most once.")
        return [OutreachChannel(name) for name in names]


class TriesForm(ClinicForm):
    """How often one family of items is tried; the family is chosen in the list."""

    family = forms.ChoiceField(choices=Family, widget=forms.HiddenInput)
    most_tries = forms.IntegerField(
        label="Most tries", required=False, help_text="Empty: no limit.", widget=forms.NumberInput(FIELD)
    )
    rest_minutes = forms.IntegerField(
        label="Rest between tries, in minutes", help_text="A day has 1,440.", widget=forms.NumberInput(FIELD)
    )
    first_hours = forms.IntegerField(
        label="First try due within, in hours",
        required=False,
        help_text="Empty: no promise.",
        widget=forms.NumberInput(FIELD),
    )

    @property
    def values(self) -> TriesValues:
        """What a valid form says."""
        said = self.cleaned_data
        first = said["first_hours"]
        return TriesValues(
            Family(said["family"]),
            said["most_tries"],
            said["rest_minutes"] * MINUTE,
            first * HOUR if first is not None else None,
        )


def _step(line: str) -> Step:
    parts = line.replace(",", " ").split()
    if len(parts) != len(Step._fields) or not all(part.isdecimal() and len(part) < 6 for part in parts):
        raise InvalidActError("Write three whole numbers a line.")
    hours, minutes, people = map(int, parts)
    return Step(hours * HOUR, minutes * MINUTE, people)
