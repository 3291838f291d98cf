"""Why a visit is to be confirmed, in words: what was frozen when it was decided, as the guess that it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.web.asking import Question, rows_of
from config.web.times import clock
from recovery.models import QueueItem, RiskDecision
from recovery.risk.words import score_words
from recovery.vocabulary import Family

RISK = "pane risk"
A_GUESS = "It is a guess about visits alike, not about this person."


def risk_question(item: QueueItem) -> Question:
    """Ask what was decided about the visit of an item that is to be confirmed; of other items nothing."""
    decisions = RiskDecision.objects.filter(appointment=item.appointment_id)
    if item.family != Family.CONFIRM:
        decisions = RiskDecision.objects.none()
    return rows_of(decisions.values("model", "score", "threshold", "reason", "at")[:1])


def risk_note(rows: Sequence[Mapping[str, Any]], zone: ZoneInfo, now: datetime) -> str:
    """The main reason, the score, from which one the clinic asks, and when; what ``risk_question`` found."""
    for row in rows:
        reason = f"{row['reason'].rstrip('.')}. " if row["reason"] else ""
        at = clock(datetime.fromisoformat(row["at"]), zone, now)
        asks = f"The clinic asks from {round(100 * row['threshold'])} of 100 on."
        return f"{reason}{score_words(row['model'], row['score'])} {A_GUESS} {asks} Decided {at}."
    return ""
