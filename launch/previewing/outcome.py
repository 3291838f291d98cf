"""What a dry run found: counts by clinic, and lists of what would change. Pure; ids and codes, never a patient's words.

As stored every list is capped for each clinic, so that whoever sees one clinic alone finds its rows there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

MOST = 200  # of each list, for each clinic

# What is counted, in the order in which it is told. "held" are events that had a meaning and would be held; "past"
# are the changed statuses of visits that have begun; "trusted" and "doubted" visits become certain and uncertain.
COUNTS = (
    "events", "meanings", "released", "held", "visits", "statuses", "past", "trusted", "doubted", "opened", "closed",
    "changed", "cleared", "raised",
)  # fmt: skip


class StatusChange(NamedTuple):
    """A visit whose status would be another."""

    clinic_id: int | None
    appointment_id: int
    before: str | None
    after: str | None


class ItemChange(NamedTuple):
    """A queue item that would be opened, closed or changed; ``item_id`` is 0 where there is none yet."""

    clinic_id: int | None
    what: str  # opened, closed or changed
    family: str
    subject: str
    appointment_id: int
    item_id: int
    reason: str = ""  # why it would be closed


class ExceptionChange(NamedTuple):
    """An exception that would be moved; ``exception_id`` is 0 where there is none yet."""

    clinic_id: int | None
    what: str  # a verb of the exception's history: opened, regressed, came_back, cured, cleared
    check: str
    raw: str
    exception_id: int
    live: int  # findings afterwards


@dataclass(slots=True)
class DryRun:
    """Everything a dry run found, whole; ``now`` is the moment it was planned for.

    ``counts`` has (clinic id, one of ``COUNTS``) as its keys. ``waiting`` messages and ``refolds`` that were under way
    are not part of it.
    """

    now: datetime
    events: int = 0
    waiting: int = 0
    refolds: int = 0
    counts: Counter[tuple[int | None, str]] = field(default_factory=Counter)
    statuses: list[StatusChange] = field(default_factory=list)
    items: list[ItemChange] = field(default_factory=list)
    exceptions: list[ExceptionChange] = field(default_factory=list)

    def total(self, name: str) -> int:
        """One count over all clinics."""
        return sum(count for (_, counted), count in self.counts.items() if counted == name)

    def stored(self) -> dict[str, Any]:
        """As ``MappingPreview.result`` keeps it."""
        clinics = sorted({clinic_id for clinic_id, _ in self.counts}, key=lambda pk: (pk is None, pk or 0))
        return {
            "as_of": self.now.isoformat(),
            "waiting": self.waiting,
            "refolds": self.refolds,
            "clinics": [
                {"clinic": clinic_id, **{name: self.counts[clinic_id, name] for name in COUNTS}}
                for clinic_id in clinics
            ],
            "statuses": _capped(self.statuses),
            "items": _capped(self.items),
            "exceptions": _capped(self.exceptions),
        }


def _capped(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """The first rows of each clinic, which is what a row begins with."""
    taken: defaultdict[int | None, int] = defaultdict(int)
    kept = []
    for row in rows:
        taken[row[0]] += 1
        if taken[row[0]] <= MOST:
            kept.append(list(row))
    return kept
