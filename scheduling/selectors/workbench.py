"""The list of the mapping workbench: six views of what was seen, cut by source, clinic and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.models import Source
from scheduling.mapping.rules import Rule
from scheduling.models import MappingRule
from scheduling.selectors.mapping_pages import RuleRow, row_of_rule
from scheduling.selectors.never_seen import never_seen
from scheduling.selectors.seen_signals import Seeing, Seen
from scheduling.selectors.signal_words import MeaningWords, meaning_words, rival_words, state_word
from scheduling.vocabulary import MappingOutcome

PAGE = 100
OLDER, NEVER = "older", "never"
VIEWS = (
    ("needs", "Needs a meaning"),
    ("conflicts", "Conflicts"),
    ("ambiguous", "Ambiguous"),
    (OLDER, "Older held"),
    ("mapped", "Mapped"),
    (NEVER, "Never seen"),
)
VIEW_OF = {
    MappingOutcome.UNMAPPED: "needs",
    MappingOutcome.CONFLICT: "conflicts",
    MappingOutcome.AMBIGUOUS: "ambiguous",
    MappingOutcome.MAPPED: "mapped",
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
        """Whether it holds visits up: it has no clear meaning, or older events wait for one."""
        return view_of(self.seen) != VIEW_OF[MappingOutcome.MAPPED]


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
    """Cut and page what was read; one query, for the rules that nothing matched. ``link`` gives a tally's address."""
    names = {source.pk: source.name for source in sources}
    rules = {source.pk: {rule.id: rule for rule in seeing.rules[source.pk].rules} for source in sources}
    unmatched = [
        rule.id
        for source in sources
        for rule in never_seen(seeing.rules[source.pk], seeing.every_tally, seeing.clinic_ids)
    ]
    counts = {name: 0 for name, _ in VIEWS} | {NEVER: len(unmatched)}
    for row in seeing.seen:
        counts[view_of(row)] += 1
    kept = [row for row in seeing.seen if view_of(row) == view and _has(row, words)]
    never = _never_rows(unmatched, words) if view == NEVER else []
    total = len(never) or len(kept)
    return Listing(
        view,
        counts,
        [_row(row, names, rules[row.source_id], row is current, link) for row in kept[start : start + PAGE]],
        never[start : start + PAGE],
        total,
        start + PAGE if total > start + PAGE else None,
        max(start - PAGE, 0) if start else None,
        _following(kept, current),
    )


def view_of(row: Seen) -> str:
    """The one view that lists a combination."""
    return OLDER if row.is_behind else VIEW_OF[row.meaning.outcome]


def _has(row: Seen, words: str) -> bool:
    """Whether all the words are in the codes or in the meaning."""
    if not words:
        return True
    text = " ".join((*row.signals, *row.codes, str(meaning_words(row.meaning)))).lower()
    return all(word in text for word in words.lower().split())


def _row(
    row: Seen,
    names: dict[int, str],
    rules: dict[int, Rule],
    is_current: bool,  # noqa: FBT001 - a fact
    link: Callable[[int], str],
) -> SeenRow:
    drafted = meaning_words(row.drafted) if row.drafted is not None and row.is_new_in_draft else None
    word, means = state_word(row.meaning, row.held), rival_words(row.meaning, rules)
    return SeenRow(row, names[row.source_id], word, means, drafted, link(row.id), is_current)


def _never_rows(ids: Sequence[int], words: str) -> list[RuleRow]:
    rules = MappingRule.objects.select_related("clinic", "confirmed_by", "revision__source").in_bulk(ids)
    rows = [row_of_rule(rules[each]) for each in ids if each in rules]
    wanted = words.lower().split()
    return [row for row in rows if all(word in f"{row.rule} {row.means}".lower() for word in wanted)]


def _following(kept: Sequence[Seen], current: Seen | None) -> Seen | None:
    """The next one after the current, from the top again after the last; None where nothing is left."""
    open_ones = [row for row in kept if not _is_settled(row) or row is current]
    if current in open_ones:
        place = open_ones.index(current)
        open_ones = [*open_ones[place + 1 :], *open_ones[:place]]
    return open_ones[0] if open_ones else None


def _is_settled(row: Seen) -> bool:
    """Whether the draft has made it clear already."""
    return row.drafted is not None and row.drafted.outcome is MappingOutcome.MAPPED
