"""The clock stands still on a Tuesday, 09:41 in Chicago; people see one clinic, the source, or nothing of it."""

from types import SimpleNamespace

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from tests.support.desk import DAY, NOW
from tests.support.messages import siu


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clients(desk, person, signed_in, other_clinic):
    """Signed-in people: ``card`` sees one clinic, ``whole`` the source, ``stranger`` only another source."""
    return SimpleNamespace(
        card=signed_in(person(Role.ACCESS, clinic=desk.clinics["CARD"])),
        whole=signed_in(person(Role.INTEGRATION, source=desk.source)),
        stranger=signed_in(person(Role.INTEGRATION, source=other_clinic.source)),
    )


@pytest.fixture
def book(desk):
    """Book visits: ``book("V1", starts_at, patient="N-2", clinic="DERM")``; returns the appointment."""

    def make(visit, starts_at=NOW + DAY, *, trigger="S12", at=NOW - DAY, **said):
        desk.take(siu(trigger, visit=visit, at=at, starts_at=starts_at, **said))
        return desk.visit(visit)

    return make


@pytest.fixture
def trail(db):
    """The audit trail as (action, kind, subjects, patients), oldest first."""

    def read():
        rows = AuditEntry.objects.order_by("pk")
        return [(row.action, row.subject_kind, row.subjects, row.patients) for row in rows]

    return read
