"""Signing in and out."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import AuditEntry, DeskSession
from accounts.vocabulary import AuditAction, Role
from tests.conftest import NOW

NAME = "dana@northfield.example"
PASSWORD = "correct horse battery"
pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(person):
    return person(Role.ACCESS, username=NAME, password=PASSWORD)


def sign_in(client, name=NAME, password=PASSWORD, **data):
    return client.post("/login/", {"name": name, "password": password, **data})


def trail():
    return [(row.action, row.actor_id, row.detail) for row in AuditEntry.objects.order_by("pk")]


def test_the_right_password_leads_to_today(client, dana):
    response = sign_in(client)

    assert (response.status_code, response["Location"]) == (302, "/")
    detail = {"address": "127.0.0.1", "browser": "Unknown browser"}
    assert trail() == [(AuditAction.SIGNED_IN, dana.pk, detail)]


def test_the_address_is_the_same_in_any_case(client, dana):
    assert sign_in(client, name="Dana@Northfield.Example").status_code == 302


def test_the_session_knows_whose_it_is(client, dana):
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    with time_machine.travel(NOW, tick=False):
        client.post("/login/", {"name": NAME, "password": PASSWORD}, headers={"user-agent": agent})

    session = DeskSession.objects.get()
    assert (session.user, session.signed_in_at, session.seen_at, session.browser) == (
        dana,
        NOW,
        NOW,
        "Firefox on Windows",
    )


def test_signing_in_changes_the_session_key(client, dana):
    client.get("/login/")
    client.session.save()
    before = client.session.session_key

    sign_in(client)

    assert client.session.session_key != before


@pytest.mark.parametrize(
    ("asked", "goes"),
    [("/people/?person=3", "/people/?person=3"), ("https://elsewhere.example/", "/"), ("//elsewhere.example", "/")],
    ids=["ours", "another site", "without a scheme"],
)
def test_next_leads_to_our_own_pages_only(client, dana, asked, goes):
    assert sign_in(client, next=asked)["Location"] == goes


def test_who_is_signed_in_is_sent_on(dana, signed_in):
    response = signed_in(dana).get("/login/?next=/profile/")

    assert (response.status_code, response["Location"]) == (302, "/profile/")


@pytest.mark.parametrize(
    ("name", "password"), [(NAME, "wrong"), ("nobody@northfield.example", PASSWORD)], ids=["password", "name"]
)
def test_no_match_is_refused_with_the_same_sentence(client, dana, name, password):
    response = sign_in(client, name=name, password=password)

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "password": ["That e-mail and password do not match. 4 tries left, then wait 5 min."]
    }
    assert trail() == [(AuditAction.SIGN_IN_FAILED, None, {"address": "127.0.0.1", "reason": "no match"})]


def test_what_was_typed_stands_nowhere_in_the_answer(client, dana):
    response = sign_in(client, password="a mistyped secret")

    assert b"a mistyped secret" not in response.content


def test_empty_fields_are_invalid_and_not_counted(client, dana):
    response = sign_in(client, name="", password="")

    assert (response.status_code, trail()) == (422, [])


def test_a_disabled_person_is_refused(client, dana):
    dana.is_active = False
    dana.save()

    assert sign_in(client).status_code == 422


def test_the_sixth_try_is_refused_with_the_time_of_the_next(client, dana):
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(5):
            sign_in(client, password="wrong")
            clock.shift(timedelta(seconds=15))
        response = sign_in(client)

    assert (response.status_code, response["Retry-After"]) == (429, "225")
    assert response.context["form"].errors == {
        "password": ["Too many tries. Wait before the next one. You can try again in 3 min (15:46 UTC)."]
    }
    assert trail()[-1] == (AuditAction.SIGN_IN_FAILED, None, {"address": "127.0.0.1", "reason": "throttled"})


def test_after_the_wait_the_right_password_works(client, dana):
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(5):
            sign_in(client, password="wrong")
        clock.shift(timedelta(minutes=5))

        assert sign_in(client).status_code == 302


def test_signing_out_needs_a_post(dana, signed_in):
    assert signed_in(dana).get("/logout/").status_code == 405


def test_signing_out_ends_the_session(dana, signed_in):
    client = signed_in(dana)

    response = client.post("/logout/")

    assert (response.status_code, response["Location"]) == (302, "/login/?ended=out")
    assert not DeskSession.objects.filter(user=dana).exists()
    assert trail() == [(AuditAction.SIGNED_OUT, dana.pk, {"reason": "asked"})]


def test_a_stranger_may_press_sign_out_without_harm(client):
    assert client.post("/logout/").status_code == 302
    assert trail() == []


def test_a_form_without_its_token_gets_a_sentence(dana):
    response = Client(enforce_csrf_checks=True).post("/login/", {"name": NAME, "password": PASSWORD})

    assert response.status_code == 403
    assert b"This form is from an earlier session." in response.content


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)("/login/").status_code == 405
