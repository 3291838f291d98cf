"""What a preview's changes would do to exceptions: the judgement of a batch, read from a snapshot, written nowhere."""

from dataclasses import dataclass

from exceptions.gathering import Group, gather
from exceptions.services.exception_rows import Kept, Outcome, find
from exceptions.services.member_rows import find_members
from exceptions.services.settling import settle
from exceptions.vocabulary import State
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import Cursor

# An exception that would be opened has no row yet.
_OPENED = Kept(0, State.OPEN, 0, None, 1, 1, is_new=True)


@dataclass(slots=True, frozen=True)
class PreviewedException:
    """One exception that would change, and where it would stand. The id of one to be opened is 0."""

    group: Group
    outcome: Outcome


def preview_exceptions(cursor: Cursor, changes: BatchChanges) -> list[PreviewedException]:
    """Say what ``judge_batch`` would write after these changes, exception by exception."""
    groups = gather(changes)
    if not groups:
        return []
    kept = find(cursor, list(groups), lock=False)
    there = find_members(cursor, {row.id: groups[key] for key, row in kept.items()})
    found = []
    for key, group in groups.items():
        row = kept.get(key, _OPENED)
        if row.is_new and not group.has_news:
            continue
        known = there.get(row.id, set()) if not row.is_new else set()
        added = [member for member in group.appeared if member not in known]
        outcome = settle(row, group, added, len(group.vanished & known), changes)
        if outcome.matters:
            found.append(PreviewedException(group, outcome))
    return found
