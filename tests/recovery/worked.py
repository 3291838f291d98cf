"""A desk whose queue is worked: one clinic live, one visit to rebook or to confirm, two people who may work it."""

from dataclasses import dataclass
from datetime import timedelta

from accounts.models import ClinicLaunchMode, Grant, User
from accounts.vocabulary import Role
from recovery.models import QueueItem, StaffLanguage
from recovery.services.open_confirms import open_confirms
from recovery.vocabulary import Family
from scheduling.models import Patient
from scheduling.vocabulary import Decision, LaunchMode
from tests.support.desk import DAY, HOUR, LONG_AGO, NOW, Desk
from tests.support.messages import siu
from tests.support.risk import decide

MINUTE = timedelta(minutes=1)
VISIT_AT = NOW + 3 * DAY
BUMPED_AT = NOW - HOUR


@dataclass
class Worked:
    """The desk with what its people work on."""

    desk: Desk
    ruth: User
    omar: User

    @property
    def item(self) -> QueueItem:
        """The bumped visit's, open or closed; the slot that it left is another chance."""
        return QueueItem.objects.get(family=Family.REBOOK_BUMPED, appointment__external_id="V1")

    @property
    def patient(self) -> Patient:
        """The patient of the default messages."""
        return Patient.objects.get(mrn="N-1")

    def hear(self, *bodies: bytes, now=NOW) -> None:
        """Messages arrive and are digested."""
        self.desk.take(*bodies, now=now)


class Asked(Worked):
    """The same desk where a visit at risk is to be confirmed."""

    @property
    def item(self) -> QueueItem:
        """The visit's, open or closed."""
        return QueueItem.objects.get(family=Family.CONFIRM, appointment__external_id="V1")


def make_worked(desk: Desk) -> Worked:
    """Bump a visit at a clinic that is live for everything."""
    worked = Worked(desk, *make_live(desk))
    worked.hear(siu("S12", visit="V1", at=NOW - DAY, starts_at=VISIT_AT))
    worked.hear(siu("S15", visit="V1", at=BUMPED_AT, starts_at=VISIT_AT, status="Bumped"))
    return worked


def make_asked(desk: Desk, phone: str = "3125550142") -> Asked:
    """Decide about a visit at a clinic that is live for everything."""
    asked = Asked(desk, *make_live(desk))
    asked.hear(siu("S12", visit="V1", at=NOW - DAY, starts_at=VISIT_AT, phone=phone))
    decide(desk.visit("V1"), at=BUMPED_AT)
    open_confirms([desk.visit("V1").pk], now=BUMPED_AT)
    return asked


def make_live(desk: Desk) -> list[User]:
    """Switch everything on at every clinic; returns the two people who work there."""
    ClinicLaunchMode.objects.bulk_create(
        ClinicLaunchMode(
            clinic=clinic, decision=decision, mode=LaunchMode.LIVE, valid_from=LONG_AGO, recorded_at=LONG_AGO
        )
        for clinic in desk.clinics.values()
        for decision in Decision
    )
    people = [User.objects.create_user(f"{name}@desk.example", first_name=name.title()) for name in ("ruth", "omar")]
    for person in people:
        Grant.objects.create(user=person, role=Role.ACCESS, source=desk.source)
        StaffLanguage.objects.create(person=person, language="en")
    return people
