"""The trail and the people page: auditors and administrators only, in their scope."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, DeskSession
from accounts.services.audit import record
from accounts.vocabulary import AuditAction, Role

PAGES = ["/audit/", "/audit/export/", "/people/"]


def body(response):
    return b"".join(response) if response.streaming else response.content


@pytest.fixture
def auditor(person):
    return person(Role.AUDITOR, first_name="Ada", last_name="Auditor")


@pytest.fixture
def trail(person, clinic, other_clinic):
    """Three rows: one read here, one refusal there, one export without a clinic."""
    now = timezone.now()
    priya = person(Role.ACCESS, clinic=clinic, first_name="Priya", last_name="Nair")
    common = {"actor": priya, "subject_kind": "scheduling.appointment"}
    record(AuditAction.READ, subjects=[7], patients=[70], clinic=clinic, now=now - timedelta(hours=1), **common)
    record(AuditAction.DENIED, subjects=[8], clinic=other_clinic, now=now - timedelta(hours=2), **common)
    record(AuditAction.EXPORTED, subjects=[], now=now - timedelta(days=2), **common)
    return priya


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_overseers_may_look(person, signed_in, path, role):
    assert signed_in(person(role)).get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.AUDITOR, Role.ADMIN}])
def test_others_are_refused_and_recorded(person, signed_in, path, role):
    user = person(role)

    assert signed_in(user).get(path).status_code == 403
    row = AuditEntry.objects.get(action=AuditAction.DENIED)
    assert (row.actor, row.detail["path"]) == (user, path)


@pytest.mark.parametrize("path", PAGES)
def test_looking_is_a_get(auditor, signed_in, path):
    assert signed_in(auditor).post(path).status_code == 405


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("", ["read", "denied", "exported"]),
        ("split=denied", ["denied"]),
        ("split=seen", ["read"]),
        ("days=1", ["read", "denied"]),
        ("patient=70", ["read"]),
        ("patient=71", []),
        ("split=nonsense", ["read", "denied", "exported"]),
    ],
    ids=lambda value: value or "all",
)
def test_filters_narrow_the_list_and_the_export_alike(auditor, signed_in, trail, query, actions):
    client = signed_in(auditor)

    listed = client.get(f"/audit/?{query}")
    lines = body(client.get(f"/audit/export/?actor={trail.pk}&{query}")).decode().splitlines()

    assert [row.entry.action for row in listed.context["rows"]] == actions
    assert [line.split(",")[2].lower() for line in lines[1:]] == actions


def test_an_auditor_of_a_clinic_sees_that_clinics_rows_only(person, signed_in, trail, other_clinic):
    response = signed_in(person(Role.AUDITOR, clinic=other_clinic)).get("/audit/")

    assert [row.entry.action for row in response.context["rows"]] == ["denied"]


def test_reading_the_trail_is_in_the_trail(auditor, signed_in, trail):
    signed_in(auditor).get("/audit/")

    row = AuditEntry.objects.get(actor=auditor)
    assert (row.action, row.subject_kind, len(row.subjects)) == ("listed", "accounts.auditentry", 3)


def test_an_export_is_in_the_trail_with_its_filter(auditor, signed_in, trail):
    body(signed_in(auditor).get("/audit/export/?split=seen"))

    row = AuditEntry.objects.get(actor=auditor)
    assert (row.action, row.detail) == ("exported", {"filter": {"split": "seen"}, "rows": "1"})


def test_one_row_opens_beside_the_list(auditor, signed_in, trail):
    entry = AuditEntry.objects.get(action=AuditAction.READ)

    response = signed_in(auditor).get(f"/audit/?entry={entry.pk}")

    assert response.context["chosen"].entry == entry
    assert "About" in dict(response.context["chosen"].facts)


def test_a_swap_gets_the_list_alone(auditor, signed_in, trail):
    response = signed_in(auditor).get("/audit/", headers={"hx-request": "true"})

    assert response.content.lstrip().startswith(b"<table")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_few_questions_whatever_its_length(
    auditor, signed_in, clinic, rows, django_assert_max_num_queries
):
    for number in range(rows):
        record(
            AuditAction.READ, actor=auditor, subject_kind="page", subjects=[number], clinic=clinic, now=timezone.now()
        )
    client = signed_in(auditor)
    client.get("/profile/")

    with django_assert_max_num_queries(8):
        client.get("/audit/")


def test_people_are_listed_with_role_and_place(auditor, signed_in, trail):
    rows = signed_in(auditor).get("/people/").context["rows"]

    assert [(str(row.person), row.roles, row.places) for row in rows] == [
        ("Ada Auditor", "Auditor", "everywhere"),
        ("Priya Nair", "Access staff", "1 clinic"),
    ]


def test_a_person_opens_beside_the_list_and_is_recorded(auditor, signed_in, trail):
    response = signed_in(auditor).get(f"/people/?person={trail.pk}")

    assert [str(grant) for grant in response.context["card"].grants] == ["Priya Nair: Access staff in Cardiology"]
    assert AuditEntry.objects.filter(actor=auditor, action=AuditAction.READ, subjects=[trail.pk]).count() == 1


@pytest.mark.parametrize("asked", ["{other}", "999999", "x"], ids=["out of scope", "unknown", "no number"])
def test_a_person_out_of_scope_is_a_404(person, signed_in, trail, other_clinic, asked):
    auditor = person(Role.AUDITOR, clinic=other_clinic)

    assert signed_in(auditor).get(f"/people/?person={asked.format(other=trail.pk)}").status_code == 404


def test_a_look_at_a_person_out_of_scope_is_recorded(person, signed_in, trail, other_clinic):
    auditor = person(Role.AUDITOR, clinic=other_clinic)

    signed_in(auditor).get(f"/people/?person={trail.pk}")

    assert AuditEntry.objects.get(actor=auditor, action=AuditAction.DENIED).subjects == [trail.pk]


def test_an_administrator_ends_anothers_sessions(person, signed_in, trail):
    signed_in(trail)
    admin = person(Role.ADMIN)

    response = signed_in(admin).post(f"/people/{trail.pk}/sessions/end/")

    assert response["Location"] == f"/people/?person={trail.pk}"
    assert not DeskSession.objects.filter(user=trail).exists()
    row = AuditEntry.objects.get(action=AuditAction.SIGNED_OUT)
    assert (row.actor, row.subjects, row.detail) == (admin, [trail.pk], {"reason": "ended by a person", "sessions": 1})


def test_an_auditor_may_not_end_sessions(auditor, signed_in, trail):
    signed_in(trail)

    assert signed_in(auditor).post(f"/people/{trail.pk}/sessions/end/").status_code == 403
    assert DeskSession.objects.filter(user=trail).exists()


def test_an_administrator_of_another_clinic_may_not_end_sessions(person, signed_in, trail, other_clinic):
    admin = person(Role.ADMIN, clinic=other_clinic)

    assert signed_in(admin).post(f"/people/{trail.pk}/sessions/end/").status_code == 404


def test_ending_sessions_needs_a_post(person, signed_in, trail):
    assert signed_in(person(Role.ADMIN)).get(f"/people/{trail.pk}/sessions/end/").status_code == 405
