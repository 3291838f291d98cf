"""Which patient records are one person's: merge edges resolved on reading (I3)."""

from collections.abc import Collection, Iterable, Mapping

from scheduling.sql.cursors import Cursor

# Everyone connected with the given patients by merges, in either direction; each record is visited once. By way of an
# array the planner takes them for a few, and clears no table for all the records there might be.
_EDGES = """
WITH RECURSIVE near(id) AS (
    SELECT * FROM unnest(ARRAY(SELECT * FROM unnest(%b::int8[])))
    UNION
    SELECT other.id FROM near CROSS JOIN LATERAL (
        SELECT merged_into_id AS id FROM scheduling_patient WHERE id = near.id AND merged_into_id IS NOT NULL
        UNION ALL
        SELECT id FROM scheduling_patient WHERE merged_into_id = near.id
    ) AS other
)
SELECT p.id, p.merged_into_id, p.merge_key
FROM near JOIN scheduling_patient p ON p.id = near.id WHERE p.merged_into_id IS NOT NULL
"""
_LOCK = "SELECT id FROM scheduling_patient WHERE id = ANY(%b) ORDER BY id FOR UPDATE"
_TROUBLED = """
SELECT id FROM scheduling_appointment
WHERE (troubles IS NOT NULL AND patient_id = ANY(%b)) OR patient_id = ANY(%b)
"""


def resolve_roots(edges: Iterable[tuple[int, int, bytes]]) -> dict[int, int]:
    """The surviving record of each retired one.

    ``edges`` are (retired, survivor, order key). Sources repeat and invert merges: where edges run in a circle, the
    newest of them says who survived.
    """
    into = {retired: (survivor, key) for retired, survivor, key in edges}
    return {retired: _root(retired, into) for retired in into}


def _root(start: int, into: Mapping[int, tuple[int, bytes]]) -> int:
    path: list[int] = []
    at = start
    while at in into and at not in path:
        path.append(at)
        at = into[at][0]
    if at not in into:
        return at
    circle = path[path.index(at) :]
    newest = max(circle, key=lambda member: into[member][1])
    return into[newest][0]


def load_aliases(cursor: Cursor, patient_ids: Collection[int]) -> dict[int, int]:
    """Retired record -> surviving record, for everyone connected with ``patient_ids``."""
    if not patient_ids:
        return {}
    cursor.execute(_EDGES, (sorted(patient_ids),), binary=True)
    return resolve_roots(cursor.fetchall())


def troubled_by_merge(cursor: Cursor, united: Collection[int], parted: Collection[int]) -> list[int]:
    """Appointments that merges may have changed: they are folded anew. Locks the records.

    Of patients that were ``united`` those in trouble, for only their trouble can end. Of patients that a newer merge
    ``parted`` all, for what was one person's id may now be two's.
    """
    if not united and not parted:
        return []
    # Whoever names one of these records in a visit right now holds it, and may not know of the merge: wait for them.
    cursor.execute(_LOCK, (sorted({*united, *parted}),))
    cursor.execute(_TROUBLED, (sorted(united), sorted(parted)), binary=True)
    return [row[0] for row in cursor.fetchall()]
