"""The list of the mapping workbench: five views of what was seen, cut by source, clinic and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Source
from scheduling.models import MappingRule
from scheduling.selectors.mapping_pages import RuleRow, row_of_rule
from scheduling.selectors.never_seen import never_seen
from scheduling.selectors.seen_signals import Seeing, Seen
from scheduling.selectors.signal_words import OUTCOMES, MeaningWords, meaning_words
from scheduling.vocabulary import MappingOutcome

PAGE = 100
NEVER = "never"
VIEWS = (
    ("needs", "Needs a meaning"),
    ("conflicts", "Conflicts"),
    ("ambiguous", "Ambiguous"),
    ("mapped", "Mapped"),
    (NEVER, "Never seen"),
)
OUTCOME_OF = {
    "needs": MappingOutcome.UNMAPPED,
    "conflicts": MappingOutcome.CONFLICT,
    "ambiguous": MappingOutcome.AMBIGUOUS,
    "mapped": MappingOutcome.MAPPED,
}


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One combination as a row: what it means, what the draft makes of it, where its pane is."""

    seen: Seen
    source_name: str
    word: str
    means: MeaningWords
    drafted: MeaningWords | None
    url: str
    is_current: bool

    @property
    def is_held(self) -> bool:
        """Whether it has no clear meaning."""
        return self.seen.outcome is not MappingOutcome.MAPPED


@dataclass(frozen=True, slots=True)
class Listing:
    """One view's rows: a page of combinations, or rules that nothing matched, with the counts of all views."""

    view: str
    counts: dict[str, int]
    rows: list[SeenRow]
    never: list[RuleRow]
    total: int
    next_start: int | None
    previous_start: int | None
    following: Seen | None  # what "next" opens: the first after the current that the draft leaves unclear


def listing(
    seeing: Seeing,
    sources: Sequence[Source],
    *,
    view: str,
    words: str,
    start: int,
    current: Seen | None,
    link: Callable[[int], str],
) -> Listing:
    """Cut and page what was read; two queries, for the rules that nothing matched. ``link`` gives a tally's address."""
    names = {source.pk: source.name for source in sources}
    rules = [
        rule.id
        for source in sources
        for rule in never_seen(seeing.rules[source.pk], seeing.every_tally, seeing.clinic_ids)
    ]
    counts = {name: 0 for name, _ in VIEWS} | {NEVER: len(rules)}
    by_outcome = {outcome: name for name, outcome in OUTCOME_OF.items()}
    for row in seeing.seen:
        counts[by_outcome[row.outcome]] += 1
    wanted = OUTCOME_OF.get(view)
    kept = [row for row in seeing.seen if row.outcome is wanted and _has(row, words)]
    shown = [_row(row, names, row is current, link) for row in kept[start : start + PAGE]]
    return Listing(
        view,
        counts,
        shown,
        _never_rows(rules, words, start) if view == NEVER else [],
        len(rules) if view == NEVER else len(kept),
        start + PAGE if (len(rules) if view == NEVER else len(kept)) > start + PAGE else None,
        max(start - PAGE, 0) if start else None,
        _following(kept, current),
    )


def _has(row: Seen, words: str) -> bool:
    """Whether all the words are in the codes or in the meaning."""
    if not words:
        return True
    text = " ".join((*row.signals, *row.codes, str(meaning_words(row.meaning)))).lower()
    return all(word in text for word in words.lower().split())


def _row(row: Seen, names: dict[int, str], is_current: bool, link: Callable[[int], str]) -> SeenRow:  # noqa: FBT001 - a fact
    word, _ = OUTCOMES[row.outcome]
    drafted = meaning_words(row.drafted) if row.drafted is not None and row.is_new_in_draft else None
    return SeenRow(row, names[row.source_id], word, meaning_words(row.meaning), drafted, link(row.id), is_current)


def _never_rows(ids: Sequence[int], words: str, start: int) -> list[RuleRow]:
    rules = MappingRule.objects.filter(pk__in=ids[start : start + PAGE]).select_related(
        "clinic", "confirmed_by", "revision__source"
    )
    rows = [row_of_rule(rule) for rule in sorted(rules, key=lambda rule: ids.index(rule.pk))]
    return [row for row in rows if not words or words.lower() in f"{row.rule} {row.means}".lower()]


def _following(kept: Sequence[Seen], current: Seen | None) -> Seen | None:
    """The next one after the current, from the top again after the last; None where nothing is left."""
    open_ones = [row for row in kept if not _is_settled(row) or row is current]
    if current in open_ones:
        place = open_ones.index(current)
        open_ones = [*open_ones[place + 1 :], *open_ones[:place]]
    return open_ones[0] if open_ones else None


def _is_settled(row: Any) -> bool:
    """Whether the draft has made it clear already."""
    return row.drafted is not None and row.drafted.outcome is MappingOutcome.MAPPED
