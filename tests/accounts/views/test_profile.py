"""A person's own page."""

import pytest

from accounts.models import AuditEntry, DeskSession, User
from accounts.vocabulary import AuditAction, Role

PASSWORD = "correct horse battery"
NEW = "staple of another horse"
SETTINGS = {"theme": "dark", "density": "compact", "timezone": "America/Chicago"}
FORMS = ["/profile/appearance/", "/profile/settings/", "/profile/password/", "/profile/sessions/end/"]


@pytest.fixture
def dana(person):
    return person(Role.ACCESS, password=PASSWORD)


def test_the_page_shows_sessions_and_roles(dana, signed_in):
    response = signed_in(dana).get("/profile/")

    assert response.status_code == 200
    assert b"Access staff" in response.content


def test_strangers_are_sent_to_sign_in(client, db):
    assert client.get("/profile/")["Location"] == "/login/?next=/profile/"


@pytest.mark.parametrize("path", FORMS)
def test_changes_need_a_post(dana, signed_in, path):
    assert signed_in(dana).get(path).status_code == 405


@pytest.mark.parametrize("path", FORMS)
def test_changes_need_a_person(client, db, path):
    assert client.post(path)["Location"] == f"/login/?next={path}"


def test_the_theme_switch_works_as_a_plain_form(dana, signed_in):
    response = signed_in(dana).post("/profile/appearance/", {"theme": "dark", "next": "/people/?person=1"})

    dana.refresh_from_db()
    assert (response["Location"], dana.theme) == ("/people/?person=1", "dark")


def test_the_theme_switch_leads_nowhere_else(dana, signed_in):
    response = signed_in(dana).post("/profile/appearance/", {"theme": "dark", "next": "https://elsewhere.example"})

    assert response["Location"] == "/"


def test_an_unknown_theme_is_refused(dana, signed_in):
    assert signed_in(dana).post("/profile/appearance/", {"theme": "pink"}).status_code == 400


def test_settings_stand_on_the_page_at_once(dana, signed_in):
    client = signed_in(dana)

    response = client.post("/profile/settings/", SETTINGS, follow=True)

    dana.refresh_from_db()
    assert (dana.theme, dana.density, dana.timezone, dana.has_keys) == ("dark", "compact", "America/Chicago", False)
    for attribute in (b'data-theme="dark"', b'data-density="compact"', b'data-keys="off"'):
        assert attribute in response.content


@pytest.mark.parametrize("change", [{"timezone": "Mars/Base"}, {"density": "huge"}], ids=["zone", "density"])
def test_invalid_settings_change_nothing(dana, signed_in, change):
    response = signed_in(dana).post("/profile/settings/", SETTINGS | change)

    dana.refresh_from_db()
    assert (response.status_code, dana.theme) == (422, "auto")


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(dana, signed_in):
    here, there = signed_in(dana), signed_in(dana)
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    response = here.post("/profile/password/", fields)

    assert response["Location"] == "/profile/"
    assert (here.get("/profile/").status_code, there.get("/profile/").status_code) == (200, 302)
    assert DeskSession.objects.filter(user=dana).count() == 1
    assert User.objects.get(pk=dana.pk).check_password(NEW)
    row = AuditEntry.objects.get(action=AuditAction.CHANGED)
    assert (row.actor, row.detail) == (dana, {"fields": ["password"], "sessions ended": 1})


@pytest.mark.parametrize(
    "fields",
    [
        {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW},
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": "different"},
        {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"},
    ],
    ids=["old one wrong", "not repeated", "too short"],
)
def test_an_invalid_password_change_changes_nothing(dana, signed_in, fields):
    response = signed_in(dana).post("/profile/password/", fields)

    assert response.status_code == 422
    assert User.objects.get(pk=dana.pk).check_password(PASSWORD)
    assert not AuditEntry.objects.filter(action=AuditAction.CHANGED).exists()


def test_signing_out_everywhere_else_keeps_this_browser(dana, signed_in, person):
    here, there = signed_in(dana), signed_in(dana)
    stranger = signed_in(person(Role.ACCESS))

    here.post("/profile/sessions/end/")

    assert [client.get("/profile/").status_code for client in (here, there, stranger)] == [200, 302, 200]
