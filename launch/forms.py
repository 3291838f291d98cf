"""What people say when they ask for a preview."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from scheduling.forms_states import past_moment

DEFAULT_DAYS = 30
FROM = (
    ("back", f"{DEFAULT_DAYS} days ago"),
    ("now", "Now"),
    ("moment", "The moment below"),
)


class PreviewForm(forms.Form):
    """From when on the meanings would hold, and whether to look at recent visits alone.

    ``cleaned_data`` has ``effective_from`` and ``since`` (None: everything that publishing would ask for), both aware.
    """

    starts = forms.ChoiceField(
        label="Meanings hold from", choices=FROM, initial="back", widget=forms.Select(attrs={"class": "field"})
    )
    moment = forms.DateTimeField(
        label="Moment, in the source's time",
        required=False,
        widget=forms.DateTimeInput(attrs={"class": "field", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    days = forms.IntegerField(
        label="Only visits with news in the last days",
        required=False,
        min_value=1,
        max_value=3650,
        help_text="Leave it empty to see everything that publishing would change.",
        widget=forms.NumberInput(attrs={"class": "field"}),
    )

    def __init__(self, *args: Any, now: datetime, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now, self._zone = now, zone

    def clean(self) -> dict[str, Any]:
        """Turn the choice into moments."""
        data = super().clean() or {}
        starts, moment, days = data.get("starts"), data.get("moment"), data.get("days")
        if starts == "moment" and not moment:
            if "moment" not in self.errors:
                self.add_error("moment", "Say from which moment on.")
            return data
        if starts == "moment" and moment is not None:
            data["effective_from"], fault = past_moment(moment, self._zone, self._now)
            if fault:
                self.add_error("moment", fault)
        else:
            data["effective_from"] = self._now - timedelta(days=DEFAULT_DAYS if starts == "back" else 0)
        data["since"] = self._now - timedelta(days=days) if days else None
        return data
