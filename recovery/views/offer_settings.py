"""What clinics decide about visit types, offers and tries: everybody reads, supervisors and administrators edit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.guards import needs_role
from accounts.models import Clinic
from accounts.scope import clinic_scope_q
from accounts.services.audit import record_denied, request_id_of
from accounts.vocabulary import Role
from config.web.menus import Split
from recovery.errors import InvalidActError
from recovery.forms_settings import ClinicForm, OfferPolicyForm, TriesForm, VisitTypeForm
from recovery.selectors.offer_settings import policy_rows, rule_rows
from recovery.selectors.tries_settings import TriesRow, tries_rows
from recovery.services.change_rules import (
    POLICY,
    RULE,
    TRIES,
    By,
    StaleSettingError,
    change_offers,
    change_tries,
    change_visit_type,
)
from recovery.views.panes import person_of

SETTERS = (Role.ADMIN, Role.SUPERVISOR)
TABS = (
    ("Visit types", "recovery:visit_rules"),
    ("Offers", "recovery:offer_policies"),
    ("Tries", "recovery:tries"),
    ("Data age", "recovery:limits"),
)


@needs_role(*Role)
@require_http_methods(["GET", "POST"])
def visit_rules(request: HttpRequest) -> HttpResponse:
    """List the rules of visit types; by POST keep a new version of one. ``rule`` in the query fills the form."""
    if request.method == "GET":
        return _rules_response(request)
    form = VisitTypeForm(request.POST, clinics=_clinics(request))
    return keep_version(request, form, RULE, lambda by: change_visit_type(form.place, form.values, by), _rules_response)


@needs_role(*Role)
@require_http_methods(["GET", "POST"])
def offer_policies(request: HttpRequest) -> HttpResponse:
    """List how offers escalate; by POST keep a new version. ``clinic`` in the query fills the form."""
    if request.method == "GET":
        return _policies_response(request)
    form = OfferPolicyForm(request.POST, clinics=_clinics(request))

    def keep(by: By) -> object:
        return change_offers(form.place, form.cleaned_data["steps"], form.cleaned_data["channels"], by)

    return keep_version(request, form, POLICY, keep, _policies_response)


@needs_role(*Role)
@require_http_methods(["GET", "POST"])
def tries(request: HttpRequest) -> HttpResponse:
    """List how often each kind of chance is tried; by POST keep a new version. ``row`` in the query fills the form."""
    if request.method == "GET":
        return _tries_response(request)
    form = TriesForm(request.POST, clinics=_clinics(request))
    return keep_version(request, form, TRIES, lambda by: change_tries(form.place, form.values, by), _tries_response)


def keep_version(
    request: HttpRequest,
    form: ClinicForm,
    kind: str,
    keep: Callable[[By], object],
    response: Callable[..., HttpResponse],
    *,
    then: str = "",
) -> HttpResponse:
    """Keep a version: 422 with the form where it makes no sense, 409 where somebody was faster; else go on to ``then``.

    An empty ``then`` is the same page.
    """
    if not form.clinics:
        record_denied(request, subject_kind=kind, detail={"verb": "change"})
        raise PermissionDenied
    if not form.is_valid():
        return response(request, form=form, status=422)
    by = By(person_of(request), timezone.now(), form.cleaned_data["base"], request_id_of(request))
    try:
        keep(by)
    except (InvalidActError, StaleSettingError) as error:
        form.add_error(None, str(error))
        return response(request, form=form, status=409 if isinstance(error, StaleSettingError) else 422)
    messages.success(request, "Kept. It counts from now on; what was decided before stays on record.")
    return redirect(then or request.path)


def _rules_response(request: HttpRequest, *, form: ClinicForm | None = None, status: int = 200) -> HttpResponse:
    clinics, now = _clinics(request), timezone.now()
    rows = rule_rows(request.user, now)
    asked = request.GET.get("rule", "")
    own = {clinic.pk for clinic in clinics}
    chosen = next((row.rule for row in rows if str(row.rule.pk) == asked and row.rule.clinic_id in own), None)
    if form is None and clinics:
        form = VisitTypeForm(clinics=clinics, initial=_rule_initial(chosen) if chosen else None)
    context = {"rows": [(row, row.rule.clinic_id in own) for row in rows], "chosen": chosen}
    return _page(request, "recovery/visit_rules.html", "recovery:visit_rules", form, context, status)


def _policies_response(request: HttpRequest, *, form: ClinicForm | None = None, status: int = 200) -> HttpResponse:
    clinics, now = _clinics(request), timezone.now()
    rows = policy_rows(Clinic.objects.visible_to(request.user).order_by("name"), now)
    own = {clinic.pk for clinic in clinics}
    asked = request.GET.get("clinic", "")
    mine = [row for row in rows if row.clinic.pk in own]
    chosen = next((row for row in mine if str(row.clinic.pk) == asked), mine[0] if mine else None)
    if form is None and chosen is not None:
        initial = {
            "clinic": chosen.clinic.pk,
            "base": chosen.policy.pk if chosen.policy else None,
            "steps": chosen.text,
        }
        initial["channels"] = ", ".join(chosen.rules.channels)
        form = OfferPolicyForm(clinics=[chosen.clinic], initial=initial)
    context = {"rows": [(row, row.clinic.pk in own) for row in rows], "chosen": chosen}
    return _page(request, "recovery/offer_policies.html", "recovery:offer_policies", form, context, status)


def _tries_response(request: HttpRequest, *, form: ClinicForm | None = None, status: int = 200) -> HttpResponse:
    clinics, now = _clinics(request), timezone.now()
    rows = tries_rows(Clinic.objects.visible_to(request.user).order_by("name"), now)
    own = {clinic.pk for clinic in clinics}
    mine = [row for row in rows if row.clinic.pk in own]
    asked = request.GET.get("row", "") if form is None else f"{form.data.get('clinic')}-{form.data.get('family')}"
    chosen = next((row for row in mine if row.key == asked), mine[0] if mine else None)
    if form is None and chosen is not None:
        form = TriesForm(clinics=[chosen.clinic], initial=_tries_initial(chosen))
    context = {"rows": [(row, row.clinic.pk in own) for row in rows], "chosen": chosen}
    return _page(request, "recovery/attempt_policies.html", "recovery:tries", form, context, status)


def _tries_initial(row: TriesRow) -> dict[str, Any]:
    return {
        "clinic": row.clinic.pk,
        "family": row.family,
        "base": row.policy.pk if row.policy else None,
        "most_tries": row.tries.most,
        "rest_minutes": row.tries.rest // timedelta(minutes=1),
        "first_hours": row.first_within // timedelta(hours=1) if row.first_within is not None else None,
    }


def settings_tabs(current: str) -> list[Split]:
    """What clinics decide, page beside page."""
    return [Split(label, reverse(address), address == current) for label, address in TABS]


def _page(
    request: HttpRequest, template: str, name: str, form: ClinicForm | None, context: dict[str, Any], status: int
) -> HttpResponse:
    shown = {"tabs": settings_tabs(name), "form": form, "now": timezone.now(), **context}
    return render(request, template, shown, status=status)


def _rule_initial(rule: Any) -> dict[str, Any]:
    return {
        "clinic": rule.clinic_id,
        "base": rule.pk,
        "visit_type": rule.visit_type,
        "movable": rule.movable,
        "decider": rule.decider,
        "notice_hours": int(rule.notice.total_seconds()) // 3600,
        "preparation_hours": int(rule.preparation.total_seconds()) // 3600,
        "fits": ", ".join(rule.fits),
        "remark": rule.remark,
        "is_confidential": "1" if rule.is_confidential else "",
    }


def _clinics(request: HttpRequest) -> list[Clinic]:
    """The clinics whose settings the person may change; one query."""
    place = clinic_scope_q(request.user, "pk", "source", roles=SETTERS)
    return list(Clinic.objects.filter(place).order_by("name"))
