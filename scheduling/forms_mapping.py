"""What people state about a mapping: rules, reasons, what leads, and why a revision moves on."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.core import signing

from accounts.models import Clinic
from scheduling.facts import Signals
from scheduling.mapping.errors import InvalidMappingError, UnknownPackError
from scheduling.mapping.packs import PackRow, read_pack
from scheduling.mapping.rows import KEYS, SAYINGS, PlainRow, Table
from scheduling.mapping.rules import Reason, Rule
from scheduling.mapping.validation import CODE_LIMIT, canonical_reason, canonical_rule
from scheduling.mapping.vocabulary import Leads
from scheduling.mapping.wording import KEEPS, SIGNAL_NAMES
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

FIELD = {"class": "field"}
TEXT = {"class": "field", "autocomplete": "off"}
SALT = "desk.mapping.base"
ANY, IS, NONE = "any", "is", "none"
MODES = [(ANY, "any"), (IS, "exactly"), (NONE, "must say nothing")]
FLAGS = ("initiator_by_reason", "reopens", "suppresses", "counts_as_missed")


class DraftForm(forms.Form):
    """What an edit was made against: the draft (none = one is begun), its version, and the row as it was loaded.

    ``seen`` is the newest entry of the draft's history at that time, ``base`` the signed row or "".
    """

    table: Table
    draft = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    base = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_base(self) -> PlainRow | None:
        """Read the row that was loaded; one that was tampered with counts as unknown."""
        try:
            table, values = signing.loads(self.cleaned_data["base"], salt=SALT)
        except (signing.BadSignature, ValueError):
            return None
        return PlainRow(Table(table), tuple(values))

    @property
    def row(self) -> PlainRow:
        """What a valid form says, as a plain row."""
        raise NotImplementedError


def sign_base(row: PlainRow | None) -> str:
    """A row for ``DraftForm.base``."""
    return signing.dumps([row.table.value, list(row.values)], salt=SALT) if row else ""


class MeaningForm(DraftForm):
    """What rules and reasons both say."""

    initiator = forms.ChoiceField(
        label="By whom", required=False, choices=[("", "Not said"), *Initiator.choices], widget=forms.Select(FIELD)
    )
    set_by = forms.ChoiceField(label="Set by", choices=SetBy.choices, widget=forms.Select(FIELD))
    reopens = forms.BooleanField(label="Opens recovery work", required=False)
    suppresses = forms.BooleanField(label="Stops all contact", required=False)
    counts_as_missed = forms.BooleanField(label="Counts as missed", required=False)


class RuleForm(MeaningForm):
    """One rule: which signals are stated, any or must be absent, where it holds, and what it means."""

    table = Table.RULE
    status = forms.ChoiceField(
        label="Means", required=False, choices=[("", KEEPS), *Status.choices], widget=forms.Select(FIELD)
    )
    kind = forms.ChoiceField(
        label="What happened",
        required=False,
        choices=[("", "What the event says"), *EventKind.choices],
        widget=forms.Select(FIELD),
    )
    initiator_by_reason = forms.BooleanField(label="The reason says by whom", required=False)
    clinic = forms.ChoiceField(label="Where", required=False, widget=forms.Select(FIELD))
    remark = forms.CharField(label="Remark", required=False, max_length=300, widget=forms.TextInput(TEXT))
    pack = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    pack_row = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    field_order = ("status", "initiator", "kind", "set_by")

    def __init__(self, *args: Any, clinics: Iterable[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinics = {str(clinic.pk): clinic for clinic in clinics}
        places = [(key, f"Only {clinic.name}") for key, clinic in self.clinics.items()]
        self.fields["clinic"].choices = [("", "The whole source"), *places]  # type: ignore[attr-defined]  # a choice
        for name, label in zip(Signals._fields, SIGNAL_NAMES, strict=True):
            limit = 100 if name == "note" else CODE_LIMIT
            self.fields[f"{name}_mode"] = forms.ChoiceField(label=label, choices=MODES, widget=forms.Select(FIELD))
            self.fields[name] = forms.CharField(
                label=f"{label} is", required=False, max_length=limit, widget=forms.TextInput(TEXT)
            )

    def clean(self) -> dict[str, Any]:
        """Build the rule; what makes no sense is said above the form."""
        said: dict[str, Any] = self.cleaned_data
        for name, label in zip(Signals._fields, SIGNAL_NAMES, strict=True):
            if said.get(f"{name}_mode") == IS and not said.get(name) and name not in self.errors:
                self.add_error(name, f"Say which {label.lower()}, or choose another way.")
        if not self.errors:
            try:
                said["rule"] = canonical_rule(self._rule(said))
                said["origin"] = self._origin(said)
            except (InvalidMappingError, UnknownPackError, ValueError) as error:
                raise forms.ValidationError(str(error)) from error
        return said

    def _rule(self, said: Mapping[str, Any]) -> Rule:
        signals: dict[str, Any] = {name: _stated(said[f"{name}_mode"], said[name]) for name in Signals._fields}
        return Rule(
            0,
            **signals,
            clinic_id=int(said["clinic"]) if said["clinic"] else None,
            kind=EventKind(said["kind"]) if said["kind"] else None,
            status=Status(said["status"]) if said["status"] else None,
            initiator=Initiator(said["initiator"]) if said["initiator"] else None,
            set_by=SetBy(said["set_by"]),
            **{name: said[name] for name in FLAGS},
        )

    def _origin(self, said: Mapping[str, Any]) -> PackRow | None:
        return read_pack(said["pack"]).row(said["pack_row"] or 0) if said["pack"] else None

    @property
    def rule(self) -> Rule:
        """The rule that a valid form states."""
        rule: Rule = self.cleaned_data["rule"]
        return rule

    @property
    def row(self) -> PlainRow:
        """The rule with its remark as a plain row, as a change writes it: without the origin in a pack."""
        columns = asdict(self.rule) | {"remark": self.cleaned_data["remark"], "pack": "", "pack_row": None}
        clinic = self.clinics.get(str(columns["clinic_id"]))
        columns |= {"clinic": clinic.key if clinic else None, "citation": ""}
        columns |= {name: columns[name] or "" for name in ("kind", "status", "initiator")}
        return plain_row(Table.RULE, columns)

    @property
    def signal_fields(self) -> list[tuple[str, Any, Any]]:
        """(label, how it is stated, the value) of each signal, for the template."""
        pairs = zip(Signals._fields, SIGNAL_NAMES, strict=True)
        return [(label, self[f"{name}_mode"], self[name]) for name, label in pairs]


class ReasonForm(MeaningForm):
    """What a reason code adds to a cancelled or missed visit."""

    table = Table.REASON
    code = forms.CharField(label="Code", max_length=CODE_LIMIT, widget=forms.TextInput(TEXT))
    text = forms.CharField(label="Text", required=False, max_length=200, widget=forms.TextInput(TEXT))

    field_order = ("code", "text", "initiator", "set_by")

    def clean(self) -> dict[str, Any]:
        """Build the reason."""
        said: dict[str, Any] = self.cleaned_data
        if not self.errors:
            flags = {name: said[name] for name in FLAGS if name in said}
            initiator = Initiator(said["initiator"] or Initiator.UNKNOWN)
            try:
                reason = Reason(said["code"], initiator, set_by=SetBy(said["set_by"]), **flags)
                said["reason"] = canonical_reason(reason)
            except InvalidMappingError as error:
                raise forms.ValidationError(str(error)) from error
        return said

    @property
    def reason(self) -> Reason:
        """The reason that a valid form states."""
        reason: Reason = self.cleaned_data["reason"]
        return reason

    @property
    def row(self) -> PlainRow:
        """The reason with its text as a plain row."""
        columns = self.reason._asdict() | {"text": self.cleaned_data["text"], "pack": "", "pack_row": None}
        return plain_row(Table.REASON, columns | {"citation": ""})


class PrecedenceForm(DraftForm):
    """Which of status and trigger is believed when they contradict."""

    table = Table.PRECEDENCE
    trigger = forms.CharField(required=False, max_length=CODE_LIMIT, widget=forms.HiddenInput)
    leads = forms.ChoiceField(label="On a contradiction", choices=Leads.choices, widget=forms.RadioSelect)

    @property
    def row(self) -> PlainRow:
        """The setting as a plain row; it holds in every clinic."""
        said = self.cleaned_data
        return PlainRow(Table.PRECEDENCE, (None, said["trigger"].strip(), said["leads"]))


def _stated(mode: str, value: str) -> str | None:
    return {ANY: None, NONE: ""}.get(mode, value)


def plain_row(table: Table, columns: Mapping[str, Any]) -> PlainRow:
    """The columns of a table as a plain row; words of ours as their plain text."""
    values = (columns[name] for name in KEYS[table] + SAYINGS[table])
    return PlainRow(table, tuple(str(value) if isinstance(value, str) else value for value in values))
