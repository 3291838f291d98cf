"""What judgement adds to the appointment page, over a real pipeline."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.vocabulary import Role
from exceptions.models import IntegrationException
from exceptions.panels import exceptions_panel
from scheduling.panels import HoldOwner
from tests.support.desk import DAY, NOW
from tests.support.messages import siu


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ask(rf, person):
    """The panel as one person gets it, and how many queries it took once the person's grants are known."""

    def panel(appointment, *roles, **where):
        request = rf.get(appointment.get_absolute_url())
        request.user = person(*roles, **where)
        exceptions_panel(request, appointment)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = exceptions_panel(request, appointment)
        return found, len(queries)

    return panel


@pytest.fixture
def held(desk):
    """A visit tomorrow whose status has no meaning, beside another with the same trouble."""
    desk.take(siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY, status="ZZ9"))
    desk.take(siu("S12", visit="V2", at=NOW, starts_at=NOW + DAY, status="ZZ9"))
    return desk.visit("V1")


def test_a_held_visit_shows_its_exceptions_and_who_owns_each_hold(ask, desk, held):
    exception = IntegrationException.objects.get()
    jo = desk.people[0]
    exception.owner = jo
    exception.save()

    panel, queries = ask(held, Role.ACCESS, clinic=desk.clinics["CARD"])

    [line] = panel.data["lines"]
    assert (line.title, line.tone, line.state, line.owner) == ("Unmapped status", "held", "not taken yet", str(jo))
    assert (line.blocks, line.exception.since) == ("Refill, rebook and confirm.", held.said_at)
    assert panel.owners == {"unmapped_status": HoldOwner(str(jo), exception.get_absolute_url(), "not taken yet")}
    assert queries == 1


def test_a_visit_that_nothing_holds_has_no_panel(ask, desk):
    desk.take(siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY))

    assert ask(desk.visit("V1"), Role.ACCESS, clinic=desk.clinics["CARD"]) == (None, 1)


def test_exceptions_of_another_clinic_are_not_named(ask, desk, held):
    panel, _ = ask(held, Role.ACCESS, clinic=desk.clinics["DERM"])

    assert panel is None


def test_a_closed_exception_is_not_live(ask, desk, held):
    IntegrationException.objects.update(state="resolved", resolved_at=NOW)

    assert ask(held, Role.ACCESS, clinic=desk.clinics["CARD"])[0] is None


def test_the_appointment_page_prints_it(signed_in, person, desk, held):
    client = signed_in(person(Role.ACCESS, clinic=desk.clinics["CARD"]))

    text = client.get(held.get_absolute_url()).content.decode()

    assert "<h2>Open exceptions</h2>" in text
    assert f'<a href="{IntegrationException.objects.get().get_absolute_url()}">Unmapped status</a>' in text
