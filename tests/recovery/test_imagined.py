"""What the lab would offer of one visit is what the queue's own reading of slots says: Python held against SQL."""

from datetime import timedelta

import pytest

from accounts.models import Source
from recovery.confirming import plan_confirms
from recovery.planning import plan_refills, slot_subject
from recovery.reasons import ContactFacts
from recovery.services.imagined import Imagined, confirms_of, refills_of
from recovery.services.read_persons import Persons
from recovery.services.read_risky_visits import read_risky_visits
from recovery.services.read_slots import read_freed_slots
from scheduling.digestion.appointments import load_refolds
from scheduling.digestion.resource_days import Days
from scheduling.models import TemplateSlot, Vacancy
from scheduling.sql.cursors import server_cursor
from tests.recovery.conftest import DAY, HOUR, NOW
from tests.support.drafts import simulated
from tests.support.risk import decide

SOON = NOW + 2 * DAY
pytestmark = pytest.mark.django_db


def test_slots_of_simulated_visits_are_judged_as_by_the_queue():
    now = simulated(3_000)
    vacancies = list(Vacancy.objects.filter(starts_at__gt=now).select_related("appointment"))
    days = Days({source.pk: source.zone for source in Source.objects.all()})
    for one in vacancies:
        days.spanned(one.appointment.source_id, one.resource, one.starts_at, one.minutes)
    # The simulator blocks no template: every third slot is blocked here, now and then only up to its very start.
    TemplateSlot.objects.bulk_create(blocked(one, now, minutes=(10, 20)[n % 2]) for n, one in enumerate(vacancies[::3]))
    with server_cursor() as cursor:
        slots = read_freed_slots(cursor, {one.resource_day for one in vacancies}, days, now)
        works = {work.id: work for work in load_refolds(cursor, sorted({s.appointment_id for s in slots}), feed_id=0)}
    by_queue, by_lab = {}, {}
    for slot in slots:
        subject = ("refill", slot_subject(slot.source_id, slot.resource, slot.starts_at))
        by_queue[subject] = said(plan_refills([slot], now), subject)
        work = works[slot.appointment_id]
        assert work.before is not None
        visit = Imagined(slot.source_id, work.id, work.before, ContactFacts(), days)
        by_lab[subject] = said(refills_of(visit, now), subject)

    assert by_lab == by_queue
    assert {"offered", "slot_filled", "template_blocked"} <= set(by_queue.values())


def test_a_visit_at_risk_is_judged_as_by_the_queue(world):
    visits = [world.booked(world.patient(vip=vip), SOON + n * HOUR) for n, vip in enumerate(("", "Y", "", ""))]
    for visit in visits[:3]:
        decide(visit)
    world.batch((visits[1], world.unmapped(SOON - DAY)), (visits[2], world.event(SOON - DAY, starts_at=SOON)))
    ids, days = [visit.pk for visit in visits], world.days()
    with server_cursor() as cursor:
        queue = plan_confirms(read_risky_visits(cursor, Persons(), ids, []), world.now)
        plans = []
        for visit in visits:
            visit.refresh_from_db()
            patient = visit.patient
            contact = ContactFacts(vip=patient.vip, phones_home=patient.phones_home)
            imagined = Imagined(visit.source_id, visit.pk, world.states[visit.pk], contact, days)
            plans.append(confirms_of(cursor, imagined, world.now))

    assert {key: item for plan in plans for key, item in plan.desired.items()} == queue.desired
    assert {key: why for plan in plans for key, why in plan.refused.items()} == queue.refused
    assert [len(plan.desired) for plan in plans] == [1, 1, 0, 0]


def said(plan, subject):
    """``offered``, or why not."""
    return "offered" if subject in plan.desired else str(plan.refused[subject])


def blocked(vacancy, now, *, minutes):
    """A blocked stretch that begins ten minutes before the slot."""
    return TemplateSlot(
        source_id=vacancy.appointment.source_id,
        resource=vacancy.resource,
        starts_at=vacancy.starts_at - timedelta(minutes=10),
        minutes=minutes,
        status="blocked",
        resource_day=vacancy.resource_day,
        order_key=b"",
        heard_at=now,
    )
