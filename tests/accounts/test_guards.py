"""Refusals leave a row that outlives the transaction they were refused in."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import path

from accounts.guards import get_visible_or_404, needs_role
from accounts.models import AuditEntry, Clinic
from accounts.services.audit import record_denied
from accounts.vocabulary import AuditAction, Role
from config import urls as desk_urls


@transaction.atomic
def change_and_refuse(request, pk):
    """Change a row, then refuse: the change is rolled back, the refusal must stay."""
    Clinic.objects.filter(pk=pk).update(name="Changed")
    record_denied(request, subject_kind="accounts.clinic", subjects=[pk], detail={"why": "not yours"})
    raise PermissionDenied


@transaction.atomic
def look(request, pk):
    return HttpResponse(get_visible_or_404(Clinic.objects.all(), request, pk=pk).name)


def refuse_and_break(request, pk):
    record_denied(request, subject_kind="accounts.clinic", subjects=[pk])
    raise RuntimeError


@needs_role(Role.ADMIN)
def for_admins(request):
    return HttpResponse("in")


urlpatterns = [
    path("refuse/<int:pk>/", change_and_refuse),
    path("look/<int:pk>/", look),
    path("break/<int:pk>/", refuse_and_break),
    path("admins/", for_admins),
    *desk_urls.urlpatterns,
]
handler403 = desk_urls.handler403
handler404 = desk_urls.handler404
handler500 = desk_urls.handler500
pytestmark = pytest.mark.urls(__name__)


def denials():
    rows = AuditEntry.objects.filter(action=AuditAction.DENIED).order_by("pk")
    return [(row.actor_id, row.subject_kind, row.subjects, row.detail) for row in rows]


@pytest.mark.django_db(transaction=True)
def test_a_denial_survives_the_rollback_of_what_it_denied(person, signed_in, clinic):
    user = person(Role.ACCESS)

    response = signed_in(user).get(f"/refuse/{clinic.pk}/")

    clinic.refresh_from_db()
    detail = {"path": f"/refuse/{clinic.pk}/", "method": "GET", "why": "not yours"}
    assert (response.status_code, clinic.name) == (403, "Cardiology")
    assert denials() == [(user.pk, "accounts.clinic", [clinic.pk], detail)]


def test_a_denial_survives_a_crash_of_the_view(person, signed_in, clinic):
    client = signed_in(person(Role.ACCESS))
    client.raise_request_exception = False

    response = client.get(f"/break/{clinic.pk}/")

    assert (response.status_code, len(denials())) == (500, 1)


def test_a_row_in_scope_is_returned_without_a_denial(person, signed_in, clinic):
    response = signed_in(person(Role.ACCESS, clinic=clinic)).get(f"/look/{clinic.pk}/")

    assert (response.content, denials()) == (b"Cardiology", [])


def test_another_clinics_row_is_a_404_and_a_denied_row(person, signed_in, clinic, other_clinic):
    user = person(Role.ACCESS, clinic=clinic)

    response = signed_in(user).get(f"/look/{other_clinic.pk}/")

    detail = {"path": f"/look/{other_clinic.pk}/", "method": "GET"}
    assert response.status_code == 404
    assert denials() == [(user.pk, "accounts.clinic", [other_clinic.pk], detail)]


def test_a_row_that_never_was_is_a_404_without_a_denied_row(person, signed_in, clinic):
    response = signed_in(person(Role.ACCESS, clinic=clinic)).get("/look/999999/")

    assert (response.status_code, denials()) == (404, [])


def test_a_page_for_another_role_is_a_403_and_a_denied_row(person, signed_in, clinic):
    user = person(Role.ACCESS)

    response = signed_in(user).get("/admins/")

    assert response.status_code == 403
    assert denials() == [(user.pk, "page", [], {"path": "/admins/", "method": "GET", "needs": ["admin"]})]


def test_a_page_for_the_role_opens(person, signed_in):
    assert signed_in(person(Role.ADMIN)).get("/admins/").content == b"in"


def test_a_stranger_is_sent_to_sign_in_without_a_denied_row(client, db):
    response = client.get("/admins/")

    assert (response.status_code, response["Location"], denials()) == (302, "/login/?next=/admins/", [])


def test_outside_a_request_a_denial_is_written_at_once(rf, db):
    request = rf.get("/somewhere/")
    request.user = AnonymousUser()

    record_denied(request, subject_kind="page")

    assert denials() == [(None, "page", [], {"path": "/somewhere/", "method": "GET"})]


def test_get_visible_or_404_raises_for_a_stranger(rf, clinic):
    request = rf.get("/")
    request.user = AnonymousUser()

    with pytest.raises(Http404):
        get_visible_or_404(Clinic.objects.all(), request, pk=clinic.pk)
