"""Write what a batch found wrong, last in its transaction: these rows are hot (DESIGN section 3).

At most nine statements, whatever the batch holds, and none where it found nothing. All fingerprints of the batch are
locked first and in order, so that two workers cannot wait for each other in a circle and everything after is plain
arithmetic on rows that stand still. What a worker and a person do at once is settled by the same locks.
"""

from collections.abc import Iterable, Sequence

from exceptions.gathering import Group, Member, gather
from exceptions.lifecycle import News, after_batch
from exceptions.services.exception_rows import Kept, Outcome, find_and_lock, open_missing, write_outcomes
from exceptions.services.member_rows import add_members, drop_members
from exceptions.vocabulary import State, SubjectKind, Verb
from scheduling.folding.change import BatchChanges, Evidence
from scheduling.sql.cursors import Cursor


def judge_batch(cursor: Cursor, changes: BatchChanges) -> None:
    """Write the difference between what was wrong before the batch and after it, and count what arrived wrong.

    ``cursor`` is a psycopg cursor with tuple rows inside the batch's transaction, whose appointments are locked.
    """
    groups = gather(changes)
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
        _settle(row, groups[key], added.get(row.id, []), dropped.get(row.id, 0), changes) for key, row in kept.items()
    ]
    write_outcomes(cursor, [outcome for outcome in outcomes if outcome.matters], changes.now)


def _settle(kept: Kept, group: Group, added: Sequence[Member], dropped: int, changes: BatchChanges) -> Outcome:
    """Work out where one exception stands after the batch; ``kept`` is its locked row."""
    tally = group.tally
    arrived = tally.count
    for member in added:
        at, message_id = group.appeared[member]
        tally.add(at, message_id, changes.now)
    live = kept.live_count + len(added) - dropped
    if kept.is_new:
        return Outcome(kept, State.OPEN, Verb.OPENED, live, tally, _cause(added, changes))
    cure = _cause(group.vanished, changes)
    state, verb = after_batch(
        kept.state,
        News(len(added), dropped, arrived, live, tally.newest, cure is not None),
        resolved_at=kept.resolved_at,
        is_hold=group.check.is_hold,
        self_clearing=group.check.self_clearing,
    )
    cause = cure if verb == Verb.CURED else _cause(added, changes)
    return Outcome(kept, state, verb, live - kept.live_count, tally, cause)


def _cause(members: Iterable[Member], changes: BatchChanges) -> Evidence | None:
    """The latest publication whose replay brought or took some of these findings in this batch; None where none did."""
    if not changes.replayed:
        return None
    causes = [
        changes.replayed[member.subject_id]
        for member in members
        if member.kind == SubjectKind.APPOINTMENT and member.subject_id in changes.replayed
    ]
    return max(causes, key=lambda evidence: evidence.replay_id, default=None)
