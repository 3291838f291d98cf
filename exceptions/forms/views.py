"""Keeping a filter of the list under a name."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Team, User
from config.web.ids import read_id
from exceptions.catalogue import CATALOGUE
from exceptions.filters import AFTER_RULES, ORDERS
from exceptions.splits import LABELS
from scheduling.vocabulary import Decision

FIELD = {"class": "field"}
_WORDS: dict[str, set[str]] = {
    "split": {key for key, _ in LABELS if key},
    "kind": set(CATALOGUE),
    "blocks": set(Decision.values),
    "sort": set(ORDERS) - {""},
    "route": set(AFTER_RULES),
}
_IDS = ("source", "clinic", "route")


def kept_filter(query: Mapping[str, Any]) -> str:
    """The part of a list's address that a view keeps, encoded.

    Only ids and words of ours: whatever somebody typed (``q``) is left out, since it could name a patient (I12).
    """
    kept = QueryDict(mutable=True)
    for name, words in _WORDS.items():
        if query.get(name) in words:
            kept[name] = query[name]
    for name in _IDS:
        if read_id(str(query.get(name, ""))):
            kept[name] = query[name]
    return kept.urlencode()


class ViewForm(forms.Form):
    """Name a view; ``team`` is one of the person's, with whom it is shared."""

    name = forms.CharField(
        max_length=60,
        widget=forms.TextInput(attrs=FIELD | {"placeholder": "No patient names", "autocomplete": "off"}),
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), required=False, label="Share with", empty_label="Nobody", widget=forms.Select(attrs=FIELD)
    )
    begins = forms.BooleanField(required=False, label="Begin with it")

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = person.teams.all()  # type: ignore[attr-defined]  # a ModelChoiceField


class RenameForm(forms.Form):
    """Another name for a view."""

    name = forms.CharField(max_length=60, widget=forms.TextInput(attrs=FIELD | {"autocomplete": "off"}))
