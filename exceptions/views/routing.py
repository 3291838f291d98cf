"""Routing rules: the list in its order, one rule with its form, and what belongs elsewhere by the rules as they are."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.guards import needs_role
from accounts.models import Source, Team
from accounts.scope import source_scope_q
from accounts.services.audit import request_id_of
from accounts.vocabulary import Role
from config.web.ids import read_id
from exceptions.forms.routing import RuleForm, plain_of
from exceptions.models import EscalationPolicy, RoutingRule
from exceptions.selectors.routing_page import changes_of, people_to_name, routing_list, seen_rules, words_of
from exceptions.selectors.rule_dry_run import dry_run, movable
from exceptions.selectors.timer_lag import timer_lag
from exceptions.services.reroute_exceptions import MOST_AT_ONCE, reroute
from exceptions.services.rule_changes import KIND
from exceptions.settings_form import sign_base
from exceptions.views.requests import person_of
from exceptions.views.settings_guard import (
    SETTERS,
    may_set,
    refuse_unless,
    seen_or_404,
    settings_tabs,
    sources_to_set,
)


@needs_role(*Role)
@require_GET
def routing(request: HttpRequest) -> HttpResponse:
    """List the rules in their order."""
    return routing_response(request)


@needs_role(*Role)
@require_GET
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one rule beside the others, with its form for those who may change it."""
    return routing_response(request, rule_to_see(request, pk))


@needs_role(*SETTERS)
@require_GET
def new_rule(request: HttpRequest) -> HttpResponse:
    """An empty form beside the list; the rule is added behind all others, then moved."""
    return routing_response(request, form=rule_form(request, None))


@needs_role(*SETTERS)
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Show what would go elsewhere by the rules as they are; by POST route it there, whatever nobody has taken."""
    found = movable(request.user, SETTERS)
    if request.method == "GET":
        context = {
            "tabs": settings_tabs("exceptions:routing"),
            "run": dry_run(found, timezone.now()),
            "most": MOST_AT_ONCE,
        }
        return render(request, "exceptions/routing_again.html", context)
    ids = [read_id(text) for text in request.POST.getlist("item")]
    done = reroute(found, ids, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request))
    stayed = f" {done.stayed} stay: somebody was faster." if done.stayed else ""
    messages.success(request, f"{done.moved} routed again.{stayed}")
    return redirect("exceptions:routing_again" if len(ids) > MOST_AT_ONCE else "exceptions:routing")


def rule_to_see(request: HttpRequest, pk: int) -> RoutingRule:
    """A rule that the person may see, or 404 with a denied audit row where it belongs elsewhere."""
    return seen_or_404(request, seen_rules(request.user), KIND, pk)


def rule_to_change(request: HttpRequest, pk: int, verb: str) -> RoutingRule:
    """A rule that the person may change, or 403 and 404 as they may see it."""
    found = rule_to_see(request, pk)
    refuse_unless(may_set(request.user, found.source), request, KIND, [pk], verb)
    return found


def rule_form(request: HttpRequest, rule: RoutingRule | None, data: Any = None) -> RuleForm:
    """The form of a rule with the choices of the person's scope."""
    initial: dict[str, Any] = {}
    if rule is not None:
        plain = plain_of(rule)
        initial = plain | {"base": sign_base(plain | {"version": rule.version})}
    return RuleForm(
        data,
        initial=initial,
        sources=sources_to_set(request),
        is_everywhere=may_set(request.user, None),
        teams=Team.objects.all(),
        people=people_to_name(),
        policies=EscalationPolicy.objects.filter(is_active=True),
    )


def routing_response(
    request: HttpRequest,
    current: RoutingRule | None = None,
    *,
    form: RuleForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the list with one rule or a form beside it."""
    now = timezone.now()
    may = current is not None and may_set(request.user, current.source)
    if form is None and may:
        form = rule_form(request, current)
    context: dict[str, Any] = {
        "tabs": settings_tabs("exceptions:routing"),
        "page": routing_list(request.user, current=current.pk if current else None),
        "current": current,
        "words": words_of(current) if current else "",
        "changes": changes_of(current) if current else [],
        "form": form,
        "action": reverse("exceptions:rule_try", args=[current.pk]) if current else reverse("exceptions:rule_add"),
        "may_set": may,
        "may_add": bool(form and not current) or any_place(request),
        "lag": timer_lag(now),
        "error": error,
    }
    return render(request, "exceptions/routing.html", context, status=status)


def any_place(request: HttpRequest) -> bool:
    """Whether the person may change rules of any place at all."""
    if may_set(request.user, None):
        return True
    return any(may_set(request.user, one) for one in Source.objects.filter(source_scope_q(request.user, "pk")))
