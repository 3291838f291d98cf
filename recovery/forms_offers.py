"""What people say about offers: whom to ask, and what was answered."""

from typing import Any

from django import forms

from recovery.contacting.answer import CHANNELS
from recovery.offering import MOST_AT_ONCE
from recovery.services.make_offers import LONGEST_REVIEW
from recovery.services.read_candidates import Named
from recovery.vocabulary import OutreachChannel

LONGEST_KEY = 24
PERSON = r"^[0-9]{0,18}-[0-9]{0,18}$"
ANSWERS = (("accepted", "Takes it"), ("declined", "Says no"), ("withdrawn", "Taken back"))


class OfferForm(forms.Form):
    """One person or several, each "entry-visit" with either left out; ``words`` are the keys of what was read."""

    version = forms.IntegerField(min_value=0)
    person = forms.RegexField(PERSON)
    channel = forms.ChoiceField(required=False, choices=[(one.value, one.label) for one in CHANNELS])
    review = forms.CharField(required=False, max_length=LONGEST_REVIEW)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.several = data.getlist("person")
        self.words = frozenset(one for one in data.getlist("words")[:MOST_AT_ONCE] if len(one) <= LONGEST_KEY)

    @property
    def by(self) -> OutreachChannel:
        """By which way a valid form offers it."""
        return OutreachChannel(self.cleaned_data["channel"] or OutreachChannel.CALL)

    def clean(self) -> dict[str, Any]:
        """Read everybody who is named."""
        said: dict[str, Any] = self.cleaned_data
        field = self.fields["person"]
        if not 1 <= len(self.several) <= MOST_AT_ONCE:
            raise forms.ValidationError("Choose somebody.")
        said["people"] = [named_in(field.clean(one)) for one in self.several]
        if Named() in said["people"]:
            raise forms.ValidationError("Choose somebody.")
        return said


class AnswerForm(forms.Form):
    """What somebody said to an offer."""

    answer = forms.ChoiceField(choices=ANSWERS)


def named_in(text: str) -> Named:
    """Read "entry-visit"."""
    entry, _, visit = text.partition("-")
    return Named(int(entry) if entry else None, int(visit) if visit else None)
