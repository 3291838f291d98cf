"""What staff say about reaching a patient: a number's mark, a refusal or permission, a reason to look."""

from typing import Any

from django import forms

from recovery.contacting.answer import CHANNELS
from recovery.services.mark_contact import BY_HAND
from recovery.services.reveal_patient import LONGEST, SHORTEST
from recovery.vocabulary import Mark, OutreachChannel, Topic

FIELD = {"class": "field"}
EVERY = ("", "Every way")
ALL_TOPICS = ("", "Everything")
TOPICS = (Topic.REFILL, Topic.REBOOK, Topic.CONFIRM)


class MarkForm(forms.Form):
    """Which number, by its key, and what was learnt about it."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    mark = forms.ChoiceField(choices=[(mark.value, mark.label) for mark in BY_HAND])

    @property
    def said(self) -> Mark:
        """The mark of a valid form."""
        return Mark(self.cleaned_data["mark"])


class ConsentForm(forms.Form):
    """What the patient said just now."""

    is_allowed = forms.TypedChoiceField(
        label="The patient",
        choices=[("no", "wants no more"), ("yes", "allows")],
        coerce=lambda value: value == "yes",
        widget=forms.Select(FIELD),
    )
    channel = forms.ChoiceField(
        label="By",
        required=False,
        choices=[EVERY, *((channel.value, channel.label) for channel in (*CHANNELS, OutreachChannel.LETTER))],
        widget=forms.Select(FIELD),
    )
    topic = forms.ChoiceField(
        label="About",
        required=False,
        choices=[ALL_TOPICS, *((topic.value, topic.label) for topic in TOPICS)],
        widget=forms.Select(FIELD),
    )

    @property
    def said(self) -> dict[str, Any]:
        """The values of a valid form, as the service takes them."""
        channel, topic = self.cleaned_data["channel"], self.cleaned_data["topic"]
        return {
            "is_allowed": self.cleaned_data["is_allowed"],
            "channel": OutreachChannel(channel) if channel else None,
            "topic": Topic(topic) if topic else None,
        }


class RevealForm(forms.Form):
    """Why somebody needs to see a hidden name, and the item as they saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why you need the name",
        min_length=SHORTEST,
        max_length=LONGEST,
        widget=forms.TextInput(FIELD | {"autocomplete": "off"}),
    )
