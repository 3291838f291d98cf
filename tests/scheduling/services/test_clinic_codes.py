"""A code is given to its clinic: the cause is fixed once, and every visit that it held is released by itself (I4)."""

import pytest

from accounts.models import AuditEntry, ClinicCode
from exceptions.models import IntegrationException
from exceptions.vocabulary import State
from scheduling.models import RefoldRequest
from scheduling.services.clinic_codes import TakenCodeError, give_code
from tests.support.desk import DAY, NOW
from tests.support.messages import siu


@pytest.fixture
def held(desk):
    """Two visits under a code of no clinic, one under a known one."""
    for visit, clinic in (("V1", "NEW"), ("V2", "NEW"), ("V3", "CARD")):
        desk.take(siu("S12", visit=visit, patient=f"N-{visit}", at=NOW - DAY, starts_at=NOW + DAY, clinic=clinic))
    assert desk.live() == [("unknown_clinic", "NEW", 2)]
    return desk


def test_visits_of_the_code_are_released(held):
    derm = held.clinics["DERM"]

    assert give_code(derm, "NEW", actor=held.people[0], now=NOW) == 2
    held.digest()

    assert held.live() == []
    assert [held.visit(visit).clinic for visit in ("V1", "V2")] == [derm, derm]
    assert IntegrationException.objects.get().state == State.CLEARED_UNSEEN
    row = AuditEntry.objects.get(subject_kind="accounts.cliniccode")
    assert (row.actor, row.clinic, row.detail) == (held.people[0], derm, {"what": "added", "code": "NEW"})


def test_code_that_has_a_clinic_is_refused_with_its_name(held):
    give_code(held.clinics["DERM"], "NEW", actor=held.people[0], now=NOW)

    with pytest.raises(TakenCodeError, match=r"The code belongs to Derm already\."):
        give_code(held.clinics["CARD"], "NEW", actor=held.people[1], now=NOW)

    assert ClinicCode.objects.get(code="NEW").clinic == held.clinics["DERM"]
    assert RefoldRequest.objects.count() == 2
