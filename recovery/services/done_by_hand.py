"""Chances that somebody closed by hand: they stay closed while they are the same chance, however facts move (I3).

A chance is a family and subject, the visit behind it and the moment it was lost by the source's clock. A slot that is
filled and given back, or a visit that stands again and is bumped again, is another one and opens anew.
"""

from recovery.planning import Plan
from recovery.vocabulary import CloseReason
from scheduling.sql.cursors import Cursor

_DONE = f"""
SELECT i.family, i.subject
FROM unnest(%b::text[], %b::text[], %b::int8[], %b::timestamptz[]) AS w(family, subject, appointment_id, lost_at)
JOIN recovery_queueitem i ON i.family = w.family AND i.subject = w.subject AND i.close_reason = '{CloseReason.DONE}'
WHERE i.appointment_id = w.appointment_id AND i.lost_at = w.lost_at
"""  # noqa: S608 - a word of our own


def without_done(cursor: Cursor, plan: Plan) -> Plan:
    """The plan with what was closed by hand refused; one statement, none where nothing is desired.

    Whoever closes by hand holds the owner rows that a batch holds, so neither overlooks the other.
    """
    if not plan.desired:
        return plan
    wanted = [(*key, item.appointment_id, item.lost_at) for key, item in plan.desired.items()]
    cursor.execute(_DONE, tuple(map(list, zip(*wanted, strict=True))))
    for family, subject in cursor.fetchall():
        if plan.desired.pop((family, subject), None) is not None:
            plan.refused[family, subject] = CloseReason.DONE
    return plan
