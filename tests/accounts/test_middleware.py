"""Sessions end in time, answers carry an id, pages stay out of caches."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import AuditEntry, DeskSession, User
from accounts.vocabulary import AuditAction, Role
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
NAME = "dana@northfield.example"
PASSWORD = "correct horse battery"
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(clock, person, client):
    person(Role.ADMIN, username=NAME, password=PASSWORD)
    client.post("/login/", {"name": NAME, "password": PASSWORD})
    return client


@pytest.mark.parametrize(
    ("after", "status"),
    [(IDLE - timedelta(seconds=1), 200), (IDLE, 302)],
    ids=["a second before", "at the limit"],
)
def test_an_idle_session_ends(desk, clock, after, status):
    clock.shift(after)

    assert desk.get("/profile/").status_code == status


def test_an_expired_page_leads_back_to_itself_and_says_why(desk, clock):
    clock.shift(IDLE)

    response = desk.get("/people/?person=3")

    assert response["Location"] == "/login/?next=/people/%3Fperson%3D3&ended=idle"
    assert b"You were signed out because nothing happened for a while." in desk.get(response["Location"]).content
    row = AuditEntry.objects.get(action=AuditAction.SIGNED_OUT)
    assert row.detail == {"reason": "idle"}


def test_an_expired_post_is_not_sent_back_to_its_address(desk, clock):
    clock.shift(IDLE)

    assert desk.post("/profile/settings/")["Location"] == "/login/?ended=idle"


def test_an_expired_swap_makes_the_browser_go(desk, clock):
    clock.shift(IDLE)

    response = desk.get("/audit/", headers={"hx-request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (401, "/login/")


def test_use_keeps_a_session_awake(desk, clock):
    for _ in range(5):
        clock.shift(IDLE - timedelta(seconds=31))
        assert desk.get("/profile/").status_code == 200


def test_polling_does_not_keep_a_session_awake(desk, clock):
    clock.shift(timedelta(minutes=20))
    assert desk.get("/live/session/").status_code == 200
    clock.shift(timedelta(minutes=10))

    assert desk.get("/live/session/").status_code == 401


def test_a_session_ends_after_a_working_day_even_when_used(desk, clock):
    for _ in range(47):
        clock.shift(timedelta(minutes=15))
        assert desk.get("/profile/").status_code == 200
    clock.shift(timedelta(minutes=15))

    response = desk.get("/profile/")

    assert response["Location"] == "/login/?next=/profile/&ended=absolute"
    assert clock is not None


def test_staying_prolongs_by_a_post_only(desk, clock):
    clock.shift(timedelta(minutes=29))
    assert desk.get("/session/stay/").status_code == 405

    response = desk.post("/session/stay/")

    assert response.json()["ends_at"] == (NOW + timedelta(minutes=59)).timestamp()


def test_a_disabled_person_loses_the_session(desk):
    User.objects.update(is_active=False)

    assert desk.get("/profile/").status_code == 302


def test_a_session_made_another_way_begins_with_its_first_page(clock, person, signed_in):
    client = signed_in(person(Role.ADMIN))

    assert client.get("/profile/").status_code == 200
    assert DeskSession.objects.get().seen_at == NOW
    clock.shift(IDLE)

    assert client.get("/profile/").status_code == 302


def test_pages_of_people_stay_out_of_caches(desk):
    response = desk.get("/profile/")

    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "same-origin")


def test_an_answer_carries_the_id_of_its_audit_rows(desk):
    response = desk.get("/audit/", headers={"x-request-id": "chosen by the client"})

    row = AuditEntry.objects.filter(action=AuditAction.LISTED).latest("pk")
    assert response["X-Request-ID"] == row.request_id
    assert row.request_id != "chosen by the client"


@pytest.mark.parametrize("path", ["/live/session/", "/session/stay/"])
def test_a_stranger_learns_nothing_of_sessions(client, path):
    assert client.get(path)["Location"] == f"/login/?next={path}"
