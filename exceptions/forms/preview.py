"""What is asked of a preview: when something opens, at which clinic, owned by which team."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from accounts.models import Clinic, Team
from exceptions.settings_form import FIELD
from scheduling.readers.localtime import to_utc

MINUTE = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Asked:
    """A moment in UTC, with the place whose hours count and the team that would own it."""

    opens_at: datetime
    clinic: Clinic
    team: Team


class PreviewForm(forms.Form):
    """Local time of the clinic; a time that its clocks show twice or never is refused, not guessed."""

    opens = forms.DateTimeField(
        label="If it opens",
        input_formats=[MINUTE],
        widget=forms.DateTimeInput(FIELD | {"type": "datetime-local"}, format=MINUTE),
    )
    clinic = forms.ChoiceField(label="At", widget=forms.Select(FIELD))
    team = forms.ChoiceField(label="Owned by", widget=forms.Select(FIELD))

    def __init__(
        self, data: Any, *, clinics: Iterable[Clinic], teams: Iterable[Team], now: datetime, **kwargs: Any
    ) -> None:
        self.clinics = {str(clinic.pk): clinic for clinic in clinics}
        self.teams = {str(team.pk): team for team in teams}
        self.now = now
        first = next(iter(self.clinics.values()), None)
        local = now.astimezone(first.zone).replace(tzinfo=None) if first else now
        kwargs.setdefault("initial", {"opens": local, "clinic": next(iter(self.clinics), ""), "team": self._team()})
        super().__init__(data, auto_id="id_preview_%s", **kwargs)
        self.fields["clinic"].choices = [(key, str(one)) for key, one in self.clinics.items()]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["team"].choices = [(key, str(one)) for key, one in self.teams.items()]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Put the moment into UTC."""
        said: dict[str, Any] = self.cleaned_data
        if not self.errors:
            said["at"] = to_utc(said["opens"].replace(tzinfo=None), self.clinics[said["clinic"]].zone).at
            if said["at"] is None:
                self.add_error("opens", "The clocks change at this time: it happens twice or never.")
        return said

    @property
    def asked(self) -> Asked | None:
        """What a valid form asks; before anybody asked, now at the first clinic."""
        if self.is_bound:
            said = self.cleaned_data
            return Asked(said["at"], self.clinics[said["clinic"]], self.teams[said["team"]])
        clinic, team = next(iter(self.clinics.values()), None), self.teams.get(self._team())
        return Asked(self.now, clinic, team) if clinic and team else None

    def _team(self) -> str:
        return next((key for key, one in self.teams.items() if one.is_catch_all), next(iter(self.teams), ""))
