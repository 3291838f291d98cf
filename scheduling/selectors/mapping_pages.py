"""What the mapping pages print: rules in words, what is in force, publications, packs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Source
from accounts.scope import source_scope_q
from scheduling.filters import SIGNALS
from scheduling.mapping.packs import pack_names, read_pack
from scheduling.mapping.wording import KEEPS, SIGNAL_NAMES
from scheduling.models import MappingPublication, MappingRevision, MappingRule
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in words."""

    rule: MappingRule
    signals: list[str | None]
    means: str
    extras: list[str]
    origin: str

    @property
    def stated(self) -> list[tuple[str, str]]:
        """The signals it asks for, each with its name; "" must not be said."""
        return [(name, part) for name, part in zip(SIGNAL_NAMES, self.signals, strict=True) if part is not None]


def rule_rows(revision: MappingRevision) -> list[RuleRow]:
    """The rules of a revision, by their signals; one query."""
    rules = revision.rules.select_related("clinic", "confirmed_by").order_by(*SIGNALS, "pk")
    return [row_of_rule(rule) for rule in rules]


def row_of_rule(rule: MappingRule) -> RuleRow:
    """A rule that came with its clinic and with who confirmed it."""
    signals = [getattr(rule, name) for name in (*SIGNALS, "note")]
    return RuleRow(rule, signals, meaning(rule), said_beside(rule), origin(rule))


def meaning(rule: MappingRule) -> str:
    """What a rule says in our words."""
    if not rule.status:
        return str(EventKind(rule.kind).label) if rule.kind else KEEPS
    word = str(Status(rule.status).label)
    if rule.initiator and not rule.initiator_by_reason and rule.status == Status.CANCELLED:
        return f"{word} by {str(Initiator(rule.initiator).label).lower()}"
    return word


def said_beside(rule: MappingRule) -> list[str]:
    """What stands below the meaning of a rule."""
    by_reason = rule.initiator_by_reason and rule.status == Status.CANCELLED
    return [*(["reason says by whom"] if by_reason else []), *extras(rule)]


def extras(rule: Any) -> list[str]:
    """What a rule or reason adds beside its meaning."""
    said = [
        (rule.set_by == SetBy.TIMER, "set by a timer"),
        (rule.suppresses, "stops contact"),
        (rule.counts_as_missed, "counts as missed"),
        (not rule.reopens, "opens no recovery work"),
    ]
    return [words for holds, words in said if holds]


def origin(rule: Any) -> str:
    """Where a rule comes from: a row of a pack, or a person."""
    return f"{rule.pack} row {rule.pack_row}" if rule.pack else str(rule.confirmed_by)


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """One source's mapping as it stands."""

    source: Source
    in_force: MappingPublication | None
    publications: list[MappingPublication]
    revisions: list[MappingRevision]


def source_mapping(source: Source, *, now: datetime) -> SourceMapping:
    """What is in force at a source now, and the history of it; two queries."""
    publications = list(
        MappingPublication.objects.filter(source=source).select_related("revision", "published_by").order_by("-number")
    )
    in_force = next((one for one in publications if one.effective_from <= now), None)
    return SourceMapping(
        source,
        in_force,
        publications,
        list(MappingRevision.objects.filter(source=source).select_related("author").order_by("-number")[:20]),
    )


@dataclass(frozen=True, slots=True)
class PackLine:
    """A starter pack: how many raw codes it knows, and how many carry a whole meaning."""

    name: str
    rows: int
    ready: int


def pack_lines() -> list[PackLine]:
    """All starter packs."""
    packs: Iterable[Any] = (read_pack(name) for name in pack_names())
    return [PackLine(pack.name, len(pack.rows), len(pack.ready)) for pack in packs]


def visible_sources(user: Any) -> QuerySet[Source]:
    """Sources whose mapping a person may read."""
    return Source.objects.filter(source_scope_q(user, "pk"))
