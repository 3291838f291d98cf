"""What a survey's live findings are now, and how they differ from what it just found."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from exceptions.catalogue import check_of
from exceptions.checks.found import Found
from exceptions.gathering import Group, Member, group_of
from scheduling.sql.cursors import Cursor

# Only the survey itself writes these rows, and it holds its own lock.
_MEMBERS = """
SELECT e.fingerprint, e.check_id, e.source_id, e.feed_id, e.clinic_id, e.raw,
    m.subject_kind, m.subject_id, m.decision
FROM exceptions_integrationexception e JOIN exceptions_membership m ON m.exception_id = e.id
WHERE e.check_id = ANY(%s) AND e.live_count > 0
"""


def group_found(found: Iterable[Found]) -> dict[bytes, Group]:
    """Group findings as a batch groups its own, by fingerprint."""
    groups: dict[bytes, Group] = {}
    for each in found:
        group = group_of(groups, each.check, each.source_id, each.feed_id, each.clinic_id, each.raw)
        group.appeared[Member(each.kind, each.subject_id, "")] = (each.at, None)
    return groups


def read_live(cursor: Cursor, check_ids: Iterable[str], *, raw: str | None = None) -> dict[bytes, Group]:
    """The live findings of some checks, as groups from which all of them would vanish; ``raw`` narrows to one value."""
    cursor.execute(_MEMBERS, (list(check_ids),), prepare=False)
    groups: dict[bytes, Group] = {}
    for name, check_id, source_id, feed_id, clinic_id, value, *member in cursor.fetchall():
        if raw is not None and value != raw:
            continue
        key = bytes(name)
        if key not in groups:
            groups[key] = Group(key, check_of(check_id), source_id, feed_id, clinic_id, value)
        groups[key].vanished.add(Member(*member))
    return groups


def difference(live: Mapping[bytes, Group], found: Mapping[bytes, Group], *, is_cut: bool) -> dict[bytes, Group]:
    """What has to be written so that ``found`` lives, in order of the fingerprints; groups that stay are left out.

    Of a look that was cut short nothing is concluded from what it did not see.
    """
    changed: dict[bytes, Group] = {}
    for key in sorted({*live, *found}):
        before = live[key].vanished if key in live else set()
        after: Mapping[Member, tuple[datetime, int | None]] = found[key].appeared if key in found else {}
        group = found[key] if key in found else live[key]
        group.appeared = {member: when for member, when in after.items() if member not in before}
        group.vanished = set() if is_cut else before - after.keys()
        if group.appeared or group.vanished:
            changed[key] = group
    return changed
