"""What a person types when moving an exception; each form makes an order."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Team, User
from exceptions.lifecycle import MOST_MUTED
from exceptions.models import IntegrationException
from exceptions.services.move_exception import Order
from exceptions.vocabulary import Verb

FIELD = {"class": "field"}
MUTES = {"4": "4 hours", "24": "1 day", "72": "3 days", "168": "7 days", "336": "14 days"}  # by hours


def reason_field(label: str) -> forms.CharField:
    """A short text; people are asked to leave patients' names out."""
    return forms.CharField(
        label=label,
        max_length=500,
        widget=forms.TextInput(attrs=FIELD | {"placeholder": "No patient names", "autocomplete": "off"}),
    )


class MoveForm(forms.Form):
    """What every move brings: the version of the exception that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, exception: IntegrationException, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"version": exception.version})
        super().__init__(*args, **kwargs)
        self.exception = exception
        # The verb's key swaps the form in, and the keyboard must land in it.
        for field in self.visible_fields()[:1]:
            field.field.widget.attrs["autofocus"] = True

    def order(self, now: datetime) -> Order:  # noqa: ARG002 - a mute ends some hours from now
        """Make the order; ``now`` is when the person sent it."""
        return Order(version=self.cleaned_data["version"], reason=self.cleaned_data.get("reason", ""))


class ReasonForm(MoveForm):
    """Closing and opening again."""

    reason = reason_field("Why")


class CommentForm(MoveForm):
    """A remark for the next person."""

    reason = reason_field("Comment")


class MuteForm(MoveForm):
    """Stop notices for a while; every mute ends by itself."""

    hours = forms.ChoiceField(label="Mute for", choices=MUTES, widget=forms.Select(attrs=FIELD))
    reason = reason_field("Why")

    def order(self, now: datetime) -> Order:
        """Count the hours from now."""
        until = now + min(timedelta(hours=int(self.cleaned_data["hours"])), MOST_MUTED)
        return Order(version=self.cleaned_data["version"], reason=self.cleaned_data["reason"], until=until)


class AssignForm(MoveForm):
    """Hand over to a person who can see the exception, or to a team."""

    to = forms.ChoiceField(label="To", widget=forms.Select(attrs=FIELD))
    reason = forms.CharField(
        label="Remark", required=False, max_length=500, widget=forms.TextInput(attrs=FIELD | {"autocomplete": "off"})
    )

    def __init__(self, exception: IntegrationException, *args: Any, **kwargs: Any) -> None:
        super().__init__(exception, *args, **kwargs)
        self.teams = {f"team-{team.pk}": team for team in Team.objects.all()}
        self.people = {f"person-{person.pk}": person for person in people_who_see(exception)}
        choices = [
            ("Teams", [(key, str(team)) for key, team in self.teams.items()]),
            ("People", [(key, str(person)) for key, person in self.people.items()]),
        ]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField, see above

    def order(self, now: datetime) -> Order:  # noqa: ARG002 - as above
        """Name the new owner: a person keeps the team, a team has nobody in particular yet."""
        to = self.cleaned_data["to"]
        return Order(
            version=self.cleaned_data["version"],
            reason=self.cleaned_data["reason"],
            owner=self.people.get(to),
            team=self.teams.get(to),
        )


FORMS: dict[Verb, type[MoveForm]] = {
    Verb.TAKE: MoveForm,
    Verb.RELEASE: MoveForm,
    Verb.UNMUTE: MoveForm,
    Verb.ASSIGN: AssignForm,
    Verb.MUTE: MuteForm,
    Verb.RESOLVE: ReasonForm,
    Verb.REOPEN: ReasonForm,
    Verb.COMMENT: CommentForm,
}


def people_who_see(exception: IntegrationException) -> list[User]:
    """List the active people whose grants cover an exception, by name."""
    covers = Q(grants__source=exception.source_id) | Q(grants__source=None, grants__clinic=None, grants__isnull=False)
    if exception.clinic_id is not None:
        covers |= Q(grants__clinic=exception.clinic_id)
    people = User.objects.filter(covers, is_active=True).distinct()
    return list(people.order_by("first_name", "last_name", "username")[:500])
