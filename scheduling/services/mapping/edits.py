"""Edits of a draft: every verb counts the draft's version up, so that nobody overwrites what they have not seen."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import Clinic, User
from scheduling.mapping.errors import InvalidMappingError, StaleRevisionError
from scheduling.mapping.packs import PackRow
from scheduling.mapping.rules import Reason, Rule
from scheduling.mapping.validation import canonical_reason, canonical_rule
from scheduling.mapping.vocabulary import Leads, MappingVerb, RevisionState
from scheduling.models.mapping import (
    SIGNAL_FIELDS,
    MappingHistory,
    MappingReason,
    MappingRevision,
    MappingRule,
    PrecedenceSetting,
)

STALE = "This draft was changed or submitted by someone else. Reload to see what is different."


@transaction.atomic
def add_rule(
    revision: MappingRevision,
    rule: Rule,
    *,
    actor: User,
    now: datetime,
    remark: str = "",
    origin: PackRow | None = None,
) -> MappingRule:
    """Add a rule that ``actor`` has confirmed; the id of the given rule is not used.

    ``origin`` is the row of a starter pack that made the person think of it; its citation is kept with the rule.
    Raises InvalidMappingError for a rule without sense or for signals the draft has a rule for, StaleRevisionError
    when the draft has moved on.
    """
    fields = rule_fields(rule)
    take_turn(revision)
    confirmed = {"remark": remark, "confirmed_by": actor, "confirmed_at": now}
    row = write_rule(revision, fields | confirmed | (origin_fields(origin) if origin else {}))
    note_edit(revision, MappingVerb.ADD_RULE, actor, now, {"rule": row.pk, "says": str(row)})
    return row


@transaction.atomic
def change_rule(row: MappingRule, rule: Rule, *, actor: User, now: datetime, remark: str | None = None) -> None:
    """Give a draft's rule other signals or another meaning; the history keeps what it said before.

    Without a ``remark`` the rule keeps its own.
    """
    fields = rule_fields(rule) | ({} if remark is None else {"remark": remark})
    refuse_foreign_clinic(row.revision, rule.clinic_id)
    take_turn(row.revision)
    before = str(row)
    refuse_twin(row.revision, fields, besides=row.pk)
    changed = {**fields, "pack": "", "pack_row": None, "citation": "", "confirmed_by": actor, "confirmed_at": now}
    if not MappingRule.objects.filter(pk=row.pk).update(**changed):
        raise StaleRevisionError(STALE)
    row.refresh_from_db()
    note_edit(row.revision, MappingVerb.CHANGE_RULE, actor, now, {"rule": row.pk, "said": before, "says": str(row)})


@transaction.atomic
def put_rule(
    revision: MappingRevision,
    rule: Rule,
    *,
    actor: User,
    now: datetime,
    remark: str = "",
    origin: PackRow | None = None,
) -> MappingRule:
    """Add a rule, or give the draft's rule for exactly these signals this meaning. Raises as the two verbs do."""
    twin = twins_of(revision, rule_fields(rule)).first()
    if twin is None:
        return add_rule(revision, rule, actor=actor, now=now, remark=remark, origin=origin)
    twin.revision = revision
    change_rule(twin, rule, actor=actor, now=now, remark=remark)
    return twin


@transaction.atomic
def remove_rule(row: MappingRule, *, actor: User, now: datetime) -> None:
    """Take a rule out of a draft; the history keeps what it said."""
    take_turn(row.revision)
    details = {"rule": row.pk, "said": str(row)}
    row.delete()
    note_edit(row.revision, MappingVerb.REMOVE_RULE, actor, now, details)


@transaction.atomic
def set_reason(
    revision: MappingRevision, reason: Reason, *, actor: User, now: datetime, text: str = ""
) -> MappingReason:
    """State what a reason code of the source means, anew or otherwise than before."""
    stated = canonical_reason(reason)._asdict()
    take_turn(revision)
    code = stated.pop("code")
    origin = {"pack": "", "pack_row": None, "citation": ""}
    row, _ = MappingReason.objects.update_or_create(
        revision=revision,
        code=code,
        defaults={**stated, **origin, "text": text, "confirmed_by": actor, "confirmed_at": now},
    )
    note_edit(revision, MappingVerb.SET_REASON, actor, now, {"code": code, **stated})
    return row


@transaction.atomic
def remove_reason(row: MappingReason, *, actor: User, now: datetime) -> None:
    """Take a reason out of a draft; the history keeps what it said."""
    take_turn(row.revision)
    details = {"code": row.code, "said": f"{row.code}: {row.get_initiator_display().lower()}"}
    row.delete()
    note_edit(row.revision, MappingVerb.REMOVE_REASON, actor, now, details)


@transaction.atomic
def set_precedence(
    revision: MappingRevision,
    leads: Leads,
    *,
    actor: User,
    now: datetime,
    trigger: str = "",
    clinic: Clinic | None = None,
) -> PrecedenceSetting:
    """Say which of status and trigger is believed when they contradict; without a trigger, for all of them."""
    refuse_foreign_clinic(revision, clinic.pk if clinic else None)
    take_turn(revision)
    row, _ = PrecedenceSetting.objects.update_or_create(
        revision=revision,
        clinic=clinic,
        trigger=trigger.strip(),
        defaults={"leads": leads, "confirmed_by": actor, "confirmed_at": now},
    )
    details = {"leads": leads, "trigger": row.trigger, "clinic": row.clinic_id}
    note_edit(revision, MappingVerb.SET_PRECEDENCE, actor, now, details)
    return row


@transaction.atomic
def remove_precedence(row: PrecedenceSetting, *, actor: User, now: datetime) -> None:
    """Take back which of status and event leads, so that what holds more generally decides again."""
    take_turn(row.revision)
    details = {"trigger": row.trigger, "clinic": row.clinic_id, "said": str(row)}
    row.delete()
    note_edit(row.revision, MappingVerb.REMOVE_PRECEDENCE, actor, now, details)


def origin_fields(row: PackRow) -> dict[str, Any]:
    """Where a rule or reason comes from, as columns."""
    return {"pack": row.pack, "pack_row": row.row, "citation": row.citation}


def take_turn(revision: MappingRevision) -> None:
    """Lock a draft for this transaction's edit; StaleRevisionError if it is not the draft the caller has seen."""
    turn = MappingRevision.objects.filter(pk=revision.pk, state=RevisionState.DRAFT, version=revision.version)
    if not turn.update(version=F("version") + 1):
        raise StaleRevisionError(STALE)
    revision.version += 1


def rule_fields(rule: Rule) -> dict[str, Any]:
    """A checked rule as columns. Raises InvalidMappingError."""
    fields = asdict(canonical_rule(rule))
    fields.pop("id")
    return fields | {name: fields[name] or "" for name in ("kind", "status", "initiator")}


def write_rule(revision: MappingRevision, fields: Mapping[str, Any]) -> MappingRule:
    """Insert a rule into a draft whose turn is taken; InvalidMappingError where these signals have a rule."""
    refuse_foreign_clinic(revision, fields["clinic_id"])
    refuse_twin(revision, fields)
    return MappingRule.objects.create(revision=revision, **fields)


def refuse_twin(revision: MappingRevision, fields: Mapping[str, Any], *, besides: int | None = None) -> None:
    """Raise InvalidMappingError where the draft has a rule for exactly these signals."""
    twins = twins_of(revision, fields)
    if (twins if besides is None else twins.exclude(pk=besides)).exists():
        raise InvalidMappingError("This draft already has a rule for exactly these signals. Change that one.")


def twins_of(revision: MappingRevision, fields: Mapping[str, Any]) -> QuerySet[MappingRule]:
    """The rule of a revision for exactly these signals at this clinic: one or none."""
    same: dict[str, Any] = {}
    for name in (*SIGNAL_FIELDS, "clinic_id"):
        same |= {f"{name}__isnull": True} if fields[name] is None else {name: fields[name]}
    return revision.rules.filter(**same)


def refuse_foreign_clinic(revision: MappingRevision, clinic_id: int | None) -> None:
    """Raise InvalidMappingError for a clinic of another source."""
    if clinic_id is not None and not Clinic.objects.filter(pk=clinic_id, source=revision.source_id).exists():
        raise InvalidMappingError("This clinic does not belong to the source of the draft.")


def note_edit(
    revision: MappingRevision, verb: MappingVerb, actor: User, now: datetime, details: Mapping[str, Any]
) -> None:
    """Write the history row of an edit."""
    MappingHistory.objects.create(revision=revision, verb=verb, actor=actor, at=now, details=dict(details))
