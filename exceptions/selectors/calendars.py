"""Opening hours and duties, read for the pure rules about hours; five queries however many places."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from accounts.duty import DutyPlan, Swap, Weekly
from accounts.models import Clinic, ClinicHours, Closure, Duty, DutySwap
from exceptions.checks.openings import Opening
from exceptions.hours import Calendar

# A local date lies a day from the UTC one at most; what is over by then decides nothing any more.
_AROUND = timedelta(days=2)


class Calendars(NamedTuple):
    """The calendars of some sources: openings by clinic and by source, duties by team."""

    by_clinic: Mapping[int, Opening]
    by_source: Mapping[int, tuple[Opening, ...]]
    duties: Mapping[int, DutyPlan]

    def of(self, source_id: int, clinic_id: int | None) -> Calendar:
        """The calendar of one exception; without a clinic any clinic of the source counts."""
        if clinic_id is None:
            return Calendar(self.by_source.get(source_id, ()), self.duties)
        opening = self.by_clinic.get(clinic_id)
        return Calendar((opening,) if opening else (), self.duties)


NO_CALENDARS = Calendars({}, {}, {})


def load_calendars(source_ids: Collection[int], now: datetime) -> Calendars:
    """Read the calendars of some sources and all duties, from about ``now`` on."""
    begins = (now - _AROUND).date()
    by_clinic: dict[int, Opening] = {}
    by_source: dict[int, list[Opening]] = defaultdict(list)
    hours, closures = _hours(source_ids), _closures(source_ids, begins)
    clinics = Clinic.objects.filter(source__in=source_ids).order_by("id")
    for pk, source_id, timezone, is_test in clinics.values_list("id", "source_id", "timezone", "is_test"):
        by_clinic[pk] = Opening(ZoneInfo(timezone), tuple(hours[pk]), frozenset(closures[pk]))
        if not is_test:
            by_source[source_id].append(by_clinic[pk])
    return Calendars(by_clinic, {key: tuple(found) for key, found in by_source.items()}, load_duties(begins))


def load_duties(begins: date) -> dict[int, DutyPlan]:
    """The duties of every team by its id, with the swaps from a date on; two queries."""
    return plans_of(
        Duty.objects.filter(person__is_active=True).order_by("team", "weekday", "starts", "rank", "id"),
        DutySwap.objects.filter(on__gte=begins).order_by("team", "on", "starts", "id"),
    )


def plans_of(duties: Iterable[Duty], swaps: Iterable[DutySwap]) -> dict[int, DutyPlan]:
    """Rows of duties and swaps as plans, by team."""
    weekly: dict[int, list[Weekly]] = defaultdict(list)
    swapped: dict[int, list[Swap]] = defaultdict(list)
    for duty in duties:
        row = Weekly(duty.person_id, duty.weekday, duty.starts, duty.ends, ZoneInfo(duty.timezone), duty.rank)
        weekly[duty.team_id].append(row)
    for swap in swaps:
        swapped[swap.team_id].append(Swap(swap.person_id, swap.on, swap.starts, swap.ends, ZoneInfo(swap.timezone)))
    return {team: DutyPlan(tuple(weekly[team]), tuple(swapped[team])) for team in {*weekly, *swapped}}


def _hours(source_ids: Collection[int]) -> dict[int, list[tuple[int, time, time]]]:
    found: dict[int, list[tuple[int, time, time]]] = defaultdict(list)
    rows = ClinicHours.objects.filter(clinic__source__in=source_ids).order_by("clinic", "weekday", "opens")
    for clinic, weekday, opens, closes in rows.values_list("clinic_id", "weekday", "opens", "closes"):
        found[clinic].append((weekday, opens, closes))
    return found


def _closures(source_ids: Collection[int], begins: date) -> dict[int, list[date]]:
    found: dict[int, list[date]] = defaultdict(list)
    rows = Closure.objects.filter(clinic__source__in=source_ids, on__gte=begins)
    for clinic, on in rows.values_list("clinic_id", "on"):
        found[clinic].append(on)
    return found
