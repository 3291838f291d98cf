"""What a batch does for replays: it carries their evidence upwards and leaves a step for each, for progress."""

from collections import Counter
from collections.abc import Sequence

from scheduling.digestion.claim import Refold
from scheduling.folding.change import BatchChanges, Evidence
from scheduling.sql.cursors import Cursor

_EVIDENCE = """
SELECT y.id, s.name, r.number, p.number FROM scheduling_replay y
JOIN scheduling_mappingpublication p ON p.id = y.publication_id
JOIN scheduling_mappingrevision r ON r.id = p.revision_id
JOIN accounts_source s ON s.id = y.source_id
WHERE y.id = ANY(%b)
"""
_STEPS = """
INSERT INTO scheduling_replaystep (replay_id, at, appointments, changed)
SELECT n.replay_id, %b, n.appointments, n.changed FROM unnest(%b::int8[], %b::int4[], %b::int4[])
    AS n(replay_id, appointments, changed) ORDER BY n.replay_id
"""


def name_evidence(cursor: Cursor, changes: BatchChanges, refolds: Sequence[Refold]) -> None:
    """Say of every appointment that a replay asked for which publication is the reason it was folded anew."""
    asked = {refold.appointment_id: refold.replay_id for refold in refolds if refold.replay_id is not None}
    if not asked:
        return
    cursor.execute(_EVIDENCE, (sorted(set(asked.values())),), binary=True)
    evidence = {row[0]: Evidence(*row) for row in cursor.fetchall()}
    changes.replayed = {appointment_id: evidence[replay_id] for appointment_id, replay_id in asked.items()}


def note_steps(cursor: Cursor, changes: BatchChanges) -> None:
    """Leave one row for each replay of the batch: how many appointments it folded, how many pictures changed."""
    if not changes.replayed:
        return
    folded = Counter(evidence.replay_id for evidence in changes.replayed.values())
    changed = Counter(
        changes.replayed[change.appointment_id].replay_id
        for change in changes.appointments
        if change.appointment_id in changes.replayed
    )
    ids = sorted(folded)
    cursor.execute(_STEPS, (changes.now, ids, [folded[key] for key in ids], [changed[key] for key in ids]))
