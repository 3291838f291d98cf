"""The two statements of a batch on live findings.

The batch holds the locks of the subjects themselves, so nobody else writes these rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from exceptions.gathering import Group, Member
from scheduling.sql.cursors import Cursor

_ADD = """
insert into exceptions_membership (exception_id, subject_kind, subject_id, decision, since)
select * from unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::text[], %s::timestamptz[])
on conflict do nothing
returning exception_id, subject_kind, subject_id, decision
"""

_DROP = """
delete from exceptions_membership member
using unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::text[]) as gone (id, kind, subject_id, decision)
where member.exception_id = gone.id and member.subject_kind = gone.kind
    and member.subject_id = gone.subject_id and member.decision = gone.decision
returning member.exception_id
"""
_FIND = """
select exception_id, subject_kind, subject_id, decision from exceptions_membership member
join unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::text[]) as asked (id, kind, subject, reason)
    on member.exception_id = asked.id and member.subject_kind = asked.kind and member.subject_id = asked.subject
        and member.decision = asked.reason
"""


def find_members(cursor: Cursor, groups: Mapping[int, Group]) -> dict[int, set[Member]]:
    """Of the findings that appeared or vanished those that are there now, by exception id; nothing is locked."""
    found: dict[int, set[Member]] = defaultdict(set)
    keys = _keys((pk, member) for pk, group in groups.items() for member in (*group.appeared, *group.vanished))
    cursor.execute(_FIND, keys)
    for exception_id, *member in cursor.fetchall():
        found[exception_id].add(Member(*member))
    return found


def add_members(cursor: Cursor, groups: Mapping[int, Group]) -> dict[int, list[Member]]:
    """Add the findings that appeared, by exception id; return those that were not there already."""
    rows: list[tuple[int, Member, datetime]] = [
        (exception_id, member, at)
        for exception_id, group in groups.items()
        for member, (at, _) in group.appeared.items()
    ]
    added: dict[int, list[Member]] = defaultdict(list)
    if not rows:
        return added
    rows.sort()
    cursor.execute(_ADD, (*_keys((exception_id, member) for exception_id, member, _ in rows), [at for *_, at in rows]))
    for exception_id, *member in cursor.fetchall():
        added[exception_id].append(Member(*member))
    return added


def drop_members(cursor: Cursor, groups: Mapping[int, Group]) -> Mapping[int, int]:
    """Delete the findings that vanished, by exception id; return how many there really were of each."""
    rows = sorted((exception_id, member) for exception_id, group in groups.items() for member in group.vanished)
    if not rows:
        return {}
    cursor.execute(_DROP, _keys(rows))
    return Counter(exception_id for (exception_id,) in cursor.fetchall())


def _keys(rows: Iterable[tuple[int, Member]]) -> tuple[list[int], list[int], list[int], list[str]]:
    keys = list(rows)
    return (
        [exception_id for exception_id, _ in keys],
        [int(member.kind) for _, member in keys],
        [member.subject_id for _, member in keys],
        [member.decision for _, member in keys],
    )
