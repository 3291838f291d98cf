"""What a batch does for replays: it carries their evidence upwards and leaves a step for each, for progress.

And it lets no event slip between two meanings: one that a batch maps with the old rules while the new ones are being
published is in sight of neither. So a batch holds a shared advisory lock of each source from before it reads the rules
until it commits, and a publication takes it alone before it looks for what it may change. Neither waits for long: a
publication for the batches at work, a batch never; what it maps during a publication it asks to be mapped again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from scheduling.digestion.appointments import AppointmentWork
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


PUBLISHING = 7_043  # our class of advisory locks; the source is the object

_WATCH = f"SELECT id FROM accounts_source WHERE NOT pg_try_advisory_xact_lock_shared({PUBLISHING}, id::int4)"
# What the publication asks for itself may not be committed yet: this waits for it, and then there is nothing to add.
_AGAIN = """
INSERT INTO scheduling_refoldrequest (appointment_id, requested_at)
SELECT id, %b FROM unnest(%b::int8[]) AS touched(id) ORDER BY id ON CONFLICT (appointment_id) DO NOTHING
"""


def watch_publications(cursor: Cursor) -> set[int]:
    """Hold off publications until the batch ends; returns the sources whose mapping is being published just now."""
    cursor.execute(_WATCH)
    return {row[0] for row in cursor.fetchall()}


def ask_again(cursor: Cursor, changes: BatchChanges, works: Iterable[AppointmentWork], published: set[int]) -> None:
    """Ask for the appointments that the batch mapped while the mapping of their source was being published."""
    ids = [work.id for work in works if work.key[0] in published]
    if ids:
        cursor.execute(_AGAIN, (changes.now, ids))


def name_evidence(
    cursor: Cursor, changes: BatchChanges, refolds: Sequence[Refold], works: Iterable[AppointmentWork]
) -> None:
    """Say which publication gave appointments of the batch another meaning.

    One whose events mean what they meant is not evidence: what else changed about it, a message brought.
    """
    asked = _asked(refolds)
    if not asked:
        return
    cursor.execute(_EVIDENCE, (sorted(set(asked.values())),), binary=True)
    evidence = {row[0]: Evidence(*row) for row in cursor.fetchall()}
    changes.replayed = {
        work.id: evidence[asked[work.id]]
        for work in works
        if work.id in asked and any(old.means_else for old in work.remapped)
    }


def note_steps(cursor: Cursor, changes: BatchChanges, refolds: Sequence[Refold]) -> None:
    """Leave one row for each replay of the batch: how many appointments it folded, how many pictures changed."""
    asked = _asked(refolds)
    if not asked:
        return
    folded = Counter(asked.values())
    changed = Counter(asked[change.appointment_id] for change in changes.appointments if change.appointment_id in asked)
    ids = sorted(folded)
    cursor.execute(_STEPS, (changes.now, ids, [folded[key] for key in ids], [changed[key] for key in ids]))


def _asked(refolds: Iterable[Refold]) -> dict[int, int]:
    """Which replay asked for which appointment."""
    return {refold.appointment_id: refold.replay_id for refold in refolds if refold.replay_id is not None}
