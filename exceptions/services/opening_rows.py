"""The statement of a batch that opens exceptions, each with its owner and its plan."""

import json
from collections.abc import Sequence
from datetime import datetime

from exceptions.gathering import Group
from exceptions.services.exception_rows import Kept
from exceptions.services.plan_columns import plan_values
from exceptions.services.route_exceptions import Given
from scheduling.sql.cursors import Cursor

_OPEN = """
insert into exceptions_integrationexception (
    fingerprint, check_id, source_id, feed_id, clinic_id, raw, severity, state, version, opened_at,
    occurred_first, occurred_last, live_count, occurrences, first_samples, last_samples, owner_team_id, owner_id,
    policy, route, next_step_at, next_step_no, spell_no
)
select new.fingerprint, new.check_id, new.source_id, new.feed_id, new.clinic_id, new.raw, new.severity, 'open', 1,
    %(now)s, new.oldest, new.newest, 0, 0, '{}', '{}',
    new.team, new.person, new.policy::jsonb, new.route::jsonb, new.next_step_at, 0, 1
from unnest(
    %(fingerprint)s::bytea[], %(check)s::text[], %(source)s::bigint[], %(feed)s::bigint[], %(clinic)s::bigint[],
    %(raw)s::text[], %(severity)s::smallint[], %(oldest)s::timestamptz[], %(newest)s::timestamptz[], %(team)s::bigint[],
    %(person)s::bigint[], %(policy)s::text[], %(route)s::text[], %(next_step)s::timestamptz[]
) as new (
    fingerprint, check_id, source_id, feed_id, clinic_id, raw, severity, oldest, newest, team, person, policy, route,
    next_step_at
)
returning id, fingerprint, state, live_count, resolved_at, version, spell_no, true
"""


def open_missing(cursor: Cursor, opened: Sequence[tuple[Group, Given]], now: datetime) -> dict[bytes, Kept]:
    """Open an exception for each group, whose fingerprints are locked and have none, with its owner and its plan."""
    groups, given = [group for group, _ in opened], [one for _, one in opened]
    cursor.execute(
        _OPEN,
        {
            "now": now,
            "fingerprint": [group.fingerprint for group in groups],
            "check": [group.check.id for group in groups],
            "source": [group.source_id for group in groups],
            "feed": [group.feed_id for group in groups],
            "clinic": [group.clinic_id for group in groups],
            "raw": [group.raw for group in groups],
            "severity": [int(group.check.severity) for group in groups],
            "oldest": [min(group.times) for group in groups],
            "newest": [max(group.times) for group in groups],
            "team": [one.routed.team for one in given],
            "person": [one.routed.person for one in given],
            "route": [json.dumps(one.route) for one in given],
            **plan_values(given),
        },
    )
    return {bytes(row[1]): Kept(row[0], *row[2:]) for row in cursor.fetchall()}
