"""A desk with a revision to preview: two visits held by one code, and a draft that gives it a meaning."""

from types import SimpleNamespace

import pytest
import time_machine

from accounts.vocabulary import Role
from scheduling.mapping.rules import Rule
from scheduling.services.mapping import add_rule, start_draft
from scheduling.vocabulary import Initiator, Status
from tests.support.desk import DAY, HOUR, NOW, make_desk
from tests.support.messages import siu

ZZ9 = Rule(0, filler_status="ZZ9", status=Status.CANCELLED, initiator=Initiator.PATIENT)
BACK = NOW - 30 * DAY


@pytest.fixture
def desk(transactional_db):
    """A desk whose rows are committed, since a preview reads them by a connection of its own."""
    return make_desk()


@pytest.fixture
def held(desk):
    """Two visits, one in each clinic, whose cancellations came with a code that nobody knows."""
    for visit, clinic, hours in (("V1", "CARD", 3), ("V2", "DERM", 4)):
        starts_at = NOW + hours * HOUR
        desk.take(siu("S12", visit=visit, at=NOW - DAY, starts_at=starts_at, clinic=clinic, patient=visit))
        desk.take(
            siu(
                "S15",
                visit=visit,
                at=NOW - HOUR,
                starts_at=starts_at,
                clinic=clinic,
                patient=visit,
                status="ZZ9",
                reason="ILL",
            )
        )
    return desk


@pytest.fixture
def draft(held):
    """A draft in which the code cancels."""
    ada, _ = held.people
    made = start_draft(held.source, title="ZZ9", actor=ada, now=NOW, based_on=held.published[-1])
    add_rule(made, ZZ9, actor=ada, now=NOW)
    made.refresh_from_db()
    return made


@pytest.fixture
def clients(held, person, signed_in, other_source):
    """Who comes to the page: those who may run it, who may read it whole, of one clinic, and of nothing here."""
    return SimpleNamespace(
        mapper=signed_in(person(Role.MAPPING, source=held.source)),
        integrator=signed_in(person(Role.INTEGRATION, source=held.source)),
        reader=signed_in(person(Role.AUDITOR, source=held.source)),
        card=signed_in(person(Role.ACCESS, clinic=held.clinics["CARD"])),
        stranger=signed_in(person(Role.MAPPING, source=other_source)),
    )


@pytest.fixture(autouse=True)
def _clock():
    """The clock stands still on a Tuesday, 09:41 in Chicago."""
    with time_machine.travel(NOW, tick=False):
        yield
