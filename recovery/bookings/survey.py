"""The survey of bookings: what was promised and has not come from the EHR."""

from datetime import datetime
from itertools import chain

from exceptions.surveys.looking import MOST, Looked, Survey
from exceptions.surveys.registry import register
from recovery.bookings.checks import CHECKS, Promised, find_not_booked, find_not_heard
from recovery.vocabulary import AttemptOutcome, Family, ItemState, OfferState
from scheduling.sql.cursors import Cursor

# A slot that has begun is over, booked or not: its offer ends then.
_ACCEPTED = f"""
SELECT item.appointment_id, item.source_id, item.clinic_id, offer.answered_at
FROM recovery_offer offer JOIN recovery_queueitem item ON item.id = offer.item_id
WHERE offer.state = '{OfferState.PENDING}' AND item.starts_at > %(now)s
ORDER BY offer.answered_at, offer.id LIMIT %(most)s + 1
"""  # noqa: S608 - a word of our own
# What was told about a chance that is still open, unless something else was told about it since.
_TOLD = f"""
SELECT item.appointment_id, item.source_id, item.clinic_id, last.outcome_at
FROM recovery_queueitem item
CROSS JOIN LATERAL (
    SELECT outcome, outcome_at FROM recovery_attempt
    WHERE item_id = item.id AND outcome <> '' ORDER BY outcome_at DESC, id DESC LIMIT 1
) AS last
WHERE item.state = '{ItemState.OPEN}' AND item.family = ANY(%(families)s) AND item.tries > 0
    AND item.useful_until > %(now)s AND last.outcome = '{AttemptOutcome.BOOKED}'
ORDER BY last.outcome_at, item.id LIMIT %(most)s + 1
"""  # noqa: S608 - words of our own
_REBOOKS = [str(Family.REBOOK_MISSED), str(Family.REBOOK_BUMPED)]


def look(cursor: Cursor, now: datetime) -> Looked:
    """Find what is still owed at ``now``."""
    accepted = _read(cursor, _ACCEPTED, now)
    told = _read(cursor, _TOLD, now)
    is_cut = max(len(accepted), len(told)) > MOST
    return Looked(chain(find_not_booked(accepted[:MOST], now), find_not_heard(told[:MOST], now)), is_cut)


def _read(cursor: Cursor, statement: str, now: datetime) -> list[Promised]:
    cursor.execute(statement, {"now": now, "most": MOST, "families": _REBOOKS}, prepare=False)
    return [Promised._make(row) for row in cursor.fetchall()]


def register_survey() -> None:
    """Add the survey and its two checks to the catalogue; called once when Django is ready."""
    register(Survey("bookings", CHECKS, look))
