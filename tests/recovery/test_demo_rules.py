"""The demonstration's rules and waitlist: every visit type is decided about, and loading twice changes nothing."""

import pytest
from django.core.management import call_command

from accounts.models import Clinic
from recovery.demo_rules import load_rules, load_waitlist
from recovery.models import VisitTypeRule, WaitlistEntry
from scheduling.models import Appointment, Patient
from scheduling.simulator.clinics import demo_organisation
from tests.support.desk import DAY, NOW


@pytest.fixture
def organisation(db):
    call_command("seed_demo_plans")


def test_every_visit_type_has_a_rule_and_twice_changes_nothing(organisation):
    for _ in range(2):
        load_rules(now=NOW)

    types = sum(len(plan.visit_types) for plan in demo_organisation().clinics.values())
    assert VisitTypeRule.objects.count() == types
    assert VisitTypeRule.objects.filter(visit_type="MRI").values_list("preparation", flat=True)[0] == DAY / 6


def test_people_with_a_visit_ahead_wait_once_for_it(organisation):
    clinic = Clinic.objects.order_by("pk")[0]
    patient = Patient.objects.create(source=clinic.source, authority="A", mrn="X-1", as_of=b"")
    for number in range(2):
        Appointment.objects.create(
            source=clinic.source, namespace="", external_id=f"X-{number}", occurrence="", clinic=clinic,
            status="booked", patient=patient, visit_type="FUP", starts_at=NOW + (20 + number) * DAY,
            booked_at=NOW - DAY, said_at=NOW, heard_at=NOW, order_key=b"", events=1,
        )  # fmt: skip

    for _ in range(2):
        load_waitlist(now=NOW)

    (entry,) = WaitlistEntry.objects.all()
    assert entry.appointment is not None
    assert (entry.patient, entry.appointment.external_id, entry.since) == (patient, "X-1", NOW - DAY)
