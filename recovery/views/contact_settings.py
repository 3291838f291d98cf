"""Wordings, contact policies of clinics and languages of the staff: everybody with a role reads, supervisors change."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import get_visible_or_404, needs_role
from accounts.models import Clinic
from accounts.scope import has_role
from accounts.services.audit import record_denied, request_id_of
from accounts.vocabulary import Role
from config.web.menus import Split
from recovery.contacting.policy import DEFAULT_POLICY
from recovery.contacting.scripts import Script
from recovery.errors import InvalidActError
from recovery.forms_contact_settings import LanguagesForm, PolicyForm, WordingForm, policy_initial
from recovery.models import MessageTemplate
from recovery.selectors.wording_page import (
    SETTERS,
    callers,
    clinics_of,
    example_of,
    gap_words,
    may_set_everywhere,
    policies_of,
    versions_of,
    wording_rows,
)
from recovery.services.contact_settings import decide_policy, set_languages
from recovery.services.read_contact import policy_in_force
from recovery.services.wordings import KIND, approve_wording, retire_wording, write_wording
from recovery.views.contact import REVIEWERS
from recovery.views.panes import person_of

TABS = (
    ("Wordings", "recovery:templates"),
    ("Hours and limits", "recovery:contact_policies"),
    ("Staff languages", "recovery:languages"),
)
REVIEW = ("Reveals", "recovery:reveals")


@needs_role(*Role)
@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """List the wordings, beside the form of a new one for those who may write it."""
    return _templates_response(request)


@needs_role(*SETTERS)
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Look at a new wording, or write it to be approved."""
    _refuse_unless(request, may_set_everywhere(request.user), KIND, [])
    form = WordingForm(request.POST)
    if not form.is_valid():
        return _templates_response(request, form=form, status=422)
    if "look" in request.POST:
        return _templates_response(request, form=form, example=example_of(form.wording))
    try:
        write_wording(
            form.topic_said,
            form.cleaned_data["language"],
            form.wording,
            actor=person_of(request),
            now=timezone.now(),
            request_id=request_id_of(request),
        )
    except InvalidActError as error:
        form.add_error("body", str(error))
        return _templates_response(request, form=form, status=422)
    messages.success(request, "Written. Somebody else approves it before it is used.")
    return redirect("recovery:templates")


@needs_role(*SETTERS)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a wording of somebody else in use."""
    return _on_wording(request, pk, approve_wording, "In use from now on.")


@needs_role(*SETTERS)
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a wording out of use."""
    return _on_wording(request, pk, retire_wording, "Out of use. Nothing is sent with it any more.")


@needs_role(*Role)
@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    """The person's clinics with their hours and limits."""
    rows = policies_of(clinics_of(request.user), timezone.now())
    context = {"tabs": _tabs(request, "recovery:contact_policies"), "rows": rows, "default": DEFAULT_POLICY}
    return render(request, "recovery/contact_policies.html", context)


@needs_role(*Role)
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One clinic's hours and limits with all versions; by POST append one that holds from now on."""
    clinic: Clinic = get_visible_or_404(Clinic.objects.select_related("source"), request, pk=pk)
    may = has_role(request.user, *SETTERS, clinic=clinic)
    if request.method == "GET":
        return _policy_response(request, clinic, may)
    _refuse_unless(request, may, "recovery.contactpolicy", [pk])
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _policy_response(request, clinic, may, form=form, status=422)
    now = timezone.now()
    decide_policy(
        clinic, form.values, valid_from=now, actor=person_of(request), now=now, request_id=request_id_of(request)
    )
    messages.success(request, "It holds from now on. What held before stays on record.")
    return redirect("recovery:contact_policy", pk)


@needs_role(*Role)
@require_GET
def languages(request: HttpRequest) -> HttpResponse:
    """Who calls patients in which language."""
    rows = [
        (person, LanguagesForm(initial={"languages": [one.language for one in person.staff_languages.all()]},
                               auto_id=f"p{person.pk}_%s"))
        for person in callers(request.user)
    ]  # fmt: skip
    mine = set(callers(request.user, *SETTERS).order_by().values_list("pk", flat=True))
    context = {"tabs": _tabs(request, "recovery:languages"), "rows": rows, "mine": mine}
    return render(request, "recovery/languages.html", context)


@needs_role(*SETTERS)
@require_POST
def set_person_languages(request: HttpRequest, pk: int) -> HttpResponse:
    """Say in which languages somebody calls."""
    person = callers(request.user, *SETTERS).filter(pk=pk).first()
    if person is None:
        record_denied(request, subject_kind="recovery.stafflanguage", subjects=[pk])
        raise Http404
    form = LanguagesForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose languages of the list.")
        return redirect("recovery:languages")
    chosen = form.cleaned_data["languages"]
    set_languages(person, chosen, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request))
    messages.success(request, "Noted. It counts from the next call on.")
    return redirect("recovery:languages")


def _on_wording(request: HttpRequest, pk: int, do: Callable[..., Any], done: str) -> HttpResponse:
    get_object_or_404(MessageTemplate, pk=pk)
    _refuse_unless(request, may_set_everywhere(request.user), KIND, [pk])
    try:
        do(pk, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request))
    except InvalidActError as error:
        return _templates_response(request, error=str(error), status=409)
    messages.success(request, done)
    return redirect("recovery:templates")


def _templates_response(
    request: HttpRequest,
    *,
    form: WordingForm | None = None,
    example: Script | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    may = may_set_everywhere(request.user)
    context = {
        "tabs": _tabs(request, "recovery:templates"),
        "rows": wording_rows(person_of(request)),
        "form": (form or WordingForm()) if may else None,
        "gaps": gap_words(),
        "example": example,
        "error": error,
    }
    return render(request, "recovery/templates.html", context, status=status)


def _policy_response(
    request: HttpRequest,
    clinic: Clinic,
    may: bool,  # noqa: FBT001 - who may
    *,
    form: PolicyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    row = policy_in_force(clinic, timezone.now())
    context = {
        "tabs": _tabs(request, "recovery:contact_policies"),
        "clinic": clinic,
        "row": row,
        "versions": versions_of(clinic),
        "form": (form or PolicyForm(initial=policy_initial(row))) if may else None,
    }
    return render(request, "recovery/contact_policy.html", context, status=status)


def _refuse_unless(request: HttpRequest, allowed: bool, kind: str, subjects: list[int]) -> None:  # noqa: FBT001
    if not allowed:
        record_denied(request, subject_kind=kind, subjects=subjects)
        raise PermissionDenied


def _tabs(request: HttpRequest, current: str) -> list[Split]:
    """The pages beside each other; the review of reveals for those who may open it."""
    tabs = (*TABS, REVIEW) if has_role(request.user, *REVIEWERS) else TABS
    return [Split(label, reverse(name), name == current) for label, name in tabs]
