"""Write what a batch found wrong, last in its transaction: these rows are hot (DESIGN section 3).

At most nine statements, whatever the batch holds, and none where it found nothing. All fingerprints of the batch are
locked first and in order, so that two workers cannot wait for each other in a circle and everything after is plain
arithmetic on rows that stand still. What a worker and a person do at once is settled by the same locks.
"""

from collections.abc import Mapping

from exceptions.gathering import Group, gather
from exceptions.services.exception_rows import find_and_lock, open_missing, write_outcomes
from exceptions.services.member_rows import add_members, drop_members
from exceptions.services.settling import settle
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import Cursor


def judge_batch(cursor: Cursor, changes: BatchChanges) -> None:
    """Write the difference between what was wrong before the batch and after it, and count what arrived wrong.

    ``cursor`` is a psycopg cursor with tuple rows inside the batch's transaction, whose appointments are locked.
    """
    write_groups(cursor, gather(changes), changes)


def write_groups(cursor: Cursor, groups: Mapping[bytes, Group], changes: BatchChanges) -> None:
    """Write what some groups of findings gained and lost, by fingerprint; the way of batches and of surveys.

    Whoever calls holds the locks of the findings' subjects, or of the survey that alone writes them.
    """
    if not groups:
        return
    kept = find_and_lock(cursor, list(groups))
    missing = [group for key, group in groups.items() if key not in kept and group.has_news]
    if missing:
        kept |= open_missing(cursor, missing, changes.now)
    by_id = {row.id: groups[key] for key, row in kept.items()}
    added = add_members(cursor, by_id)
    dropped = drop_members(cursor, by_id)
    outcomes = [
        settle(row, groups[key], added.get(row.id, []), dropped.get(row.id, 0), changes) for key, row in kept.items()
    ]
    write_outcomes(cursor, [outcome for outcome in outcomes if outcome.matters], changes.now)
