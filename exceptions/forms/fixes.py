"""What a person chooses to take a cause away."""

from typing import Any

from django import forms

from accounts.models import Clinic
from exceptions.models import IntegrationException


class ClinicOfCodeForm(forms.Form):
    """Which clinic of the source an unknown code stands for."""

    clinic = forms.ModelChoiceField(
        Clinic.objects.none(),
        error_messages={
            "required": "Choose the clinic that the code stands for.",
            "invalid_choice": "Choose one of the source's clinics.",
        },
    )

    def __init__(self, exception: IntegrationException, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].queryset = Clinic.objects.filter(source=exception.source_id)  # type: ignore[attr-defined]  # a ModelChoiceField, see above
