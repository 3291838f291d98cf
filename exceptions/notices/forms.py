"""What a person chooses about notices beside those in the desk."""

from typing import Any

from django import forms

from exceptions.models import NoticeSettings

FIELD = {"class": "field"}
MOST_PER_HOUR = 60


class NoticeSettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """E-mail, quiet hours, limit."""

    class Meta:
        model = NoticeSettings
        fields = ("email", "quiet_from", "quiet_until", "most_per_hour")
        labels = {
            "email": "E-mail",
            "quiet_from": "Quiet from",
            "quiet_until": "Quiet until",
            "most_per_hour": "At most, each hour",
        }
        help_texts = {"quiet_until": "Earlier than from: over midnight.", "most_per_hour": "What is more is bundled."}
        widgets = {
            "email": forms.Select(attrs=FIELD),
            "quiet_from": forms.TimeInput(attrs=FIELD | {"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs=FIELD | {"type": "time"}, format="%H:%M"),
            "most_per_hour": forms.NumberInput(attrs=FIELD | {"min": 1, "max": MOST_PER_HOUR}),
        }

    def clean_most_per_hour(self) -> int:
        """Keep to what anyone can read."""
        most: int = self.cleaned_data["most_per_hour"]
        if not 1 <= most <= MOST_PER_HOUR:
            raise forms.ValidationError(f"Choose a number from 1 to {MOST_PER_HOUR}.")
        return most

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two different ends, or none."""
        found: dict[str, Any] = super().clean() or {}
        starts, ends = found.get("quiet_from"), found.get("quiet_until")
        if (starts is None) != (ends is None) and not self.errors:
            self.add_error("quiet_until", "Quiet hours need both ends.")
        elif starts is not None and starts == ends:
            self.add_error("quiet_until", "Quiet hours cannot end when they begin.")
        return found
