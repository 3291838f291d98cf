"""Wordings, contact policies and languages of the staff, as people type them."""

from typing import Any

from django import forms

from recovery.contacting.policy import DEFAULT_POLICY, REVOKE_ALL_FROM
from recovery.contacting.scripts import EXAMPLES, WAY_NAMES, Wording
from recovery.models import ContactPolicy
from recovery.services.contact_settings import PolicyValues
from recovery.vocabulary import OutreachChannel, Topic
from scheduling.selectors.codes import LANGUAGES

FIELD = {"class": "field"}
CODES = sorted(((code, words) for code, words in LANGUAGES.items() if len(code) == 2), key=lambda pair: pair[1])
CHANNELS = [(one.value, name) for one, name in WAY_NAMES.items()]
_CLOCK = FIELD | {"type": "time"}


class WordingForm(forms.Form):
    """A new version of what is said."""

    topic = forms.ChoiceField(label="About", choices=Topic.choices, widget=forms.Select(FIELD))
    channel = forms.ChoiceField(label="By", choices=CHANNELS, widget=forms.Select(FIELD))
    language = forms.ChoiceField(label="In", choices=CODES, initial="en", widget=forms.Select(FIELD))
    subject = forms.CharField(
        label="Subject, of an e-mail", max_length=120, required=False, widget=forms.TextInput(FIELD)
    )
    body = forms.CharField(
        label="Words",
        max_length=1000,
        help_text=f"Gaps: {', '.join(f'{{{gap}}}' for gap in EXAMPLES)}.",
        widget=forms.Textarea(FIELD | {"rows": 5}),
    )

    @property
    def topic_said(self) -> Topic:
        """What a valid form is about."""
        return Topic(self.cleaned_data["topic"])

    @property
    def wording(self) -> Wording:
        """The words of a valid form."""
        said = self.cleaned_data
        return Wording(OutreachChannel(said["channel"]), said["body"], said["subject"])


class PolicyForm(forms.Form):
    """Hours, limits and who we are, from now on."""

    practice = forms.CharField(
        label="What messages call us", max_length=60, help_text="No specialty: anybody may hear it.",
        widget=forms.TextInput(FIELD),
    )  # fmt: skip
    callback = forms.RegexField(
        r"^[0-9+() .-]{7,30}$", label="Number to call back", max_length=30, widget=forms.TextInput(FIELD)
    )
    weekdays_from = forms.TimeField(label="Monday to Saturday, from", widget=forms.TimeInput(_CLOCK, format="%H:%M"))
    weekdays_until = forms.TimeField(label="until", widget=forms.TimeInput(_CLOCK, format="%H:%M"))
    sundays_from = forms.TimeField(label="Sundays, from", widget=forms.TimeInput(_CLOCK, format="%H:%M"))
    sundays_until = forms.TimeField(label="until", widget=forms.TimeInput(_CLOCK, format="%H:%M"))
    most_texts_a_day = forms.IntegerField(
        label="Texts a day", min_value=0, max_value=5, widget=forms.NumberInput(FIELD)
    )
    most_texts_a_week = forms.IntegerField(
        label="Texts in 7 days", min_value=0, max_value=14, widget=forms.NumberInput(FIELD)
    )
    most_calls_a_day = forms.IntegerField(
        label="Calls a day", min_value=0, max_value=5, widget=forms.NumberInput(FIELD)
    )
    revoke_all_from = forms.DateField(
        label="One stop ends every topic, from",
        required=False,
        help_text=f"Federal rule from {REVOKE_ALL_FROM.day} {REVOKE_ALL_FROM:%B %Y}. Empty: never.",
        widget=forms.DateInput(FIELD | {"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        """Hours end after they begin."""
        said: dict[str, Any] = super().clean() or {}
        for begins, ends in (("weekdays_from", "weekdays_until"), ("sundays_from", "sundays_until")):
            if begins in said and ends in said and said[begins] >= said[ends]:
                self.add_error(ends, "The hours end after they begin.")
        return said

    @property
    def values(self) -> PolicyValues:
        """What a valid form says, as the service takes it."""
        return PolicyValues(**self.cleaned_data)


class LanguagesForm(forms.Form):
    """The languages of one person."""

    languages = forms.MultipleChoiceField(
        label="Calls in", required=False, choices=CODES, widget=forms.CheckboxSelectMultiple
    )


def policy_initial(row: ContactPolicy | None) -> dict[str, Any]:
    """What the form begins with: the version in force, else what holds where nothing was decided."""
    if row is not None:
        return {name: getattr(row, name) for name in PolicyValues._fields}
    hours = DEFAULT_POLICY.hours
    return {
        "weekdays_from": hours.weekdays[0],
        "weekdays_until": hours.weekdays[1],
        "sundays_from": hours.sundays[0],
        "sundays_until": hours.sundays[1],
        "most_texts_a_day": DEFAULT_POLICY.most_texts_a_day,
        "most_texts_a_week": DEFAULT_POLICY.most_texts_a_week,
        "most_calls_a_day": DEFAULT_POLICY.most_calls_a_day,
        "revoke_all_from": REVOKE_ALL_FROM,
    }
