"""Which patient records are one person: merge edges, followed both ways."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from scheduling.digestion.aliases import resolve_roots
from scheduling.sql.cursors import Cursor

# Every record reachable over merge edges from the given ones, for those that have any edge at all: they are few. Put
# into an array, the planner takes them for few too; else it clears a table for millions of records before it begins.
_WALK = """
WITH RECURSIVE given (id) AS (
    SELECT * FROM unnest(%b::int8[])
), merged (id) AS (
    SELECT p.id FROM given JOIN scheduling_patient p ON p.id = given.id WHERE p.merged_into_id IS NOT NULL
    UNION
    SELECT p.merged_into_id FROM given JOIN scheduling_patient p ON p.merged_into_id = given.id
), walk (start_id, id) AS (
    SELECT id, id FROM unnest(ARRAY(SELECT id FROM merged)) AS start(id)
    UNION
    SELECT walk.start_id, near.id FROM walk CROSS JOIN LATERAL (
        SELECT merged_into_id AS id FROM scheduling_patient WHERE id = walk.id AND merged_into_id IS NOT NULL
        UNION ALL
        SELECT id FROM scheduling_patient WHERE merged_into_id = walk.id
    ) AS near
)
SELECT walk.start_id, walk.id, p.merged_into_id, p.merge_key FROM walk JOIN scheduling_patient p ON p.id = walk.id
"""
_LOCK = "SELECT id FROM scheduling_patient WHERE id = ANY(%b::int8[]) ORDER BY id FOR UPDATE"


@dataclass(slots=True)
class Persons:
    """Groups of records; a record without any merge is its own group and root."""

    roots: dict[int, int] = field(default_factory=dict)
    groups: dict[int, frozenset[int]] = field(default_factory=dict)

    def root(self, patient_id: int) -> int:
        """The record that survived the merges."""
        return self.roots.get(patient_id, patient_id)

    def everyone(self, patient_ids: Iterable[int]) -> list[int]:
        """All records of the persons behind ``patient_ids``, sorted."""
        found: set[int] = set()
        for patient_id in patient_ids:
            found |= self.groups.get(patient_id, frozenset((patient_id,)))
        return sorted(found)

    def is_merged(self, patient_id: int) -> bool:
        """Whether another record survived this one."""
        return self.root(patient_id) != patient_id


def read_persons(cursor: Cursor, patient_ids: list[int], *, lock: bool = True) -> Persons:
    """Find the groups of the given records, and lock the root of every merged one (a preview may not).

    Two batches that touch different records of one person share no locked row but this root.
    """
    cursor.execute(_WALK, (patient_ids,))
    members: dict[int, set[int]] = {}
    edges: set[tuple[int, int, bytes]] = set()
    for start_id, patient_id, merged_into, merge_key in cursor.fetchall():
        members.setdefault(start_id, set()).add(patient_id)
        if merged_into is not None:
            edges.add((patient_id, merged_into, bytes(merge_key or b"")))
    # Who survived a circle of merges is for facts to say: row ids tell in which order records arrived.
    survivors = resolve_roots(edges)
    persons = Persons()
    for group in members.values():
        some = next(iter(group))
        root = survivors.get(some, some)
        everyone = frozenset(group)
        persons.roots |= dict.fromkeys(group, root)
        persons.groups |= dict.fromkeys(group, everyone)
    if persons.roots and lock:
        cursor.execute(_LOCK, (sorted(set(persons.roots.values())),))
    return persons
