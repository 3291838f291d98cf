"""Escalation policies: who is told in which order, when that would be, and which open items keep an older version."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import needs_role
from accounts.models import Clinic, Team
from accounts.services.audit import request_id_of
from accounts.vocabulary import Role
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.forms.policies import PolicyForm, step_initial, step_plain
from exceptions.forms.preview import PreviewForm
from exceptions.models import EscalationPolicy, PlanChange, WebhookEndpoint
from exceptions.selectors.policy_page import (
    Usage,
    changes_of,
    foreseen,
    names,
    plan_of,
    policy_rows,
    step_lines,
    usage_by_policy,
)
from exceptions.selectors.routing_page import people_to_name
from exceptions.selectors.rule_dry_run import movable
from exceptions.services.policy_changes import KIND, PolicyValues, add_policy, change_policy, outdated, renew_plans
from exceptions.settings_form import Plain, sign_base
from exceptions.views.requests import person_of
from exceptions.views.settings_conflict import Conflict, changed_by, conflict_response
from exceptions.views.settings_guard import SETTERS, by_of, may_set, refuse_unless, settings_tabs
from exceptions.vocabulary import Severity


@needs_role(*Role)
@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    """List the policies."""
    context = {
        "tabs": settings_tabs("exceptions:policies"),
        "rows": policy_rows(request.user, names()),
        "may_set": may_set(request.user, None),
    }
    return render(request, "exceptions/policies.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_policy(request: HttpRequest) -> HttpResponse:
    """An empty form; by POST add the policy."""
    refuse_unless(may_set(request.user, None), request, KIND, [], "add")
    form = policy_form(None, request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return policy_response(request, None, form=form)
    if form.is_valid():
        try:
            policy = add_policy(values_of(form), by_of(request, form.cleaned_data["reason"]))
        except InvalidMoveError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Added. Name it in a rule, or make it the one for a severity.")
            return redirect("exceptions:policy", policy.pk)
    return policy_response(request, None, form=form, status=422)


@needs_role(*Role)
@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one policy with a preview; by POST change it, 409 with both versions where somebody was faster."""
    one = get_object_or_404(EscalationPolicy.objects.prefetch_related("steps"), pk=pk)
    if request.method == "GET":
        return policy_response(request, one)
    refuse_unless(may_set(request.user, None), request, KIND, [pk], "change")
    form = policy_form(one, request.POST)
    if not form.is_valid():
        return policy_response(request, one, form=form, status=422)
    version = (form.cleaned_data["base"] or {}).get("version", 0)
    try:
        by = by_of(request, form.cleaned_data["reason"])
        changed = change_policy(one, values_of(form), by, version=version)
    except StaleExceptionError:
        return _conflict(request, pk, form)
    except InvalidMoveError as error:
        form.add_error(None, str(error))
        return policy_response(request, one, form=form, status=422)
    messages.success(request, f"Kept as version {changed.version}. What is open keeps the version it has.")
    return redirect("exceptions:policy", pk)


@needs_role(*SETTERS)
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the open items that keep an older version the plan as it is now; what somebody took stays."""
    one = get_object_or_404(EscalationPolicy, pk=pk)
    done = renew_plans(
        movable(request.user, SETTERS),
        one,
        actor=person_of(request),
        now=timezone.now(),
        request_id=request_id_of(request),
    )
    stayed = f" {done.stayed} stay: somebody was faster." if done.stayed else ""
    messages.success(request, f"{done.moved} have version {one.version} now.{stayed}")
    return redirect("exceptions:policy", pk)


def policy_response(
    request: HttpRequest, one: EscalationPolicy | None, *, form: PolicyForm | None = None, status: int = 200
) -> HttpResponse:
    """Render one policy with its preview, its use and its form; without a policy only the form."""
    now = timezone.now()
    may = may_set(request.user, None)
    context: dict[str, Any] = {"tabs": settings_tabs("exceptions:policies"), "policy": one, "may_set": may}
    if form is None and may:
        form = policy_form(one)
    context["form"] = form
    if one is not None:
        called = names()
        usage = Usage(usage_by_policy(request.user)[one.pk], one.version)
        context |= {
            "steps": step_lines(plan_of(one).steps, called),
            "usage": usage,
            "renewable": outdated(movable(request.user, SETTERS), one).count() if usage.older else 0,
            "changes": changes_of(one),
            **_preview(request, one, now, called),
        }
    return render(request, "exceptions/policy.html", context, status=status)


def _preview(request: HttpRequest, one: EscalationPolicy, now: datetime, called: Any) -> dict[str, Any]:
    """When whom would be told: of what the address asks for, else of now at the first clinic."""
    clinics = list(Clinic.objects.visible_to(request.user).select_related("source"))
    form = PreviewForm(
        request.GET if "opens" in request.GET else None, clinics=clinics, teams=Team.objects.all(), now=now
    )
    found = {"preview_form": form, "told": [], "preview": None}
    if not clinics or (form.is_bound and not form.is_valid()):
        return found
    asked = form.asked
    if asked is None:
        return found
    told = foreseen(plan_of(one), asked.opens_at, clinic=asked.clinic, team=asked.team, called=called)
    return found | {"told": told, "preview": asked, "zone": asked.clinic.zone}


def policy_form(one: EscalationPolicy | None, data: Any = None) -> PolicyForm:
    """The form of a policy; ``steps`` may be prefetched."""
    plain = plain_of(one) if one else None
    initial: dict[str, Any] = {}
    if one is not None and plain is not None:
        initial = {name: value for name, value in plain.items() if name != "steps"}
        initial["base"] = sign_base(plain | {"version": one.version})
        for no, said in enumerate(plain["steps"]):
            initial |= step_initial(no, *said)
    return PolicyForm(
        data,
        initial=initial,
        steps=len(plain["steps"]) if plain else 1,
        teams=Team.objects.all(),
        people=people_to_name(),
        endpoints=WebhookEndpoint.objects.filter(is_active=True),
    )


def plain_of(one: EscalationPolicy) -> Plain:
    """A policy as its form has it."""
    return {
        "name": one.name,
        "repeats": one.repeats,
        "default_for": one.default_for,
        "is_active": one.is_active,
        "steps": [step_plain(step) for step in plan_of(one).steps],
    }


def values_of(form: PolicyForm) -> PolicyValues:
    """A valid form as the service takes it."""
    said = form.plain
    severity = Severity(said["default_for"]) if said["default_for"] else None
    return PolicyValues(said["name"], said["repeats"], severity, said["is_active"], form.steps)


def _conflict(request: HttpRequest, pk: int, form: PolicyForm) -> HttpResponse:
    fresh = EscalationPolicy.objects.prefetch_related("steps").get(pk=pk)
    back = reverse("exceptions:policy", args=[pk])
    about = Conflict(fresh.name, "Policies", back, changed_by(PlanChange.objects.filter(policy=fresh)))
    return conflict_response(request, form, about, theirs=plain_of(fresh) | {"version": fresh.version})
