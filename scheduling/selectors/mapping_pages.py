"""What the mapping pages print: signals without a meaning, rules in force, reasons, publications, packs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse

from accounts.models import Source
from accounts.scope import source_scope_q
from scheduling.filters import SIGNALS
from scheduling.mapping.loading import load_rules
from scheduling.mapping.packs import pack_names, read_pack
from scheduling.mapping.rules import Tried
from scheduling.models import Feed, MappedEvent, MappingPublication, MappingRevision, MappingRule
from scheduling.selectors.timeline import tried_of
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, SetBy, Status

MOST_TUPLES = 200
OUTCOME_WORDS = {
    MappingOutcome.UNMAPPED: ("Unmapped", "not said"),
    MappingOutcome.AMBIGUOUS: ("Ambiguous", "rules disagree"),
    MappingOutcome.CONFLICT: ("Conflict", "status against event"),
}


@dataclass(frozen=True, slots=True)
class HeldTuple:
    """One combination of raw signals that has no clear meaning, and how much it holds up."""

    source_name: str
    word: str
    means: str
    signals: list[str]
    has_note: bool
    events: int
    visits: int
    newest_at: datetime
    sample: int
    visits_url: str
    is_current: bool


def held_tuples(sources: Sequence[Source], *, user: Any, current: str) -> list[HeldTuple]:
    """The combinations without a clear meaning, those that hold most visits first; one grouped query.

    ``sample`` is the newest event of each, by which a page names it: signals may not stand in an address.
    """
    rows = (
        MappedEvent.objects.visible_to(user)
        .exclude(mapping=MappingOutcome.MAPPED)
        .filter(feed__in=Feed.objects.filter(source__in=sources))
        .values("feed__source__name", "mapping", *SIGNALS)
        .annotate(
            events=Count("pk"),
            visits=Count("appointment_id", distinct=True),
            newest_at=Max("source_at"),
            sample=Max("pk"),
            notes=Count("pk", filter=~Q(note="")),
        )
        .order_by("-visits", "-events", "sample")[:MOST_TUPLES]
    )
    return [_held(row, current) for row in rows]


def _held(row: dict[str, Any], current: str) -> HeldTuple:
    sample = row["sample"]
    return HeldTuple(
        row["feed__source__name"],
        *OUTCOME_WORDS[MappingOutcome(row["mapping"])],
        [row[name] for name in SIGNALS],
        row["notes"] > 0,
        row["events"],
        row["visits"],
        row["newest_at"],
        sample,
        f"{reverse('scheduling:appointments')}?like={sample}",
        str(sample) == current,
    )


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in words."""

    rule: MappingRule
    signals: list[str | None]
    means: str
    extras: list[str]
    origin: str


def rule_rows(revision: MappingRevision) -> list[RuleRow]:
    """The rules of a revision, by their signals; one query."""
    rules = revision.rules.select_related("clinic", "confirmed_by").order_by(*SIGNALS, "pk")
    return [
        RuleRow(
            rule, [getattr(rule, name) for name in (*SIGNALS, "note")], meaning(rule), said_beside(rule), origin(rule)
        )
        for rule in rules
    ]


def meaning(rule: MappingRule) -> str:
    """What a rule says in our words."""
    if not rule.status:
        return str(EventKind(rule.kind).label) if rule.kind else "Keeps the status"
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
    rules: list[RuleRow]
    publications: list[MappingPublication]
    revisions: list[MappingRevision]


def source_mapping(source: Source, *, now: datetime) -> SourceMapping:
    """What is in force at a source now, and the history of it; four queries."""
    publications = list(
        MappingPublication.objects.filter(source=source).select_related("revision", "published_by").order_by("-number")
    )
    in_force = next((one for one in publications if one.effective_from <= now), None)
    return SourceMapping(
        source,
        in_force,
        rule_rows(in_force.revision) if in_force else [],
        publications,
        list(MappingRevision.objects.filter(source=source).select_related("author").order_by("-number")[:20]),
    )


@dataclass(frozen=True, slots=True)
class HeldPane:
    """One combination without a meaning: what came close, and where it is seen."""

    event: MappedEvent
    word: str
    signals: list[tuple[str, str]]
    tried: tuple[Tried, ...]
    events: int
    visits: int
    first_at: datetime | None
    last_at: datetime | None
    visits_url: str


def held_pane(event: MappedEvent, like: QuerySet[MappedEvent]) -> HeldPane:
    """Fill the pane of a held event and of all that are ``like`` it; three queries."""
    totals = like.aggregate(
        n=Count("pk"), v=Count("appointment_id", distinct=True), first=Min("source_at"), last=Max("source_at")
    )
    source_id = event.feed.source_id
    return HeldPane(
        event,
        OUTCOME_WORDS[MappingOutcome(event.mapping)][0],
        [(name.replace("_", " ").capitalize(), getattr(event, name)) for name in SIGNALS if getattr(event, name)],
        tried_of(event, load_rules([source_id])[source_id]),
        totals["n"],
        totals["v"],
        totals["first"],
        totals["last"],
        f"{reverse('scheduling:appointments')}?like={event.pk}",
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
