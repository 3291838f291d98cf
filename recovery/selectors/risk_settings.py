"""What clinics do about visits at risk, and how many visits that means now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.models import Clinic
from recovery.models import RiskPolicy

_REACH = """
SELECT a.clinic_id, count(*), count(newest.score), count(*) FILTER (WHERE newest.score >= p.threshold)
FROM recovery_riskpolicy p
JOIN scheduling_appointment a ON a.clinic_id = p.clinic_id
 AND a.starts_at > %s AND a.starts_at <= %s + p.days_ahead * interval '1 day'
 AND a.status IN ('pending', 'booked') AND a.troubles IS NULL
LEFT JOIN LATERAL (
    SELECT s.score FROM recovery_riskscore s WHERE s.appointment_id = a.id AND s.model = p.model
    ORDER BY s.scored_at DESC LIMIT 1
) AS newest ON true
WHERE p.id = ANY(%s) GROUP BY a.clinic_id
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """Visits in a policy's window: all that stand, those with a score of its model, those that reach the threshold."""

    visits: int = 0
    scored: int = 0
    above: int = 0


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One clinic with its policy in force; None: nothing was decided, so nobody is called."""

    clinic: Clinic
    policy: RiskPolicy | None
    reach: Reach

    @property
    def is_on(self) -> bool:
        """Whether visits are decided."""
        return self.policy is not None and self.policy.is_on

    @property
    def threshold(self) -> int:
        """From how many of 100 on; 0 without a policy."""
        return round(100 * self.policy.threshold) if self.policy else 0


def risk_rows(clinics: Sequence[Clinic], now: datetime) -> list[RiskRow]:
    """The policy in force at each of these clinics, with the visits it is about now; two queries."""
    found = RiskPolicy.objects.filter(clinic__in=clinics, valid_from__lte=now).select_related("recorded_by")
    newest = {row.clinic_id: row for row in found.order_by("clinic_id", "-valid_from", "-pk").distinct("clinic_id")}
    reaches = _reaches([row.pk for row in newest.values()], now)
    return [RiskRow(clinic, newest.get(clinic.pk), reaches.get(clinic.pk, Reach())) for clinic in clinics]


def _reaches(policies: list[int], now: datetime) -> dict[int, Reach]:
    with connection.cursor() as cursor:
        cursor.execute(_REACH, [now, now, policies])
        return {clinic: Reach(*numbers) for clinic, *numbers in cursor.fetchall()}
