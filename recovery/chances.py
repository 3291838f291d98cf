"""What the plan is made from: freed slots, lost visits, the visits that may stand for them, visits at risk. Pure."""

from datetime import datetime
from typing import Any, NamedTuple

from exceptions.checks.required import StatedVisit
from recovery.reasons import ContactFacts
from scheduling.vocabulary import VACATING


class FreedSlot(NamedTuple):
    """The newest vacancy of one slot, and who stands in it now. ``template``: the status of a template slot there.

    ``stated`` is what the source says now of the visit that left it.
    """

    source_id: int
    resource_day: int
    resource: str
    starts_at: datetime
    minutes: int
    clinic_id: int | None
    visit_type: str | None
    appointment_id: int
    cause: str
    initiator: str | None
    lost_at: datetime
    heard_at: datetime
    troubles: list[Any] | None
    is_taken: bool
    template: str | None
    stated: StatedVisit

    @property
    def known_type(self) -> str | None:
        """The kind of visit it was for: as said when it was left, or later by the visit that still stands there."""
        return self.visit_type or (self.stated.visit_type if self.stated.status in VACATING else None)


class LostVisit(NamedTuple):
    """A missed or bumped visit of one person; ``person_id`` is the record that survived merges."""

    appointment_id: int
    source_id: int
    person_id: int
    clinic_id: int | None
    resource: str | None
    starts_at: datetime
    minutes: int | None
    visit_type: str | None
    status: str
    lost_at: datetime
    heard_at: datetime
    initiator: str | None
    set_by: str | None
    reason_flags: int
    troubles: list[Any] | None
    contact: ContactFacts
    clinic_code: str | None

    @property
    def stated(self) -> StatedVisit:
        """The same as the rules of missing fields ask for it."""
        return StatedVisit(
            self.status,
            self.starts_at,
            self.clinic_code,
            self.clinic_id,
            self.resource,
            self.visit_type,
            self.person_id,
        )


class OtherVisit(NamedTuple):
    """A visit of a person that stands or was kept."""

    person_id: int
    appointment_id: int
    clinic_id: int | None
    visit_type: str | None
    starts_at: datetime
    booked_at: datetime | None


class RiskyVisit(NamedTuple):
    """A visit to come that somebody is to be asked about: the picture now, and what was frozen when it was decided.

    ``person_id`` is the record that survived merges, None where the source names nobody any more. ``decided_start`` is
    the start that the score was about.
    """

    appointment_id: int
    source_id: int
    person_id: int | None
    clinic_id: int | None
    resource: str | None
    starts_at: datetime | None
    minutes: int | None
    visit_type: str | None
    status: str | None
    troubles: list[Any] | None
    contact: ContactFacts | None
    clinic_code: str | None
    score: float
    decided_start: datetime
    decided_at: datetime

    @property
    def stated(self) -> StatedVisit:
        """The same as the rules of missing fields ask for it."""
        return StatedVisit(
            self.status,
            self.starts_at,
            self.clinic_code,
            self.clinic_id,
            self.resource,
            self.visit_type,
            self.person_id,
        )
