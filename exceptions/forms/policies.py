"""What people say about an escalation policy: its steps, how often it begins again, and whose default it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.models import Team, User
from exceptions.escalation import Step
from exceptions.models import WebhookEndpoint
from exceptions.rule_words import hours_words, wait_words
from exceptions.settings_form import FIELD, TEXT, Fields, Plain, SettingsForm
from exceptions.vocabulary import Hours, Severity, Target

MOST_STEPS, SPARE = 10, 2
LONGEST_WAIT = timedelta(days=7)
UNITS = {"1": "minutes", "60": "hours", "1440": "days"}
OWN = "own"
GONE = "somebody who is gone"


@dataclass(frozen=True, slots=True)
class StepRow:
    """The fields of one step, as the template prints them."""

    no: int
    wait: BoundField
    unit: BoundField
    whom: BoundField
    hours: BoundField


class PolicyForm(SettingsForm):
    """A policy with its steps; a row without anybody to tell is no step."""

    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(TEXT))
    repeats = forms.IntegerField(
        label="Begins again", min_value=0, max_value=10, initial=0, help_text="Times, 10 at most.",
        widget=forms.NumberInput(FIELD),
    )  # fmt: skip
    default_for = forms.TypedChoiceField(
        label="Used where no rule names one", required=False, coerce=int, empty_value=None,
        choices=[("", "No"), *((value, f"for {label.lower()}") for value, label in Severity.choices)],
        widget=forms.Select(FIELD),
    )  # fmt: skip
    is_active = forms.BooleanField(label="In use", required=False, initial=True)
    reason = forms.CharField(
        label="Why", required=False, max_length=200, widget=forms.TextInput(TEXT | {"placeholder": "For the history"})
    )

    def __init__(
        self,
        *args: Any,
        teams: Iterable[Team],
        people: Iterable[User],
        endpoints: Iterable[WebhookEndpoint],
        steps: int = 0,
        **kwargs: Any,
    ) -> None:
        """``steps`` is how many the policy has; some empty rows stand below them."""
        super().__init__(*args, **kwargs)
        whom = whom_choices(teams, people, endpoints)
        self.whom = {key: label for _, rows in whom for key, label in rows}
        asked = sum(name.endswith("_whom") for name in self.data)
        self.rows = min(max(steps + SPARE, asked), MOST_STEPS)
        for no in range(self.rows):
            self.fields |= step_fields(no, [("", "Nobody: no step"), *whom])

    @property
    def step_rows(self) -> list[StepRow]:
        """The fields of the steps."""
        return [
            StepRow(no + 1, *(self[f"step{no}_{name}"] for name in ("wait", "unit", "whom", "hours")))
            for no in range(self.rows)
        ]

    def clean(self) -> dict[str, Any]:
        """A policy tells somebody, and no step waits longer than a week."""
        said: dict[str, Any] = self.cleaned_data
        if self.errors:
            return said
        said["steps"] = [one for one in map(self._step, range(self.rows)) if one is not None]
        if not said["steps"] and not self.errors:
            raise forms.ValidationError("Say in at least one step who is told.")
        return said

    def _step(self, no: int) -> list[Any] | None:
        said = self.cleaned_data
        whom = said[f"step{no}_whom"]
        if not whom:
            return None
        minutes = (said[f"step{no}_wait"] or 0) * int(said[f"step{no}_unit"])
        if timedelta(minutes=minutes) > LONGEST_WAIT:
            self.add_error(f"step{no}_wait", "A step waits a week at most.")
        return [minutes, whom, said[f"step{no}_hours"]]

    @property
    def plain(self) -> Plain:
        """The policy; a step as [minutes, whom, hours]."""
        return {name: self.cleaned_data[name] for name in ("name", "repeats", "default_for", "is_active", "steps")}

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of a valid form as escalation knows them."""
        return tuple(step_from(*one) for one in self.plain["steps"])

    def words(self, plain: Plain) -> dict[str, str]:
        """As any form, the steps as numbered sentences."""
        rest = super().words({name: value for name, value in plain.items() if name != "steps"})
        steps = (
            f"{no}. {wait_words(timedelta(minutes=minutes))}: {self.whom.get(whom, GONE)}, {hours_words(hours)}"
            for no, (minutes, whom, hours) in enumerate(plain["steps"], start=1)
        )
        return rest | {"Steps": " ".join(steps)}

    def sent(self, plain: Plain) -> Fields:
        """As any form, the steps field by field."""
        rest = super().sent({name: value for name, value in plain.items() if name != "steps"})
        return rest + [
            pair
            for no, (minutes, whom, hours) in enumerate(plain["steps"])
            for pair in step_initial(no, minutes, whom, hours).items()
        ]


def step_fields(no: int, whom: Sequence[Any]) -> dict[str, forms.Field]:
    """The fields of one step; their labels are for those who hear the page, the table has heads."""
    return {
        f"step{no}_wait": forms.IntegerField(
            label=f"Step {no + 1} waits", required=False, min_value=0, max_value=10_080, initial=0,
            widget=forms.NumberInput({"class": "field field--short"}),
        ),
        f"step{no}_unit": forms.ChoiceField(
            label=f"Unit of step {no + 1}", choices=list(UNITS.items()), initial="1", widget=forms.Select(FIELD)
        ),
        f"step{no}_whom": forms.ChoiceField(
            label=f"Step {no + 1} tells", required=False, choices=whom, widget=forms.Select(FIELD)
        ),
        f"step{no}_hours": forms.ChoiceField(
            label=f"Hours of step {no + 1}", choices=Hours.choices, initial=Hours.ALWAYS, widget=forms.Select(FIELD)
        ),
    }  # fmt: skip


def whom_choices(
    teams: Iterable[Team], people: Iterable[User], endpoints: Iterable[WebhookEndpoint]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom a step may tell, in groups."""
    named = [(team.pk, str(team)) for team in teams]
    return [
        ("Whoever owns it", [(f"duty-{OWN}", "Whoever is on duty in its team"), (f"team-{OWN}", "All of its team")]),
        ("On duty in", [(f"duty-{pk}", f"On duty in {name}") for pk, name in named]),
        ("All of", [(f"team-{pk}", f"All of {name}") for pk, name in named]),
        ("People", [(f"person-{one.pk}", str(one)) for one in people]),
        ("Other systems", [(f"webhook-{one.pk}", str(one)) for one in endpoints]),
    ]


def step_from(minutes: int, whom: str, hours: str) -> Step:
    """A plain step as escalation knows it."""
    kind, _, key = whom.partition("-")
    target, pk = Target(kind), None if key == OWN else int(key)
    return Step(
        timedelta(minutes=minutes),
        target,
        Hours(hours),
        person=pk if target == Target.PERSON else None,
        team=pk if target in {Target.TEAM, Target.DUTY} else None,
        endpoint=pk if target == Target.WEBHOOK else None,
    )


def step_plain(step: Step) -> list[Any]:
    """A step as [minutes, whom, hours]."""
    pk = step.person or step.team or step.endpoint or OWN
    return [int(step.wait.total_seconds() // 60), f"{step.target.value}-{pk}", step.hours.value]


def step_initial(no: int, minutes: int, whom: str, hours: str) -> dict[str, Any]:
    """The fields of a plain step, the wait in the largest unit that says it whole."""
    unit = next((unit for unit in ("1440", "60") if minutes and minutes % int(unit) == 0), "1")
    wait = minutes // int(unit)
    return {f"step{no}_wait": wait, f"step{no}_unit": unit, f"step{no}_whom": whom, f"step{no}_hours": hours}
