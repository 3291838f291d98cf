"""How often items were tried, of how many times allowed: every clinic's limits along with the counts of the page."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from config.web.asking import Question, rows_of
from recovery.contacting.policy import DEFAULT_TRIES
from recovery.models import AttemptPolicy, QueueItem
from recovery.vocabulary import Family

Limits = Mapping[tuple[int, str], int | None]


def limits_question(clinic_ids: Iterable[int], now: datetime) -> Question:
    """Ask for the limits in force and known at ``now`` at these clinics."""
    rows = AttemptPolicy.objects.filter(clinic__in=list(clinic_ids), valid_from__lte=now, recorded_at__lte=now)
    newest = rows.order_by("clinic_id", "family", "-valid_from", "-pk").distinct("clinic_id", "family")
    return rows_of(newest.values("clinic_id", "family", "most_tries"))


def limits_from(rows: Iterable[Mapping[str, Any]]) -> Limits:
    """The limits that ``limits_question`` found, by clinic and family."""
    return {(row["clinic_id"], row["family"]): row["most_tries"] for row in rows}


def tries_words(item: QueueItem, limits: Limits) -> str:
    """Say "1 of 3"; only the number where there is no limit, and of a slot, which may be offered to many."""
    if item.family == Family.REFILL:
        return str(item.tries)
    most = limits.get((item.clinic_id or 0, item.family), DEFAULT_TRIES[Family(item.family)].most)
    return f"{item.tries} of {most}" if most is not None else str(item.tries)
