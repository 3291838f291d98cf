"""Visit-type rules and a waitlist of the demonstration. Safe to load twice."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction

from accounts.models import Clinic, User
from recovery.models import VisitTypeRule, WaitlistEntry
from recovery.services.change_rules import By, TypeValues, change_visit_type
from recovery.services.waitlist import Wanted, add_entries
from recovery.vocabulary import Decider, EntryOrigin, Movable
from scheduling.models import Appointment
from scheduling.simulator.cast import DOMAIN
from scheduling.simulator.clinics import demo_organisation
from scheduling.vocabulary import Status

AUTHOR = "ruth"
HOUR = timedelta(hours=1)
MOST_A_CLINIC = 12
SOONEST, LATEST = timedelta(days=9), timedelta(days=60)


class Ruled(NamedTuple):
    """What the demonstration decides about a visit type; the rest of the types may be moved freely."""

    movable: Movable = Movable.FREE
    notice: int = 2
    preparation: int = 0
    fits: tuple[str, ...] = ()
    decider: Decider = Decider.SCHEDULER
    remark: str = ""


RULES = {
    "FUP": Ruled(fits=("NEWP", "PHYS")),
    "SICK": Ruled(notice=1, fits=("FUP",)),
    "PHYS": Ruled(preparation=10, remark="Fasting from the evening before"),
    "CFUP": Ruled(fits=("CNEW",)),
    "CNEW": Ruled(notice=4, decider=Decider.SUPERVISOR, remark="The referral has to be there"),
    "ECHO": Ruled(notice=3),
    "MRI": Ruled(notice=4, preparation=4, remark="Safety questionnaire first"),
    "CT": Ruled(notice=4, preparation=4, remark="Creatinine for contrast"),
    "PTF": Ruled(Movable.REVIEW, remark="Part of a plan of sessions"),
    "PROC": Ruled(decider=Decider.CLINICIAN, notice=24, remark="Blood thinners"),
    "URG": Ruled(Movable.NEVER, remark="Walks in"),
    "XR": Ruled(Movable.NEVER, remark="Walks in"),
}


@transaction.atomic
def load_rules(*, now: datetime) -> None:
    """Decide about every visit type of every clinic where nothing is decided yet."""
    author = User.objects.get(username=f"{AUTHOR}@{DOMAIN}")
    clinics = {(clinic.source.key, clinic.key): clinic for clinic in Clinic.objects.select_related("source")}
    done = set(VisitTypeRule.objects.values_list("clinic", "visit_type"))
    for plan in demo_organisation().clinics.values():
        clinic = clinics.get((plan.source, plan.key))
        for kind in plan.visit_types if clinic is not None else ():
            if clinic is not None and (clinic.pk, kind.code) not in done:
                change_visit_type(clinic, _values(kind.code), By(author, now, None))


def _values(code: str) -> TypeValues:
    ruled = RULES.get(code, Ruled())
    return TypeValues(
        code, ruled.movable, ruled.preparation * HOUR, ruled.notice * HOUR, ruled.fits, ruled.decider, ruled.remark
    )


@transaction.atomic
def load_waitlist(*, now: datetime) -> None:
    """Put some people with a visit in the coming weeks on the waitlist of their clinic, where it is empty."""
    if WaitlistEntry.objects.exists():
        return
    author = User.objects.get(username=f"{AUTHOR}@{DOMAIN}")
    for clinic in Clinic.objects.select_related("source").order_by("pk"):
        visits = Appointment.objects.filter(
            clinic=clinic, status__in=(Status.BOOKED, Status.CONFIRMED), troubles__isnull=True,
            patient__merged_into=None,
            starts_at__range=(now + SOONEST, now + LATEST), visit_type__isnull=False, patient__isnull=False,
        )  # fmt: skip
        wanted = list(_wanted(clinic, visits.order_by("-starts_at", "pk")[: 3 * MOST_A_CLINIC], now))[:MOST_A_CLINIC]
        if wanted:
            add_entries(wanted, EntryOrigin.STAFF, actor=author, now=now)


def _wanted(clinic: Clinic, visits: Iterable[Appointment], now: datetime) -> Iterable[Wanted]:
    """Each person once, with wishes that differ."""
    seen: set[tuple[int, str]] = set()
    for number, visit in enumerate(visits):
        if visit.patient_id is None or visit.visit_type is None or (visit.patient_id, visit.visit_type) in seen:
            continue
        seen.add((visit.patient_id, visit.visit_type))
        yield Wanted(
            visit.patient_id,
            clinic,
            visit.visit_type,
            since=min(visit.booked_at or now, now),
            appointment_id=visit.pk,
            provider_code=(visit.resource or "") if number % 5 == 1 else "",
            weekdays=(0, 1, 3) if number % 4 == 2 else (),
            from_time=time(13) if number % 6 == 3 else None,
            until_time=time(12) if number % 6 == 5 else None,
            notice=24 * HOUR if number % 3 == 1 else None,
        )
