"""Where a batch, or the preview of one, leaves each exception. No statement of its own."""

from collections.abc import Iterable, Sequence

from exceptions.gathering import Group, Member
from exceptions.lifecycle import News, after_batch
from exceptions.services.exception_rows import Kept, Outcome
from exceptions.vocabulary import State, SubjectKind, Verb
from scheduling.folding.change import BatchChanges, Evidence


def settle(kept: Kept, group: Group, added: Sequence[Member], dropped: int, changes: BatchChanges) -> Outcome:
    """Work out where one exception stands after the batch.

    ``kept`` is its row as the batch found it, ``added`` the findings it did not have yet, ``dropped`` how many
    it really lost.
    """
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
        group.check,
        resolved_at=kept.resolved_at,
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
