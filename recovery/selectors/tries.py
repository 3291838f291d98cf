"""How often items were tried, of how many times allowed: every clinic's limits along with the counts of the page."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.dateparse import parse_duration

from config.web.asking import Question, rows_of
from recovery.contacting.policy import DEFAULT_TRIES
from recovery.models import AttemptPolicy, QueueItem
from recovery.vocabulary import Family


class Limit(NamedTuple):
    """What a clinic decided for a family: how often, None for no limit; how soon first, None for no promise."""

    most: int | None
    first_within: timedelta | None = None


Limits = Mapping[tuple[int, str], Limit]


def limits_question(clinic_ids: Iterable[int], now: datetime) -> Question:
    """Ask for the limits in force and known at ``now`` at these clinics."""
    rows = AttemptPolicy.objects.filter(clinic__in=list(clinic_ids), valid_from__lte=now, recorded_at__lte=now)
    newest = rows.order_by("clinic_id", "family", "-valid_from", "-pk").distinct("clinic_id", "family")
    return rows_of(newest.values("clinic_id", "family", "most_tries", "first_within"))


def limits_from(rows: Iterable[Mapping[str, Any]]) -> Limits:
    """The limits that ``limits_question`` found, by clinic and family."""
    return {(row["clinic_id"], row["family"]): Limit(row["most_tries"], _duration(row["first_within"])) for row in rows}


def tries_words(item: QueueItem, limits: Limits) -> str:
    """Say "1 of 3"; only the number where there is no limit, and of a slot, which may be offered to many."""
    if item.family == Family.REFILL:
        return str(item.tries)
    most = _limit(item, limits).most
    return f"{item.tries} of {most}" if most is not None else str(item.tries)


def first_due(item: QueueItem, limits: Limits) -> datetime | None:
    """When the clinic promised a first try, from when it could be made; None once it was, or without a promise."""
    within = _limit(item, limits).first_within
    if within is None or item.tries or not item.is_open:
        return None
    return max(item.ready_from, item.heard_at) + within


def _limit(item: QueueItem, limits: Limits) -> Limit:
    found = limits.get((item.clinic_id or 0, item.family))
    return found if found is not None else Limit(DEFAULT_TRIES[Family(item.family)].most)


def _duration(said: str | None) -> timedelta | None:
    return parse_duration(said) if said is not None else None
