"""What people say about a routing rule: what it is about, and who gets it."""

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import Source, Team, User
from exceptions.catalogue import CATALOGUE
from exceptions.models import EscalationPolicy, RoutingRule
from exceptions.patterns import compiled
from exceptions.settings_form import FIELD, TEXT, Plain, SettingsForm
from exceptions.vocabulary import Family, Severity

EVERYWHERE = ""
MOST_REASON = 200


class RuleForm(SettingsForm):
    """One rule; empty conditions fit everything. ``reason`` stands in the history and is no part of the rule."""

    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(TEXT))
    families = forms.MultipleChoiceField(
        label="Problems of", required=False, choices=Family.choices, widget=forms.CheckboxSelectMultiple
    )
    checks = forms.MultipleChoiceField(
        label="Only these kinds", required=False, widget=forms.SelectMultiple(FIELD | {"size": "6"})
    )
    severities = forms.TypedMultipleChoiceField(
        label="Severity", required=False, choices=Severity.choices, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    place = forms.ChoiceField(label="Where", required=False, widget=forms.Select(FIELD))
    raw_pattern = forms.CharField(
        label="Raw value matches",
        required=False,
        max_length=200,
        help_text="A pattern such as ^ZZ; empty fits every value.",
        widget=forms.TextInput(TEXT | {"class": "field mono", "spellcheck": "false"}),
    )
    team = forms.ChoiceField(label="Goes to", widget=forms.Select(FIELD))
    person = forms.ChoiceField(label="In person", required=False, widget=forms.Select(FIELD))
    policy = forms.ChoiceField(label="Policy", required=False, widget=forms.Select(FIELD))
    reason = forms.CharField(
        label="Why",
        required=False,
        max_length=MOST_REASON,
        widget=forms.TextInput(TEXT | {"placeholder": "For the history"}),
    )

    def __init__(
        self,
        *args: Any,
        sources: Iterable[Source],
        is_everywhere: bool,
        teams: Iterable[Team],
        people: Iterable[User],
        policies: Iterable[EscalationPolicy],
        **kwargs: Any,
    ) -> None:
        """``sources`` come with their clinics and feeds; ``is_everywhere`` lets a rule hold for all of them."""
        super().__init__(*args, **kwargs)
        places: list[tuple[str, Any]] = [(EVERYWHERE, "Everywhere")] if is_everywhere else []
        self.placed: dict[str, dict[str, int | None]] = {EVERYWHERE: _ids()} if is_everywhere else {}
        for source in sources:
            places.append((str(source), [(f"source-{source.pk}", f"All of {source}")]))
            self.placed[f"source-{source.pk}"] = _ids(source=source.pk)
            for kind, rows in (("clinic", source.clinics.all()), ("feed", source.feeds.all())):
                places[-1][1].extend((f"{kind}-{row.pk}", f"{kind.capitalize()} {row}") for row in rows)
                self.placed |= {f"{kind}-{row.pk}": _ids(source=source.pk, **{kind: row.pk}) for row in rows}
        choices = {
            "place": places,
            "checks": checks_by_family(),
            "team": [("", "Choose a team"), *((str(team.pk), str(team)) for team in teams)],
            "person": [("", "Nobody in particular"), *((str(one.pk), str(one)) for one in people)],
            "policy": [("", "As its severity has it"), *((str(one.pk), str(one)) for one in policies)],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]  # each is a ChoiceField
        self.fields["place"].required = not is_everywhere

    def clean_raw_pattern(self) -> str:
        """Refuse a pattern that cannot be read or may run for long."""
        pattern: str = self.cleaned_data["raw_pattern"]
        try:
            compiled(pattern)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return pattern

    @property
    def plain(self) -> Plain:
        """The values of the rule by name."""
        said = self.cleaned_data
        names = ("name", "families", "checks", "severities", "place", "raw_pattern", "team", "person", "policy")
        return {name: sorted(said[name]) if isinstance(said[name], list) else said[name] for name in names}

    @property
    def values(self) -> dict[str, Any]:
        """What a valid form says, by column of the rule."""
        return values_from(self.plain, self.placed)


def values_from(plain: Plain, placed: dict[str, dict[str, int | None]]) -> dict[str, Any]:
    """Plain values as columns of a rule."""
    kept = {name: plain[name] for name in ("name", "families", "checks", "severities", "raw_pattern")}
    ids = {f"{name}_id": int(plain[name]) if plain[name] else None for name in ("team", "person", "policy")}
    return kept | ids | {f"{name}_id": pk for name, pk in placed[plain["place"]].items()}


def plain_of(rule: RoutingRule) -> Plain:
    """What a rule says, as its form has it."""
    place = EVERYWHERE
    for kind, pk in (("source", rule.source_id), ("feed", rule.feed_id), ("clinic", rule.clinic_id)):
        place = f"{kind}-{pk}" if pk else place
    return {
        "name": rule.name,
        "families": sorted(rule.families),
        "checks": sorted(rule.checks),
        "severities": sorted(rule.severities),
        "place": place,
        "raw_pattern": rule.raw_pattern,
        "team": str(rule.team_id),
        "person": str(rule.person_id or ""),
        "policy": str(rule.policy_id or ""),
    }


def checks_by_family() -> list[tuple[str, list[tuple[str, str]]]]:
    """The catalogue as grouped choices."""
    grouped = [
        (
            str(family.label),
            sorted(
                ((one.id, one.title) for one in CATALOGUE.values() if one.family == family), key=lambda pair: pair[1]
            ),
        )
        for family in Family
    ]
    return [(label, rows) for label, rows in grouped if rows]


def _ids(source: int | None = None, clinic: int | None = None, feed: int | None = None) -> dict[str, int | None]:
    return {"source": source, "clinic": clinic, "feed": feed}
