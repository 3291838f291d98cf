"""What a person types when moving exceptions, one or many; each form makes an order."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.models import Grant, Team, User
from config.web.times import zone_words
from exceptions.lifecycle import MOST_MUTED, MOST_WAIVED
from exceptions.models import IntegrationException
from exceptions.selectors.impact import zone_of
from exceptions.services.move_exception import Order
from exceptions.vocabulary import Verb

FIELD = {"class": "field"}
MOMENT = "%Y-%m-%dT%H:%M"
MUTES = {"4": "4 hours", "24": "1 day", "72": "3 days", "168": "7 days", "336": "14 days"}  # by hours
WAIVERS = {"8": "8 hours", "24": "1 day", "72": "3 days", "168": "7 days"}  # by hours
MOST_PEOPLE = 500
Place = tuple[int, int | None]  # ids of source and clinic


def reason_field(label: str, *, required: bool = True) -> forms.CharField:
    """A short text; people are asked to leave patients' names out."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=500,
        widget=forms.TextInput(attrs=FIELD | {"placeholder": "No patient names", "autocomplete": "off"}),
    )


class MoveForm(forms.Form):
    """What every move brings. ``version`` is that of the one exception the person saw; many bring theirs by row."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, exceptions: Iterable[IntegrationException], *args: Any, is_many: bool = False, **kwargs: Any
    ) -> None:
        self.exceptions = list(exceptions)
        if not is_many:
            kwargs.setdefault("initial", {"version": self.exceptions[0].version})
        super().__init__(*args, **kwargs)
        if is_many:
            self.fields["version"].required = False
        # The verb's key swaps the form in, and the keyboard must land in it.
        for field in self.visible_fields()[:1]:
            field.field.widget.attrs["autofocus"] = True

    def order(self, now: datetime) -> Order:  # noqa: ARG002 - a mute ends some hours from now
        """Make the order; ``now`` is when the person sent it."""
        return Order(version=self.cleaned_data["version"], reason=self.cleaned_data.get("reason", ""))


class ReasonForm(MoveForm):
    """Closing and opening again."""

    reason = reason_field("Why")


class EscalateForm(MoveForm):
    """Tell the next in the plan at once."""

    reason = reason_field("What they should know", required=False)


class CommentForm(MoveForm):
    """A remark for the next person."""

    reason = reason_field("Comment")


def moment_field() -> forms.DateTimeField:
    """An exact end, as the clock of the place shows it; left empty where the choice of hours will do."""
    widget = forms.DateTimeInput(attrs=FIELD | {"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(label="Or until exactly", required=False, input_formats=[MOMENT], widget=widget)


class MuteForm(MoveForm):
    """Stop notices for a while; every mute ends by itself, after some hours or at an exact moment.

    The moment is local time of the exceptions' places; where these have several zones it is UTC.
    """

    most = MOST_MUTED
    hours = forms.ChoiceField(label="Mute for", choices=MUTES, widget=forms.Select(attrs=FIELD))
    until = moment_field()
    reason = reason_field("Why")

    def __init__(self, exceptions: Iterable[IntegrationException], *args: Any, **kwargs: Any) -> None:
        super().__init__(exceptions, *args, **kwargs)
        zones = {zone_of(one) for one in self.exceptions}
        self.zone = zones.pop() if len(zones) == 1 else ZoneInfo("UTC")
        # On the bound field, which the first look at the fields has made already.
        self["until"].help_text = f"In {zone_words(self.zone)}."

    def clean_until(self) -> datetime | None:
        """Read the moment by the clock of the place; one that a change of the clocks leaps over never comes."""
        said: datetime | None = self.cleaned_data["until"]
        if said is None:
            return None
        there: datetime = said.replace(tzinfo=self.zone)
        if there.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != said.replace(tzinfo=None):
            raise forms.ValidationError("The clocks leap over this time. Choose another.")
        return there

    def order(self, now: datetime) -> Order:
        """The exact moment, else the hours counted from now; an end that is too far is for the move to refuse."""
        until = self.cleaned_data["until"] or now + min(timedelta(hours=int(self.cleaned_data["hours"])), self.most)
        return Order(version=self.cleaned_data["version"], reason=self.cleaned_data["reason"], until=until)


class WaiveForm(MuteForm):
    """Accept that it stays for a while; what it holds stays held."""

    most = MOST_WAIVED
    hours = forms.ChoiceField(label="Accept it for", choices=WAIVERS, widget=forms.Select(attrs=FIELD))


class AssignForm(MoveForm):
    """Hand over to a person who can see all of the exceptions, or to a team."""

    to = forms.ChoiceField(label="To", widget=forms.Select(attrs=FIELD))
    reason = forms.CharField(
        label="Remark", required=False, max_length=500, widget=forms.TextInput(attrs=FIELD | {"autocomplete": "off"})
    )

    def __init__(self, exceptions: Iterable[IntegrationException], *args: Any, **kwargs: Any) -> None:
        super().__init__(exceptions, *args, **kwargs)
        self.teams = {f"team-{team.pk}": team for team in Team.objects.all()}
        places = {(one.source_id, one.clinic_id) for one in self.exceptions}
        self.people = {f"person-{person.pk}": person for person in people_who_see(places)}
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
    Verb.UNWAIVE: MoveForm,
    Verb.ASSIGN: AssignForm,
    Verb.ESCALATE: EscalateForm,
    Verb.MUTE: MuteForm,
    Verb.WAIVE: WaiveForm,
    Verb.RESOLVE: ReasonForm,
    Verb.REOPEN: ReasonForm,
    Verb.COMMENT: CommentForm,
}


def made_anew(form: MoveForm, exception: IntegrationException) -> MoveForm:
    """The form as the person filled it in, made against the exception as it is now: nothing is typed twice."""
    return type(form)([exception], {**dict(form.data.items()), "version": exception.version})


def people_who_see(places: Collection[Place]) -> list[User]:
    """List the active people whose grants cover every one of some places, by name; one query."""
    covered: dict[User, set[Place]] = {}
    for grant in Grant.objects.filter(user__is_active=True).select_related("user"):
        fitting = {place for place in places if _covers(grant, place)}
        covered.setdefault(grant.user, set()).update(fitting)
    people = [person for person, seen in covered.items() if len(seen) == len(places)]
    return sorted(people, key=lambda person: (person.first_name, person.last_name, person.username))[:MOST_PEOPLE]


def _covers(grant: Grant, place: Place) -> bool:
    source, clinic = place
    if grant.source_id is None and grant.clinic_id is None:
        return True
    return grant.source_id == source or (clinic is not None and grant.clinic_id == clinic)
