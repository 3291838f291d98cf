"""The plain baseline, tried on the past: counts of what came before, held against visits it had not counted."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Clinic
from recovery.risk.baseline import Count, CountTable, Traits
from recovery.selectors.risk_report import BAND_ENDS, LOOK_BACK, Band
from recovery.services.score_baseline import read_counts, read_ended
from scheduling.sql.cursors import server_cursor


@dataclass(slots=True)
class _Sum:
    ended: int = 0
    missed: int = 0
    scores: float = 0.0


def baseline_trial(clinics: Iterable[Clinic], now: datetime) -> list[Band]:
    """Visits of the last 28 days whose end is known, by the score that the 365 days before would have given them.

    Empty where the desk had too little history by then. Reads two years of visits.
    """
    since = now - LOOK_BACK
    with transaction.atomic(), server_cursor() as cursor:
        table = read_counts(cursor, since)
        if not table.is_enough:
            return []
        return trial_bands(table, read_ended(cursor, sorted(clinic.pk for clinic in clinics), since, now))


def trial_bands(table: CountTable, ended: Iterable[tuple[Traits, Count]]) -> list[Band]:
    """Groups of visits by the table's score of them."""
    sums: defaultdict[int, _Sum] = defaultdict(_Sum)
    for traits, count in ended:
        score = table.score(traits).score
        into = sums[bisect_right(BAND_ENDS, score)]
        into.ended += count.ended
        into.missed += count.missed
        into.scores += score * count.ended
    edges = [0.0, *BAND_ENDS, 1.0]
    return [
        Band(edges[place], edges[place + 1], one.ended, one.scores / one.ended, one.ended - one.missed, one.missed, 0)
        for place, one in sorted(sums.items())
    ]
