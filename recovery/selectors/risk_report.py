"""What became of visits at risk: the two arms of each clinic and model, and how scores held against what happened."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When

from accounts.models import Clinic
from recovery.models import Attempt, RiskDecision, RiskPolicy
from recovery.risk.baseline import NAME
from recovery.risk.rates import Rate
from recovery.risk.words import effect_words, share_words
from recovery.vocabulary import RiskArm
from scheduling.vocabulary import Decision, LaunchMode, SetBy, Status

PERIOD = timedelta(days=366)
LOOK_BACK = timedelta(days=28)
# Upper ends of the bands by which predicted is held against observed.
BAND_ENDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
CAME, MISSED, CANCELLED, UNKNOWN = "came", "missed", "cancelled", "unknown"
# How a visit ended; what is held, not over, or a timer's guess is not known yet.
ENDED = Case(
    When(appointment__troubles__isnull=False, then=Value(UNKNOWN)),
    When(appointment__status__in=(Status.COMPLETED, Status.LEFT_UNSEEN), then=Value(CAME)),
    When(Q(appointment__status=Status.MISSED) & ~Q(appointment__set_by=SetBy.TIMER), then=Value(MISSED)),
    When(appointment__status__in=(Status.CANCELLED, Status.BUMPED, Status.ENTERED_IN_ERROR), then=Value(CANCELLED)),
    default=Value(UNKNOWN),
)
# The score that stood a day before the start. Who was to be contacted is left out: outreach changes what happens.
_HELD_AGAINST = """
SELECT width_bucket(newest.score, %s::float8[]), count(*), avg(newest.score),
       count(*) FILTER (WHERE a.status IN ('completed', 'left_unseen')),
       count(*) FILTER (WHERE a.status = 'missed' AND a.set_by IS DISTINCT FROM 'timer'),
       count(*) FILTER (WHERE a.status IN ('cancelled', 'bumped', 'entered_in_error'))
FROM scheduling_appointment a
CROSS JOIN LATERAL (
    SELECT s.score FROM recovery_riskscore s
    WHERE s.appointment_id = a.id AND s.model = %s AND s.scored_at <= a.starts_at - interval '1 day'
    ORDER BY s.scored_at DESC LIMIT 1
) AS newest
WHERE a.starts_at >= %s AND a.starts_at < %s AND a.clinic_id = ANY(%s) AND a.troubles IS NULL
  AND NOT EXISTS (SELECT FROM recovery_riskdecision d WHERE d.appointment_id = a.id AND d.arm = 'contact')
GROUP BY 1 ORDER BY 1
"""


@dataclass(slots=True)
class ArmLine:
    """One arm of a group: how many were decided and tried, and how their visits ended."""

    arm: RiskArm
    decided: int = 0
    tried: int = 0
    came: int = 0
    missed: int = 0
    cancelled: int = 0
    unknown: int = 0

    @property
    def rate(self) -> Rate:
        """Missed of those whose end is known and that were not called off."""
        return Rate(self.missed, self.came + self.missed)

    @property
    def share(self) -> str:
        """The same in words."""
        return share_words(self.rate)


@dataclass(slots=True)
class Group:
    """One model at one clinic."""

    model: str
    clinic: str
    arms: tuple[ArmLine, ArmLine]

    @property
    def sentence(self) -> str:
        """What may be said about the worth of contacting."""
        contact, holdout = self.arms
        return effect_words(contact.rate, holdout.rate)


@dataclass(frozen=True, slots=True)
class Band:
    """Visits whose score fell between two shares: what was expected, what happened."""

    low: float
    high: float
    visits: int
    expected: float
    came: int
    missed: int
    cancelled: int

    @property
    def label(self) -> str:
        """The band in words."""
        return f"{round(100 * self.low)} to {round(100 * self.high)} %"

    @property
    def expected_words(self) -> str:
        """The mean score."""
        return f"{100 * self.expected:.0f} %"

    @property
    def observed(self) -> str:
        """The share that was missed of those whose end is known."""
        return share_words(Rate(self.missed, self.came + self.missed))

    @property
    def unknown(self) -> int:
        """Visits whose end is not known."""
        return self.visits - self.came - self.missed - self.cancelled


def models_of(clinics: Sequence[Clinic]) -> list[str]:
    """The models that these clinics decided by, the desk's own first; one query."""
    found = set(RiskPolicy.objects.filter(clinic__in=clinics).values_list("model", flat=True).distinct())
    return [NAME, *sorted(found - {NAME})]


def risk_groups(clinics: Sequence[Clinic], model: str, now: datetime) -> list[Group]:
    """What the clinics decided while live in the last 366 days, by clinic and model; "" is every model; one query.

    Where several clinics decided by one model, all of them together come first.
    """
    tried = Attempt.objects.filter(
        item__appointment=OuterRef("appointment"), decision=Decision.CONFIRM, is_counted=True
    )
    decided = RiskDecision.objects.filter(policy__clinic__in=clinics, at__gt=now - PERIOD, mode=LaunchMode.LIVE)
    if model:
        decided = decided.filter(model=model)
    rows = (
        decided.annotate(ended=ENDED, tried=Exists(tried))
        .values_list("model", "policy__clinic", "arm", "ended", "tried")
        .annotate(Count("pk"))
        .order_by()
    )
    return _grouped(rows, {clinic.pk: str(clinic) for clinic in clinics})


def shadow_count(clinics: Sequence[Clinic], now: datetime) -> int:
    """Decisions that were made while nobody could be contacted; they stand in no figure."""
    rows = RiskDecision.objects.filter(policy__clinic__in=clinics, at__gt=now - PERIOD)
    return rows.exclude(mode=LaunchMode.LIVE).count()


def reliability(clinics: Iterable[Clinic], model: str, now: datetime) -> list[Band]:
    """Visits of the last 28 days by the model's score a day before their start, those to be contacted left out."""
    with connection.cursor() as cursor:
        places = [clinic.pk for clinic in clinics]
        cursor.execute(_HELD_AGAINST, [[0.0, *BAND_ENDS], model, now - LOOK_BACK, now, places])
        rows = cursor.fetchall()
    edges = [0.0, *BAND_ENDS, 1.0]
    return [Band(edges[bucket - 1], edges[bucket], *rest) for bucket, *rest in rows]


def _grouped(rows: Iterable[tuple[Any, ...]], names: dict[int, str]) -> list[Group]:
    found: defaultdict[tuple[str, int], Group] = defaultdict(_empty)
    together: defaultdict[str, Group] = defaultdict(_empty)
    for model, clinic, arm, ended, tried, number in rows:
        for group, name in ((found[model, clinic], names[clinic]), (together[model], "All these clinics")):
            group.model, group.clinic = model, name
            _add(group.arms[0 if arm == RiskArm.CONTACT else 1], ended, number, is_tried=tried)
    several = {model for model in together if sum(one == model for one, _ in found) > 1}
    ordered = sorted(found.values(), key=lambda group: (group.model, group.clinic))
    return [*(together[model] for model in sorted(several)), *ordered]


def _empty() -> Group:
    return Group("", "", (ArmLine(RiskArm.CONTACT), ArmLine(RiskArm.HOLDOUT)))


def _add(line: ArmLine, ended: str, number: int, *, is_tried: bool) -> None:
    line.decided += number
    line.tried += number if is_tried else 0
    setattr(line, ended, getattr(line, ended) + number)
