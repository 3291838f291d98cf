"""Forms of visits at risk: a clinic's policy, a file of scores. Shares are said of 100."""

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import Source
from recovery.forms_settings import FIELD, ClinicForm
from recovery.risk.arms import MOST_HOLDOUT
from recovery.risk.reading import MODEL_NAME
from recovery.services.change_risk import MOST_DAYS_AHEAD, RiskValues

SWITCH = (("off", "Off"), ("on", "On"))


def _number(label: str, least: int, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=forms.NumberInput(FIELD), **more)


class RiskForm(ClinicForm):
    """What one clinic does about visits at risk."""

    switch = forms.ChoiceField(label="Call people at risk", choices=SWITCH, widget=forms.Select(FIELD))
    model = forms.RegexField(
        f"^{MODEL_NAME}$",
        label="By scores of",
        help_text="baseline-1 is the desk's own count. Others go by the name their sender gives.",
        error_messages={"invalid": "Use letters, digits, dots and dashes."},
        widget=forms.TextInput(FIELD),
    )
    threshold = _number("From a risk of, in 100", 1, 100)
    days_ahead = _number("Days ahead", 1, MOST_DAYS_AHEAD)
    holdout = _number(
        "Left uncontacted, of 100",
        0,
        MOST_HOLDOUT,
        help_text="Drawn at random, so that the worth of calling can be known.",
    )

    @property
    def values(self) -> RiskValues:
        """What a valid form says."""
        said = self.cleaned_data
        return RiskValues(
            said["switch"] == "on", said["model"], said["threshold"] / 100, said["days_ahead"], said["holdout"]
        )


class ScoresForm(forms.Form):
    """A file of scores about visits of one source."""

    source = forms.ChoiceField(label="Source", widget=forms.Select(FIELD))
    file = forms.FileField(label="CSV file", widget=forms.ClearableFileInput({"class": "field", "accept": ".csv"}))

    def __init__(self, *args: Any, sources: Iterable[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources = {str(source.pk): source for source in sources}
        names = [(key, str(source)) for key, source in self.sources.items()]
        self.fields["source"].choices = names  # type: ignore[attr-defined]  # a ChoiceField
