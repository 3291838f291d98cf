"""Today, and the rail around it."""

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction, Role
from config.web import home, navigation
from config.web.asking import how_many
from config.web.navigation import NavCount, NavItem, Tally


@pytest.fixture
def places(monkeypatch):
    """Keep what tests register out of the real rail."""
    monkeypatch.setattr(navigation, "_items", dict(navigation._items))
    monkeypatch.setattr(home, "_blocks", {})


def rail(response):
    return {place.label: place for group in response.context["navigation"] for place in group.places}


def test_strangers_are_sent_to_sign_in(client, db):
    assert client.get("/")["Location"] == "/login/?next=/"


def test_today_is_for_looking(person, signed_in):
    assert signed_in(person(Role.ACCESS)).post("/").status_code == 405


def test_a_person_without_a_role_is_told_so(person, signed_in):
    assert b"You have no role here yet." in signed_in(person()).get("/").content


@pytest.mark.parametrize("role", Role)
def test_today_opens_for_every_role(person, signed_in, role):
    response = signed_in(person(role)).get("/")

    assert response.status_code == 200
    assert ("Audit trail" in rail(response)) is (role in {Role.AUDITOR, Role.ADMIN})


def test_the_auditors_today_counts_and_lists_refusals(person, signed_in, clinic):
    user = person(Role.AUDITOR, first_name="Ada", last_name="Auditor")
    record(AuditAction.DENIED, actor=user, subject_kind="page", subjects=[], detail={"path": "/x/"}, now=timezone.now())
    record(AuditAction.SIGN_IN_FAILED, actor=None, subject_kind="accounts.user", subjects=[], now=timezone.now())

    response = signed_in(user).get("/")

    assert b"Ada Auditor was refused" in response.content
    blocks = {block.key: block.data for block in response.context["blocks"]["half"]}
    [said] = response.context["blocks"]["headline"]
    assert said.data["title"] == "2 acts or sign-ins were refused in the last 24 h."
    assert said.data["note"] == "No pages opened, no changes, no exports."
    assert [(str(tally.number), tally.label) for tally in blocks["trail"]["tallies"]] == [
        ("2", "Refused"),
        ("0", "Seen"),
        ("0", "Changed"),
        ("0", "Exported"),
        ("1", "Sign-ins"),
    ]


def test_counts_stand_beside_their_place_and_are_kept_for_a_while(places, person, signed_in):
    asked = []

    def letters(request):
        asked.append(request.user)
        return how_many(User.objects.filter(pk=request.user.pk))

    tally = Tally("letters", letters, lambda number: NavCount(f"{number} held", "held"))
    navigation.register(NavItem("Work", "Letters", "profile", count=tally))
    client = signed_in(person(Role.ACCESS))

    first, second = client.get("/"), client.get("/")

    assert (rail(first)["Letters"].count, rail(second)["Letters"].count) == (NavCount("1 held", "held"),) * 2
    assert len(asked) == 1


def test_a_place_for_another_role_is_not_shown(places, person, signed_in):
    navigation.register(NavItem("Work", "Letters", "profile", frozenset({Role.MAPPING})))

    assert "Letters" not in rail(signed_in(person(Role.ACCESS)).get("/"))


def test_the_pages_verb_is_the_first_place_that_offers_one(places, person, signed_in):
    navigation.register(NavItem("Work", "Letters", "profile", home_verb="Open my letters", order=20))

    response = signed_in(person(Role.ADMIN)).get("/")

    assert b'<a class="btn btn--primary" href="/profile/" data-key="n">Open my letters' in response.content


def test_a_verb_for_other_roles_is_not_the_pages(places, person, signed_in):
    mapping = frozenset({Role.MAPPING})
    navigation.register(NavItem("Work", "Letters", "profile", home_verb="Open my letters", home_roles=mapping))

    response = signed_in(person(Role.AUDITOR)).get("/")

    assert "Letters" in rail(response)
    assert response.context["verb"].home_verb == "Open the audit trail"


def test_an_unknown_group_is_refused():
    with pytest.raises(ValueError, match="Letters is none of the rail's groups"):
        navigation.register(NavItem("Letters", "Letters", "profile"))
