"""A starter pack's rows held against what a source has sent, and against the draft they would go into."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduling.mapping.packs import Pack, PackRow, reason_of, rule_of
from scheduling.mapping.rules import Rule, RuleSet
from scheduling.mapping.wording import KEEPS, rule_words
from scheduling.selectors.never_seen import rule_fits
from scheduling.selectors.seen_signals import Seeing, Tally
from scheduling.vocabulary import Status


@dataclass(frozen=True, slots=True)
class PackLine:
    """One row of a pack in words: how much of what was seen it speaks of, whether it is taken already."""

    row: PackRow
    signals: str
    means: str
    combinations: int
    events: int
    is_taken: bool

    @property
    def may_be_ticked(self) -> bool:
        """Whether a person can confirm it as it stands."""
        return not (self.is_taken or self.row.needs_person)


def pack_rows(pack: Pack, seeing: Seeing, rules: RuleSet) -> list[PackLine]:
    """Rows that speak of something that was seen first, those of most events first; no query."""
    tallies = [tally for row in seeing.seen if row.source_id == rules.source_id for tally in row.tallies]
    taken = {(rule.parts, rule.clinic_id) for rule in rules.rules}
    lines = [_line(row, tallies, seeing, taken, rules) for row in pack.rows]
    return sorted(lines, key=lambda line: (-line.events, line.row.row))


def _line(
    row: PackRow,
    tallies: Sequence[Tally],
    seeing: Seeing,
    taken: set[tuple[tuple[str | None, ...], int | None]],
    rules: RuleSet,
) -> PackLine:
    if row.is_reason:
        code = reason_of(row).code
        fitting = [tally for tally in tallies if tally.signals.event_reason == code]
        signals, is_taken = f"reason {code}", code in rules.reasons
    else:
        rule = _rule(row)
        fitting = [tally for tally in tallies if rule and rule_fits(rule, tally, seeing.clinic_ids)]
        signals, is_taken = rule_words(row.signals), (row.signals, None) in taken
    events = sum(tally.events for tally in fitting)
    return PackLine(row, signals, _means(row), len(fitting), events, is_taken)


def _rule(row: PackRow) -> Rule | None:
    """The row as a rule; a row that states no signal cannot be one."""
    return rule_of(row) if any(part is not None for part in row.signals) else None


def _means(row: PackRow) -> str:
    said = row.translation
    if row.needs_person:
        return row.suggested
    if row.is_reason:
        initiator = reason_of(row).initiator
        words = [f"by {str(initiator.label).lower()}"]
    elif said.status is None:
        words = [str(said.kind.label) if said.kind else KEEPS]
    else:
        by = f" by {str(said.initiator.label).lower()}" if said.initiator and said.status is Status.CANCELLED else ""
        words = [f"{said.status.label}{by}"]
    facts = ((said.suppresses, "stops contact"), (not said.reopens, "opens no work"), (said.remark, said.remark))
    return ", ".join([*words, *(str(text) for holds, text in facts if holds)])
