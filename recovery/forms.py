"""What a person types at the queue. Times are typed by the clinic's clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q

from accounts.models import Grant, User
from config.web.times import zone_words
from recovery.closing import LONGEST_WORDS, NEEDS_WORDS, REASONS_OF
from recovery.forms_offers import PERSON, named_in
from recovery.models import QueueItem, StaffLanguage
from recovery.outcomes import NEEDS_MOMENT, outcomes_of
from recovery.services.next_steps import Told
from recovery.services.read_candidates import Named
from recovery.verbs import ACTORS
from recovery.vocabulary import AttemptOutcome, Family, NextStep
from scheduling.selectors.codes import LANGUAGES, language_words

FIELD = {"class": "field"}
PLAIN = FIELD | {"autocomplete": "off"}
NAMELESS = PLAIN | {"placeholder": "No patient names"}
MOMENT = "%Y-%m-%dT%H:%M"
MOST_PEOPLE = 200
PINS = {"1": "1 hour", "4": "4 hours", "24": "1 day"}  # by hours
# By code, each language once.
SPOKEN = [("", "Any"), *{words: (code, words) for code, words in reversed(LANGUAGES.items())}.values()]


class SeenForm(forms.Form):
    """What every act brings: the version of the item that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, item: QueueItem, *args: Any, **kwargs: Any) -> None:
        self.item = item
        kwargs.setdefault("initial", {"version": item.version})
        super().__init__(*args, **kwargs)


class AskingForm(SeenForm):
    """A form that a verb opens: the keyboard lands in its first field."""

    def __init__(self, item: QueueItem, *args: Any, **kwargs: Any) -> None:
        super().__init__(item, *args, **kwargs)
        for field in self.visible_fields()[:1]:
            field.field.widget.attrs["autofocus"] = True


class CallForm(SeenForm):
    """Begin a call. ``person`` is "entry-visit" of a candidate for a freed slot; the note goes on to the outcome."""

    person = forms.RegexField(PERSON, required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label="Note", required=False, max_length=300, widget=forms.TextInput(attrs=PLAIN | {"placeholder": "Note"})
    )

    def __init__(self, item: QueueItem, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "call_%s")  # the form of the outcome, which takes its place, has a note too
        super().__init__(item, *args, **kwargs)

    @property
    def named(self) -> Named | None:
        """The candidate; nobody where the item says whom to call."""
        return named_in(self.cleaned_data["person"]) if self.cleaned_data["person"] else None


class MessageForm(SeenForm):
    """Send the words that were read; ``words`` is their key."""

    words = forms.RegexField(r"^[0-9a-f]{24}$", widget=forms.HiddenInput)


class ReasonForm(AskingForm):
    """Free a colleague's item."""

    reason = forms.CharField(label="Why", max_length=200, widget=forms.TextInput(attrs=NAMELESS))


class CloseForm(AskingForm):
    """Close an item by hand: a reason of the short list of its kind, and words where nobody could guess."""

    why = forms.ChoiceField(label="Why", widget=forms.Select(attrs=FIELD))
    words = forms.CharField(
        label="In words", required=False, max_length=LONGEST_WORDS, widget=forms.TextInput(attrs=NAMELESS)
    )

    def __init__(self, item: QueueItem, *args: Any, **kwargs: Any) -> None:
        super().__init__(item, *args, **kwargs)
        reasons = [(reason.value, reason.label) for reason in REASONS_OF[Family(item.family)]]
        self.fields["why"].choices = [("", "Choose…"), *reasons]  # type: ignore[attr-defined]  # a ChoiceField, see above

    def clean(self) -> dict[str, Any]:
        """Ask for words where the reason says nothing by itself."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("why") in NEEDS_WORDS and not said.get("words", "").strip():
            self.add_error("words", "Write a few words, so that others know why.")
        return said


class PinForm(AskingForm):
    """Put an item first for a while."""

    hours = forms.ChoiceField(label="Pin for", choices=PINS, widget=forms.Select(attrs=FIELD))
    reason = forms.CharField(label="Why", max_length=200, widget=forms.TextInput(attrs=NAMELESS))

    def until(self, now: datetime) -> datetime:
        """When the pin ends."""
        return now + timedelta(hours=int(self.cleaned_data["hours"]))


class HandOverForm(AskingForm):
    """Give the item to a colleague who works the queue of its clinic."""

    to = forms.ChoiceField(label="To", widget=forms.Select(attrs=FIELD))
    remark = forms.CharField(
        label="What they should know", required=False, max_length=200, widget=forms.TextInput(attrs=NAMELESS)
    )

    def __init__(self, item: QueueItem, me: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(item, *args, **kwargs)
        self.people = {str(person.pk): person for person in colleagues(item, me)}
        spoken = _languages(self.people.values())
        choices = [(key, f"{person}{spoken.get(person.pk, '')}") for key, person in self.people.items()]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField, see above

    @property
    def receiver(self) -> User:
        """Who gets it."""
        return self.people[self.cleaned_data["to"]]


class OutcomeForm(forms.Form):
    """How a call went, and what happens next; nothing is left without a next step."""

    outcome = forms.ChoiceField(label="How it went", widget=forms.Select(attrs=FIELD | {"autofocus": True}))
    next_step = forms.ChoiceField(label="What happens next", choices=NextStep, widget=forms.Select(attrs=FIELD))
    at = forms.DateTimeField(
        label="When",
        required=False,
        input_formats=[MOMENT],
        widget=forms.DateTimeInput(attrs=FIELD | {"type": "datetime-local"}, format=MOMENT),
    )
    with_whom = forms.CharField(label="Ask for", required=False, max_length=80, widget=forms.TextInput(attrs=PLAIN))
    language = forms.ChoiceField(label="Language", required=False, choices=SPOKEN, widget=forms.Select(attrs=FIELD))
    note = forms.CharField(label="Note", required=False, max_length=300, widget=forms.TextInput(attrs=PLAIN))

    def __init__(self, item: QueueItem, zone: ZoneInfo, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.outcomes = outcomes_of(Family(item.family))
        choices = [("", "Choose…"), *((one.value, one.label) for one in self.outcomes)]
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField, see above
        self["at"].help_text = f"In {zone_words(zone)}. Needed for a call back."

    @property
    def follows(self) -> dict[str, list[str]]:
        """The steps that may follow each outcome, the usual first; the page narrows its menu by them."""
        return {one.value: [step.value for step in follows.steps] for one, follows in self.outcomes.items()}

    def clean_at(self) -> datetime | None:
        """Read the moment by the clinic's clock; one that a change of the clocks leaps over never comes."""
        said: datetime | None = self.cleaned_data["at"]
        if said is None:
            return None
        there: datetime = said.replace(tzinfo=self.zone)
        if there.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != said.replace(tzinfo=None):
            raise forms.ValidationError("The clocks leap over this time. Choose another.")
        return there

    @property
    def told(self) -> Told:
        """What the person said; a moment and a person belong to the steps that have one."""
        said = self.cleaned_data
        step = NextStep(said["next_step"])
        is_call_back = step in NEEDS_MOMENT
        return Told(
            AttemptOutcome(said["outcome"]),
            step,
            note=said["note"],
            at=said["at"] if is_call_back or step == NextStep.TRY_AGAIN else None,
            with_whom=said["with_whom"] if is_call_back else "",
            language=said["language"] if is_call_back else "",
        )


def colleagues(item: QueueItem, me: User) -> list[User]:
    """The active people but ``me`` who work the queue of the item's clinic, by name; one query."""
    place = Q(grants__source__isnull=True, grants__clinic__isnull=True) | Q(grants__source=item.source_id)
    if item.clinic_id is not None:
        place |= Q(grants__clinic=item.clinic_id)
    working = Grant.objects.filter(role__in=ACTORS).values("pk")
    people = User.objects.filter(place, grants__in=working, is_active=True).exclude(pk=me.pk)
    return list(people.distinct().order_by("first_name", "last_name", "username")[:MOST_PEOPLE])


def _languages(people: Iterable[User]) -> dict[int, str]:
    """What each of them speaks, beside English: ", speaks Spanish"."""
    found: dict[int, list[str]] = {}
    rows = StaffLanguage.objects.filter(person__in=list(people)).order_by("language").values_list("person", "language")
    for person, language in rows:
        if language_words(language) != "English":
            found.setdefault(person, []).append(language_words(language))
    return {person: f", speaks {', '.join(words)}" for person, words in found.items()}
