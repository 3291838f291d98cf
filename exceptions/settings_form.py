"""Forms about settings that two people may change at once: what a form began with travels with it, signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing

FIELD = {"class": "field"}
TEXT = {"class": "field", "autocomplete": "off"}
SALT = "desk.settings.base"
Plain = dict[str, Any]
Fields = list[tuple[str, Any]]


class SettingsForm(forms.Form):
    """A form about one row; ``base`` is what the row said when the form was loaded, "" for a new row.

    ``plain`` values are those of a valid form as JSON has them, by field name, so that they compare.
    """

    base = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_base(self) -> Plain | None:
        """Read what the form began with; None for a new row and for what was tampered with."""
        try:
            read: Plain = signing.loads(self.cleaned_data["base"], salt=SALT)
        except signing.BadSignature:
            return None
        return read

    @property
    def plain(self) -> Plain:
        """What a valid form says."""
        raise NotImplementedError

    def words(self, plain: Plain) -> dict[str, str]:
        """Values by label, as people read them; what is no field, like a version, is not shown."""
        shown = [(name, value) for name, value in plain.items() if name in self.fields]
        return {str(self.fields[name].label): self.said(name, value) for name, value in shown}

    def sent(self, plain: Plain) -> Fields:
        """Values as the form sends them: a list value by value, a box that is not ticked not at all."""
        found: Fields = []
        for name, value in plain.items():
            values = value if isinstance(value, list) else [value]
            found += [(name, "on" if one is True else one) for one in values if one not in (False, None, "")]
        return found

    def said(self, name: str, value: Any) -> str:
        """One value in words; choices by their labels."""
        field = self.fields[name]
        if isinstance(value, bool):
            return "yes" if value else "no"
        values = value if isinstance(value, list) else [value]
        labels = choice_labels(field) if isinstance(field, forms.ChoiceField) else {}
        return ", ".join(labels.get(str(one), str(one)) for one in values if one not in (None, ""))


def choice_labels(field: forms.ChoiceField) -> dict[str, str]:
    """The labels of a choice field by value, those in groups too."""
    found: dict[str, str] = {}
    choices: Any = field.choices
    for value, label in choices:
        pairs = label if isinstance(label, list | tuple) else [(value, label)]
        found |= {str(one): str(text) for one, text in pairs}
    return found


def sign_base(plain: Mapping[str, Any]) -> str:
    """Values for ``SettingsForm.base``."""
    return signing.dumps(dict(plain), salt=SALT)


def reason_sent(form: SettingsForm) -> Fields:
    """The reason of a valid form as it sends it; nothing where the form asks for none, or none was typed."""
    reason = form.cleaned_data.get("reason")
    return [("reason", reason)] if reason else []


@dataclass(frozen=True, slots=True)
class Line:
    """One field at a conflict: when the form was loaded, now, and as typed."""

    label: str
    base: str
    theirs: str
    mine: str


def lines_of(form: SettingsForm, *, base: Plain | None, theirs: Plain, mine: Plain) -> list[Line]:
    """The fields in which the two differ; without a base, what is there now stands for it."""
    began, now, typed = form.words(base or theirs), form.words(theirs), form.words(mine)
    return [
        Line(label, began.get(label, ""), now.get(label, ""), text)
        for label, text in typed.items()
        if text != now.get(label, "")
    ]


def merged(*, base: Plain | None, theirs: Plain, mine: Plain) -> Plain | None:
    """Both changes together where they touch different fields; None where they do not go together."""
    if base is None:
        return None
    changed = {name for name in mine if mine[name] != base.get(name)}
    by_them = {name for name in mine if theirs.get(name) != base.get(name)}
    both = any(mine[name] != theirs.get(name) for name in changed & by_them)
    return None if both else {name: mine[name] if name in changed else theirs.get(name) for name in mine}
