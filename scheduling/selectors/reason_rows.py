"""The reason codes of a source: what was sent, how often, and what each is said to mean."""

from collections import Counter
from dataclasses import dataclass

from scheduling.models import MappingReason, MappingRevision
from scheduling.selectors.seen_signals import Seeing


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One code. A tally names it in addresses while no reason says what it means: codes stand in none."""

    code: str
    events: int
    combinations: int
    tally: int
    reason: MappingReason | None

    @property
    def name(self) -> str:
        """What names it in an address."""
        return f"reason={self.reason.pk}" if self.reason else f"signal={self.tally}"


def reason_rows(seeing: Seeing, revision: MappingRevision | None) -> list[ReasonRow]:
    """Codes without a meaning first, then by how often they were sent; one query."""
    events: Counter[str] = Counter()
    combinations: Counter[str] = Counter()
    tallies: dict[str, int] = {}
    for row in seeing.seen:
        code = row.signals.event_reason
        if code:
            events[code] += row.events
            combinations[code] += 1
            tallies.setdefault(code, row.id)
    known = {reason.code: reason for reason in revision.reasons.select_related("confirmed_by")} if revision else {}
    rows = [
        ReasonRow(code, events[code], combinations[code], tallies.get(code, 0), known.get(code))
        for code in events.keys() | known.keys()
    ]
    return sorted(rows, key=lambda row: (row.reason is not None, -row.events, row.code))
