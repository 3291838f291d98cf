"""A desk with a freed slot in two days and people who could take it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.models import ClinicLaunchMode, Grant, User
from accounts.vocabulary import Role
from recovery.models import Offer, QueueItem, StaffLanguage, VisitTypeRule
from recovery.services.claims import claim_item
from recovery.services.make_offers import Asked, make_offer
from recovery.services.read_candidates import Named
from recovery.vocabulary import Decider, Family, Movable, OutreachChannel
from scheduling.models import Patient
from scheduling.vocabulary import Decision, LaunchMode
from tests.support.desk import DAY, HOUR, LONG_AGO, NOW, Desk
from tests.support.messages import siu

MINUTE = timedelta(minutes=1)
SLOT_AT = NOW + 2 * DAY
FREED_AT = NOW - HOUR


@dataclass
class Refill:
    """The desk, its slot of visit S1 and its people; ``visits`` are those who could come sooner."""

    desk: Desk
    ruth: User
    omar: User
    visits: list[str] = field(default_factory=list)

    @property
    def item(self) -> QueueItem:
        """The refill of the slot, open or closed."""
        return QueueItem.objects.get(family=Family.REFILL, appointment__external_id="S1")

    def hear(self, *bodies: bytes, now=NOW) -> None:
        """Messages arrive and are digested."""
        self.desk.take(*bodies, now=now)

    def add(self, number: int, *, days: int = 10, **more) -> str:
        """Somebody with a visit of the same type, days after the slot, and a mobile of their own."""
        visit = f"C{number}"
        said: dict[str, Any] = {
            "at": NOW - number * DAY,
            "patient": f"P-{number}",
            "phone": f"312555{number:04}",
        } | more
        self.hear(siu("S12", visit=visit, starts_at=SLOT_AT + days * DAY + number * HOUR, **said))
        self.visits.append(visit)
        return visit

    def named(self, visit: str) -> Named:
        """The candidate with this visit."""
        return Named(None, self.desk.visit(visit).pk)

    def patient(self, visit: str) -> Patient:
        """Whose visit it is."""
        return Patient.objects.get(pk=self.desk.visit(visit).patient_id or 0)

    def claim(self, actor=None, now=NOW) -> None:
        """Take the item."""
        claim_item(self.item.pk, actor=actor or self.ruth, version=None, now=now)

    def asked(self, now=NOW, **more) -> Asked:
        """How Ruth asks."""
        return Asked(**({"actor": self.ruth, "now": now, "channel": OutreachChannel.CALL} | more))

    def offer(self, visit: str, *, now=NOW, **more) -> Offer:
        """Offer the slot to whoever has this visit."""
        return make_offer(self.item.pk, self.named(visit), self.asked(now, **more))

    def book(self, visit: str, *, patient: str, now, starts_at=SLOT_AT) -> None:
        """The EHR books somebody into the slot."""
        self.hear(siu("S12", visit=visit, at=now, starts_at=starts_at, patient=patient), now=now)

    def states(self) -> list[tuple[str, str]]:
        """(own visit, state) of every offer, in the order they were made."""
        return list(Offer.objects.order_by("pk").values_list("appointment__external_id", "state"))


def free_type(clinic, visit_type: str = "ECHO", **more) -> VisitTypeRule:
    """A rule that lets schedulers move visits of a type."""
    fields = {
        "movable": Movable.FREE, "preparation": timedelta(), "notice": timedelta(), "decider": Decider.SCHEDULER,
        "valid_from": LONG_AGO, "recorded_at": LONG_AGO,
    }  # fmt: skip
    return VisitTypeRule.objects.create(clinic=clinic, visit_type=visit_type, **(fields | more))


def make_refill(desk: Desk, people: int = 2) -> Refill:
    """Free a slot at a clinic that is live for everything; ``people`` could take it."""
    ClinicLaunchMode.objects.bulk_create(
        ClinicLaunchMode(
            clinic=clinic, decision=decision, mode=LaunchMode.LIVE, valid_from=LONG_AGO, recorded_at=LONG_AGO
        )
        for clinic in desk.clinics.values()
        for decision in Decision
    )
    free_type(desk.clinics["CARD"])
    staff = [User.objects.create_user(f"{name}@desk.example", first_name=name.title()) for name in ("ruth", "omar")]
    for person in staff:
        Grant.objects.create(user=person, role=Role.ACCESS, source=desk.source)
        StaffLanguage.objects.create(person=person, language="en")
    ruth, omar = staff
    refill = Refill(desk, ruth, omar)
    refill.hear(siu("S12", visit="S1", at=NOW - 30 * DAY, starts_at=SLOT_AT))
    refill.hear(siu("S15", visit="S1", at=FREED_AT, starts_at=SLOT_AT, status="Cancelled"))
    for number in range(1, people + 1):
        refill.add(number)
    return refill
