"""The back room: one way in, and nothing changed there without a row in the audit trail (I11)."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, ClinicCode, Team
from accounts.vocabulary import Role
from scheduling.models import RefoldRequest
from tests.support.desk import DAY, NOW
from tests.support.messages import siu


@pytest.fixture
def superuser(person):
    user = person()
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def trail():
    rows = AuditEntry.objects.order_by("pk")
    return [(row.actor_id, row.action, row.subject_kind, row.subjects, row.detail) for row in rows]


def test_back_room_has_no_sign_in_of_its_own(client, db):
    answer = client.post("/admin/login/?next=/admin/", {"username": "ada", "password": "guess"})

    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/admin/")


def test_signed_in_person_who_may_not_enter_is_refused_and_that_is_written_down(person, signed_in):
    user = person(Role.ADMIN)

    answer = signed_in(user).get("/admin/", follow=True)

    assert answer.status_code == 403
    assert trail() == [(user.pk, "denied", "page", [], {"path": "/admin/login/", "method": "GET"})]


def test_what_is_changed_in_the_back_room_is_in_the_trail(superuser, signed_in, person):
    other = person()
    client = signed_in(superuser)
    address = reverse("admin:accounts_team_add")

    answer = client.post(address, {"key": "desk", "name": "Desk", "members": [other.pk]})

    assert answer.status_code == 302
    team = Team.objects.get(key="desk")
    assert trail() == [
        (superuser.pk, "changed", "accounts.team", [team.pk], {"what": "added", "changes": [{"added": {}}]}),
    ]


def test_clinic_that_becomes_known_is_looked_at_again(desk, superuser, signed_in):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY, clinic="NEW"))
    assert desk.troubles("V1") == [("unknown_clinic", "NEW")]

    answer = signed_in(superuser).post(
        reverse("admin:accounts_cliniccode_add"),
        {"source": desk.source.pk, "clinic": desk.clinics["CARD"].pk, "code": "NEW"},
    )

    assert answer.status_code == 302
    assert ClinicCode.objects.filter(code="NEW").exists()
    assert list(RefoldRequest.objects.values_list("appointment_id", flat=True)) == [desk.visit("V1").pk]
    desk.digest()
    assert (desk.troubles("V1"), desk.visit("V1").clinic) == ([], desk.clinics["CARD"])


def test_deleting_in_the_back_room_is_in_the_trail(superuser, signed_in):
    team = Team.objects.create(key="desk", name="Desk")

    answer = signed_in(superuser).post(reverse("admin:accounts_team_delete", args=[team.pk]), {"post": "yes"})

    assert answer.status_code == 302
    assert trail() == [
        (superuser.pk, "changed", "accounts.team", [team.pk], {"what": "deleted", "changes": ["Desk"]}),
    ]
