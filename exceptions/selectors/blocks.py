"""Which decisions about a subject stand still, and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, ExpressionWrapper, F, OuterRef, Q, QuerySet

from exceptions.catalogue import CATALOGUE
from exceptions.checks.kinds import Check
from exceptions.models import IntegrationException, Membership
from exceptions.querysets import IntegrationExceptionQuerySet
from exceptions.vocabulary import State, SubjectKind
from scheduling.vocabulary import Decision

Subject = tuple[SubjectKind, int]


@dataclass(frozen=True, slots=True)
class Block:
    """One open exception that stands in the way of decisions about a subject."""

    exception_id: int
    kind: Check
    raw: str
    decisions: frozenset[Decision]
    team: str
    owner: str


def appointment_exceptions(appointment_id: int, user: Any) -> IntegrationExceptionQuerySet:
    """Unresolved exceptions in a person's scope with a live finding about one visit."""
    about = Q(memberships__subject_kind=SubjectKind.APPOINTMENT, memberships__subject_id=appointment_id)
    return IntegrationException.objects.visible_to(user).unresolved().filter(about)


def blocking_for(subjects: Iterable[Subject]) -> dict[Subject, list[Block]]:
    """Return what blocks each of some subjects now, worst first; a subject that nothing blocks is left out.

    One query. Scope is the caller's: pass only subjects the person may see. A closed exception
    blocks nothing, and one that holds cannot be closed (I4). One that a person accepted for a while blocks nothing
    until the end of its waiver, unless it holds: a hold is released by its cause alone.
    """
    ids: dict[int, list[int]] = defaultdict(list)
    for kind, subject_id in subjects:
        ids[kind].append(subject_id)
    found: dict[Subject, list[Block]] = defaultdict(list)
    for member in _members(ids) if ids else ():
        block = _block(member)
        if block.decisions:
            found[SubjectKind(member.subject_kind), member.subject_id].append(block)
    return dict(found)


def blocking_members(kind: SubjectKind, *, subject: str, decision: str) -> QuerySet[Membership]:
    """What stands in the way of one decision about a subject, for an EXISTS: the twin in SQL of ``blocking_for``.

    ``subject`` and ``decision`` name columns or annotations of the query around it.
    """
    holds = [check.id for check in CATALOGUE.values() if check.is_hold]
    counts = Q(exception__waived_until__isnull=True) | Q(exception__check_id__in=holds)
    about = Membership.objects.standing().filter(counts, subject_kind=kind, subject_id=OuterRef(subject))
    asked = about.annotate(asked=ExpressionWrapper(OuterRef(decision), output_field=CharField()))
    return asked.filter(Q(decision=F("asked")) | Q(decision="") & _blocks_asked_q())


def _blocks_asked_q() -> Q:
    """Findings of checks that block the decision ``asked``; checks that block the same ones are asked for together."""
    alike: defaultdict[frozenset[Decision], list[str]] = defaultdict(list)
    for check in CATALOGUE.values():
        alike[check.blocks].append(check.id)
    found = Q()
    for decisions, ids in alike.items():
        found |= Q(exception__check_id__in=ids, asked__in=sorted(decisions))
    return found


def _members(ids: Mapping[int, list[int]]) -> Iterable[Membership]:
    about = Q()
    for kind, kind_ids in ids.items():
        about |= Q(subject_kind=kind, subject_id__in=kind_ids)
    return (
        Membership.objects.filter(about)
        .exclude(exception__state=State.RESOLVED)
        .select_related("exception__owner_team", "exception__owner")
        .order_by(F("exception__severity"), "exception_id", "decision")
    )


def _block(member: Membership) -> Block:
    exception = member.exception
    kind = exception.kind
    decisions = frozenset({Decision(member.decision)}) if member.decision else kind.blocks
    team, owner = exception.owner_team, exception.owner
    if exception.waived_until is not None and not kind.is_hold:
        decisions = frozenset()
    return Block(exception.pk, kind, exception.raw, decisions, str(team) if team else "", str(owner) if owner else "")
