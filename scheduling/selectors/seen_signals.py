"""Every combination of raw signals that sources have sent: how often, what it means now, what it holds up.

A fixed number of queries for any number of sources and events: tallies are few, held events have their own index.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from accounts.models import ClinicCode, Source
from scheduling.facts import Signals
from scheduling.mapping.loading import compile_revisions, load_rules
from scheduling.mapping.resolve import decide, parts_of, resolve
from scheduling.mapping.rules import MappingContext, Resolution, RuleSet
from scheduling.models import MappedEvent, MappingRevision, SignalTally
from scheduling.models.signals import SIGNALS
from scheduling.selectors.held_signals import KEY, NOTHING_HELD, Held, TallyKey, held_by_signals
from scheduling.vocabulary import MappingOutcome


class Tally(NamedTuple):
    """One row of the tallies."""

    id: int
    key: TallyKey
    events: int
    first_at: datetime
    last_at: datetime
    newest_message: int
    is_visible: bool

    @property
    def signals(self) -> Signals:
        """The six coded signals; of a note nothing is kept but whether there was one."""
        return Signals(*self.key[2:8])


@dataclass(slots=True)
class Seen:
    """One combination as the workbench lists it: tallies of one source that mean the same, clinic codes together.

    ``meaning`` is by the rules in force now, ``drafted`` by the person's draft (None without one).
    """

    source_id: int
    signals: Signals
    has_note: bool
    meaning: Resolution
    drafted: Resolution | None
    tallies: list[Tally]
    held: Held = NOTHING_HELD

    @property
    def id(self) -> int:
        """The tally by which a page names it: the one seen most."""
        return max(self.tallies, key=lambda tally: (tally.events, -tally.id)).id

    @property
    def is_behind(self) -> bool:
        """Whether it has a meaning now, but events are still held: older than the rules, or not yet mapped anew."""
        return self.meaning.outcome is MappingOutcome.MAPPED and self.held.events > 0

    @property
    def is_new_in_draft(self) -> bool:
        """Whether the draft says something else than what is in force."""
        return self.drafted is not None and said(self.drafted) != said(self.meaning)

    @property
    def events(self) -> int:
        """How many events carried it."""
        return sum(tally.events for tally in self.tallies)

    @property
    def first_at(self) -> datetime:
        """Source time of the first."""
        return min(tally.first_at for tally in self.tallies)

    @property
    def last_at(self) -> datetime:
        """Source time of the newest."""
        return max(tally.last_at for tally in self.tallies)

    @property
    def codes(self) -> list[str]:
        """The clinic codes it came under; an event may name none."""
        return sorted({tally.key[1] for tally in self.tallies} - {""})


@dataclass(slots=True)
class Seeing:
    """All that was read to list combinations, for the selectors that build on it."""

    seen: list[Seen]
    every_tally: list[Tally]  # of the sources, seen by the person or not
    clinic_ids: dict[tuple[int, str], int]
    rules: dict[int, RuleSet]
    drafts: dict[int, RuleSet]

    def find(self, tally_id: int) -> Seen | None:
        """The listed combination that a tally belongs to."""
        return next((row for row in self.seen if any(tally.id == tally_id for tally in row.tallies)), None)


def said(meaning: Resolution) -> Resolution:
    """A meaning without the rules that gave it."""
    return meaning._replace(rule_id=None, rivals=(), tried=())


def seen_signals(
    sources: Sequence[Source],
    *,
    user: Any,
    now: datetime,
    drafts: Mapping[int, MappingRevision],
    clinic_id: int | None = None,
) -> Seeing:
    """Everything that the sources have sent and the person may see, those that hold most first.

    ``drafts`` names by source id the draft whose meanings stand beside those in force; ``clinic_id`` keeps one clinic.
    """
    ids = [source.pk for source in sources]
    codes = list(
        ClinicCode.objects.filter(source__in=ids).values_list("source_id", "code", "clinic", "clinic__timezone")
    )
    clinic_ids = {(source_id, code): clinic for source_id, code, clinic, _ in codes}
    tallies = _tallies(ids, user)
    published = load_rules(ids)
    rules = {source_id: published[source_id].at(now)[0] for source_id in ids}
    compiled = compile_revisions({draft.pk for draft in drafts.values()}) if drafts else {}
    drafted = {source_id: compiled[draft.pk] for source_id, draft in drafts.items()}
    zones = {source.timezone for source in sources} | {zone for *_, zone in codes}
    held = held_by_signals({source_id: published[source_id].since(now) for source_id in ids}, user, zones, now)
    seeing = Seeing([], tallies, clinic_ids, rules, drafted)
    shown = [
        tally for tally in tallies if tally.is_visible and clinic_id in (None, seeing.clinic_ids.get(tally.key[:2]))
    ]
    seeing.seen = _listed(shown, seeing, held, _notes(shown, [*rules.values(), *drafted.values()]))
    return seeing


def context_of(tally: Tally, clinic_ids: Mapping[tuple[int, str], int]) -> MappingContext:
    """Where a tally's events come from."""
    return MappingContext(tally.key[0], clinic_ids.get(tally.key[:2]))


def _tallies(source_ids: Collection[int], user: Any) -> list[Tally]:
    mine = SignalTally.objects.visible_to(user).filter(pk=OuterRef("pk"))
    rows = SignalTally.objects.filter(source__in=source_ids).annotate(is_visible=Exists(mine))
    rest = ("events", "first_at", "last_at", "newest_message", "is_visible")
    return [Tally(row[0], row[1 : 1 + len(KEY)], *row[1 + len(KEY) :]) for row in rows.values_list("pk", *KEY, *rest)]


def _notes(tallies: Iterable[Tally], rules: Iterable[RuleSet]) -> dict[tuple[Any, ...], str]:
    """The note of the newest event of each tally with one; asked only where rules read notes."""
    if not any(one.index.has_notes for one in rules):
        return {}
    newest = [tally.newest_message for tally in tallies if tally.key[-1]]
    rows = MappedEvent.objects.filter(message__in=newest).exclude(note="").values_list("message_id", *SIGNALS, "note")
    return {row[:-1]: row[-1] for row in rows}


def _listed(
    tallies: Iterable[Tally], seeing: Seeing, held: Mapping[TallyKey, Held], notes: Mapping[tuple[Any, ...], str]
) -> list[Seen]:
    grouped: dict[tuple[Any, ...], Seen] = {}
    for tally in tallies:
        source_id = tally.key[0]
        signals = tally.signals._replace(note=notes.get((tally.newest_message, *tally.key[2:8]), ""))
        context = context_of(tally, seeing.clinic_ids)
        meaning = resolve(signals, context, seeing.rules[source_id])
        draft = seeing.drafts.get(source_id)
        drafted = decide(draft, parts_of(signals, context, draft)) if draft is not None else None
        key = (source_id, tally.key[2:], meaning, drafted)
        row = grouped.get(key)
        if row is None:
            row = grouped[key] = Seen(source_id, tally.signals, tally.key[-1], meaning, drafted, [])
        row.tallies.append(tally)
        if tally.key in held:
            row.held = row.held.plus(held[tally.key])
    return sorted(
        grouped.values(), key=lambda row: (-row.held.visits, -row.held.soon, -row.events, row.source_id, row.signals)
    )
