"""The form of how old a clinic's data may be for one decision."""

from datetime import timedelta

from django import forms

from recovery.forms_settings import FIELD, ClinicForm
from recovery.services.change_limits import LONGEST, LimitValues
from scheduling.decisions import Limits
from scheduling.vocabulary import Decision

MINUTE = timedelta(minutes=1)


def _minutes(label: str, said: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=LONGEST // MINUTE, help_text=said, widget=forms.NumberInput(FIELD)
    )


class LimitForm(ClinicForm):
    """Two ages in minutes; the clinic and the decision are chosen in the list."""

    decision = forms.ChoiceField(choices=Decision, widget=forms.HiddenInput)
    warn_minutes = _minutes("Warn after, in minutes", "Rows are marked, and people may act.")
    held_minutes = _minutes("Hold after, in minutes", "Nobody can act. A day has 1,440.")

    field_order = ("clinic", "warn_minutes", "held_minutes")

    def clean(self) -> dict[str, object]:
        """Refuse to hold before warning."""
        said = super().clean() or {}
        warn, held = said.get("warn_minutes"), said.get("held_minutes")
        if warn is not None and held is not None and held < warn:
            self.add_error("held_minutes", "Hold no sooner than you warn.")
        return said

    @property
    def values(self) -> LimitValues:
        """What a valid form says."""
        said = self.cleaned_data
        limits = Limits(said["warn_minutes"] * MINUTE, said["held_minutes"] * MINUTE)
        return LimitValues(Decision(said["decision"]), limits)
