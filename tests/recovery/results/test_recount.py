"""The numbers once more, counted row by row in plain Python from what a simulated group sent."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from statistics import quantiles

import pytest

from accounts.models import Clinic
from config.digesting import Digester
from recovery.metrics.measures import Share, Spread
from recovery.models import QueueItem
from recovery.selectors.results import read_results
from scheduling.models import Appointment, Patient, Vacancy
from scheduling.vocabulary import STANDING, Status
from tests.recovery.results.conftest import scope_of
from tests.support.inbox import days_ago, deliveries, load_group, store_deliveries

pytestmark = pytest.mark.django_db
CLINICS, MESSAGES, NOTICE = 3, 2_000, timedelta(hours=4)
TAKES = STANDING | {Status.MISSED, Status.LEFT_UNSEEN, None}


@pytest.fixture
def counted():
    """A clinic of each source after some simulated weeks, and what the page counts of them."""
    since = days_ago(21)
    store_deliveries(deliveries(load_group(CLINICS, since=since), MESSAGES, since=since))
    Digester().drain()
    now = datetime.now(UTC)
    return read_results(scope_of(Clinic.objects.filter(is_test=False), now=now, first=since, last=now))


def test_results_equal_a_plain_recount(counted):
    check_slots(counted)
    check_leads(counted)
    check_losses(counted)


def is_counted(scope, clinic_id, moment):
    """Whether a moment of a clinic lies in the period, by the clinic's calendar."""
    place = scope.places.get(clinic_id)
    return place is not None and scope.period.first <= moment.astimezone(place.zone).date() <= scope.period.last


def freed(scope):
    """The newest vacancy of every slot that has started."""
    newest = {}
    for one in Vacancy.objects.select_related("appointment__source").order_by("vacated_at", "-appointment"):
        source = one.appointment.source
        is_usable = source.created_at <= one.vacated_at < one.starts_at <= scope.now
        if is_usable and is_counted(scope, one.clinic_id, one.starts_at):
            newest[source.pk, one.resource, one.starts_at] = one
    return newest


def takers(key, vacancy, by_place):
    source, resource, starts_at = key
    ends_at = starts_at + timedelta(minutes=vacancy.minutes)
    return [
        visit
        for visit in by_place[source, resource]
        if visit.starts_at < ends_at and visit.starts_at + visit.length > starts_at
    ]


def by_places():
    found = defaultdict(list)
    for visit in Appointment.objects.exclude(starts_at=None):
        if visit.status in TAKES:
            found[visit.source_id, visit.resource].append(visit)
    return found


def check_slots(counted):
    by_place, times = by_places(), []
    became: Counter[str] = Counter()
    for key, one in freed(counted.scope).items():
        visits = takers(key, one, by_place)
        statuses = {visit.status for visit in visits}
        is_noticed = one.starts_at - one.vacated_at >= NOTICE
        became["freed"] += 1
        became["lost"] += not visits
        became["noticed"] += is_noticed
        became["taken"] += is_noticed and bool(visits)
        became["completed"] += is_noticed and Status.COMPLETED in statuses
        if is_noticed and visits:
            times.append(filled_after(key, one, visits))

    figures = counted.figures
    assert figures["slots_completed"].measure == Share(became["completed"], became["noticed"])
    assert figures["slots_taken"].measure == Share(became["taken"], became["noticed"])
    assert figures["slots_lost"].measure == Share(became["lost"], became["freed"])
    assert became["lost"] == sum(figures[name].measure.part for name in figures if name.startswith("lost_"))
    assert min(became["completed"], became["lost"], became["noticed"]) > 0
    known = [time for time in times if time is not None]
    assert rounded(figures["time_to_fill"].measure) == rounded(
        Spread(len(known), *quantiles(known, method="inclusive"))
    )


def filled_after(key, vacancy, visits):
    """Seconds from given back to the booking, else to when we heard that it was filled."""
    booked = [visit.booked_at for visit in visits if visit.booked_at and visit.booked_at >= vacancy.vacated_at]
    item = QueueItem.objects.filter(family="refill", appointment=vacancy.appointment_id, starts_at=vacancy.starts_at)
    closed = item.order_by("pk").values_list("closed_at", flat=True).last()
    filled_at = min(booked) if booked else closed
    return (filled_at - vacancy.vacated_at).total_seconds() if filled_at and filled_at >= vacancy.vacated_at else None


def rounded(spread):
    return [round(one, 3) for one in spread[:4]]


def check_leads(counted):
    bands = {"same_day": range(1), "week": range(1, 7), "fortnight": range(7, 14), "month": range(14, 30)}
    found: defaultdict[str, Share] = defaultdict(Share)
    for visit in Appointment.objects.exclude(booked_at=None).filter(starts_at__lte=counted.scope.now):
        is_missed = visit.status == Status.MISSED or (
            visit.status in (Status.CANCELLED, Status.LEFT_UNSEEN) and visit.reason_flags & 4
        )
        if not (is_missed or visit.status == Status.COMPLETED):
            continue
        if not is_counted(counted.scope, visit.clinic_id, visit.starts_at):
            continue
        on, booked_on = (
            moment.astimezone(counted.scope.places[visit.clinic_id].zone).date()
            for moment in (visit.starts_at, visit.booked_at)
            if moment is not None
        )
        ahead = max((on - booked_on).days, 0)
        band = next((name for name, days in bands.items() if ahead in days), "longer")
        found[band] = found[band].plus(Share(int(bool(is_missed)), 1))

    assert {name: counted.figures[f"lead_{name}"].measure for name in found} == dict(found)
    assert sum(share.part for share in found.values()) > 0


def check_losses(counted):
    roots = dict(Patient.objects.values_list("pk", "merged_into"))

    def root(pk):
        while roots[pk] is not None:
            pk = roots[pk]
        return pk

    visits = list(Appointment.objects.exclude(starts_at=None).exclude(patient=None))
    kept = [visit for visit in visits if visit.status in STANDING]
    ends_at = counted.scope.now - timedelta(days=2)
    missed = [
        visit for visit in visits
        if visit.status == Status.MISSED and visit.starts_at <= ends_at
        and is_counted(counted.scope, visit.clinic_id, visit.starts_at)
    ]  # fmt: skip
    taken = sum(
        any(takes(other, visit) and root(other.patient_id) == root(visit.patient_id) for other in kept)
        for visit in missed
    )

    works = [loss for loss in counted.losses.losses if loss.family == "rebook_missed" and loss.since <= ends_at]
    assert (len(works), sum(bool(loss.rebooked) for loss in works)) == (len(missed), taken)
    assert missed


def takes(other, visit):
    alike = other.clinic_id == visit.clinic_id or (visit.visit_type and other.visit_type == visit.visit_type)
    answers = other.booked_at and other.booked_at >= visit.status_at and other.starts_at >= visit.status_at
    return other.pk != visit.pk and alike and (other.starts_at > visit.starts_at or answers)
