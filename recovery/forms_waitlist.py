"""What people say about the waitlist: one entry by hand or by a row of a file, a file, a removal."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms

from accounts.models import Clinic
from recovery.eligibility import DAYS
from recovery.services.waitlist import Wanted

FIELD = {"class": "field", "autocomplete": "off"}
DAY_CHOICES = [(name[:3].lower(), name) for name in DAYS]
LONGEST_NOTICE = 14 * 24
Found = Mapping[tuple[int, str], Sequence[int]]


def _text(label: str, *, required: bool = False, most: int = 64, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=most, widget=forms.TextInput(FIELD), **more)


class EntryForm(forms.Form):
    """One entry. The names of the fields are the columns of a file; times are the clinic's own.

    ``clinics`` are those the person may add to, with their sources; a clinic is named "source/clinic" by their keys.
    ``found`` names the patients of numbers at a source; set it before the form is validated.
    """

    clinic = forms.ChoiceField(label="Clinic", widget=forms.Select(FIELD))
    mrn = _text("Medical record number", required=True)
    visit_type = _text("Visit type code", required=True)
    provider = _text("Only with provider")
    minutes = forms.IntegerField(
        label="Minutes", required=False, min_value=5, max_value=600, widget=forms.NumberInput(FIELD)
    )
    not_before = forms.DateField(label="Not before", required=False, widget=forms.DateInput(FIELD | {"type": "date"}))
    not_after = forms.DateField(label="Not after", required=False, widget=forms.DateInput(FIELD | {"type": "date"}))
    weekdays = forms.MultipleChoiceField(
        label="Only on", required=False, choices=DAY_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    from_time = forms.TimeField(label="From", required=False, widget=forms.TimeInput(FIELD | {"type": "time"}))
    until_time = forms.TimeField(label="Done by", required=False, widget=forms.TimeInput(FIELD | {"type": "time"}))
    notice_hours = forms.IntegerField(
        label="Notice in hours", required=False, min_value=0, max_value=LONGEST_NOTICE, widget=forms.NumberInput(FIELD)
    )

    def __init__(self, *args: Any, clinics: Iterable[Clinic], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinics = {f"{clinic.source.key}/{clinic.key}": clinic for clinic in clinics}
        self.found: Found = {}
        self.now = now
        names = [(key, str(clinic)) for key, clinic in self.clinics.items()]
        self.fields["clinic"].choices = names  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Name the patient; dates and times in their order."""
        said: dict[str, Any] = self.cleaned_data
        if said.get("not_before") and said.get("not_after") and said["not_before"] > said["not_after"]:
            self.add_error("not_after", "The last day lies before the first.")
        if said.get("from_time") and said.get("until_time") and said["from_time"] >= said["until_time"]:
            self.add_error("until_time", "The end lies before the beginning.")
        if said.get("clinic") and said.get("mrn"):
            people = self.found.get((self.clinics[said["clinic"]].source_id, said["mrn"]), ())
            if len(people) != 1:
                self.add_error("mrn", "Several patients have this number." if people else "No patient has this number.")
            else:
                said["patient_id"] = people[0]
        return said

    @property
    def asked(self) -> tuple[int, str] | None:
        """The source and number to look for, before anything is validated."""
        clinic = self.clinics.get(str(self.data.get("clinic", "")))
        return (clinic.source_id, str(self.data.get("mrn", "")).strip()) if clinic is not None else None

    @property
    def wanted(self) -> Wanted:
        """What a valid form says."""
        said, keys = self.cleaned_data, [key for key, _ in DAY_CHOICES]
        hours = said["notice_hours"]
        return Wanted(
            patient_id=said["patient_id"],
            clinic=self.clinics[said["clinic"]],
            visit_type=said["visit_type"],
            since=said.get("since") or self.now,
            provider_code=said["provider"],
            minutes=said["minutes"],
            not_before_on=said["not_before"],
            not_after_on=said["not_after"],
            weekdays=tuple(sorted(keys.index(one) for one in said["weekdays"])),
            from_time=said["from_time"],
            until_time=said["until_time"],
            notice=None if hours is None else timedelta(hours=hours),
        )


class RowForm(EntryForm):
    """The same as a row of a file, which may say since when they wait: a day, or a moment with its offset."""

    since = forms.CharField(required=False, max_length=40)

    def clean_since(self) -> datetime | None:
        """A day is its beginning at the clinic; nobody waits since a moment ahead."""
        said = self.cleaned_data["since"].strip()
        if not said:
            return None
        try:
            moment = datetime.fromisoformat(said)
        except ValueError as error:
            raise forms.ValidationError("Write a day like 2026-11-24.") from error
        clinic = self.clinics.get(self.cleaned_data.get("clinic", ""))
        if moment.tzinfo is None and clinic is not None:
            moment = moment.replace(tzinfo=clinic.zone)
        moment = moment.astimezone(UTC)
        if moment > self.now:
            raise forms.ValidationError("This lies ahead.")
        return moment


class FileForm(forms.Form):
    """A file of entries."""

    file = forms.FileField(label="CSV file", widget=forms.ClearableFileInput({"class": "field", "accept": ".csv"}))


class RemovalForm(forms.Form):
    """Why somebody is taken off."""

    reason = forms.CharField(max_length=120)
