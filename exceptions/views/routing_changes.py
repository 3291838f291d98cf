"""Every change of a rule is tried first on what is open, and then saved as it was tried."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.models import Source
from config.web.ids import read_id
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.forms.routing import RuleForm, plain_of
from exceptions.models import PlanChange, RoutingRule
from exceptions.selectors.routing_page import words_of
from exceptions.selectors.rule_dry_run import DryRun, dry_run, movable
from exceptions.services.rule_changes import (
    KIND,
    By,
    add_rule,
    change_rule,
    move_rule,
    neighbour,
    proposed,
    switch_rule,
)
from exceptions.settings_form import Fields, reason_sent
from exceptions.views.routing import routing_response, rule_form, rule_to_change
from exceptions.views.settings_conflict import Conflict, changed_by, conflict_response
from exceptions.views.settings_guard import SETTERS, by_of, may_set, refuse_unless, settings_tabs

SALT = "desk.routing.tried"
SAVE = "save"


@dataclass(frozen=True, slots=True)
class Try:
    """A change to try: its name, the rules as they would be, what its form sends, and where it leads back."""

    title: str
    words: str
    rules: list[RoutingRule]
    fields: Fields
    back: str

    @property
    def digest(self) -> str:
        """What was tried, so that nothing else is saved."""
        said = json.dumps([[str(name), str(value)] for name, value in self.fields])
        return salted_hmac(SALT, said, algorithm="sha256").hexdigest()


@needs_role(*SETTERS)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Try a new rule, then add it."""
    form = rule_form(request, None, request.POST)
    if not form.is_valid():
        return routing_response(request, form=form, status=422)
    source = _source_of(form)
    refuse_unless(may_set(request.user, source), request, KIND, [], "add")
    rule = RoutingRule(pk=0, version=1, **form.values)
    tried = Try("A new rule", words_of(rule), [*_rules(), rule], _sent(form), reverse("exceptions:rule_new"))
    if not _is_tried(request, tried):
        return try_response(request, tried)
    return _kept(request, lambda: add_rule(form.values, by_of(request, form.cleaned_data["reason"])))


@needs_role(*SETTERS)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a rule as it was typed, then save it; 409 with both versions where somebody was faster."""
    rule = rule_to_change(request, pk, "change")
    form = rule_form(request, rule, request.POST)
    if not form.is_valid():
        return routing_response(request, rule, form=form, status=422)
    refuse_unless(may_set(request.user, _source_of(form)), request, KIND, [pk], "change")
    version = (form.cleaned_data["base"] or {}).get("version")
    if version != rule.version:
        return _conflict(request, rule, form)
    for name, value in form.values.items():
        setattr(rule, name, value)
    rules = [rule if one.pk == pk else one for one in _rules()]
    tried = Try(rule.name, words_of(rule), rules, _sent(form), reverse("exceptions:rule", args=[pk]))
    if not _is_tried(request, tried):
        return try_response(request, tried)
    try:
        by = by_of(request, form.cleaned_data["reason"])
        return _kept(request, lambda: change_rule(rule, form.values, by, version=version))
    except StaleExceptionError:
        rule.refresh_from_db()
        return _conflict(request, rule, form)


@needs_role(*SETTERS)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a rule one place up or down, then move it."""
    rule = rule_to_change(request, pk, "move")
    up = request.POST.get("way") == "up"
    rules = _rules()
    other = neighbour(rules, pk, up=up)
    if other is None:
        text = "It stands first already." if up else "It stands last already."
        return routing_response(request, rule, error=text, status=422)
    places = [other if one.pk == pk else rule if one.pk == other.pk else one for one in rules]
    words = f"{'Before' if up else 'Behind'} the rule {other.name}."
    fields: Fields = [("way", "up" if up else "down"), ("version", request.POST.get("version", ""))]
    tried = Try(rule.name, words, places, fields, reverse("exceptions:rule", args=[pk]))
    return _tried_or_done(request, rule, tried, lambda by, version: move_rule(rule, by, version=version, up=up))


@needs_role(*SETTERS)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the rules without one, or with it again, then switch it."""
    rule = rule_to_change(request, pk, "switch")
    is_active = request.POST.get("way") == "on"
    rules = _rules()
    for one in rules:
        one.is_active = is_active if one.pk == pk else one.is_active
    words = "Switched on." if is_active else "Switched off: it routes nothing."
    fields: Fields = [("way", "on" if is_active else "off"), ("version", request.POST.get("version", ""))]
    tried = Try(rule.name, words, rules, fields, reverse("exceptions:rule", args=[pk]))
    return _tried_or_done(
        request, rule, tried, lambda by, version: switch_rule(rule, by, version=version, is_active=is_active)
    )


def _tried_or_done(
    request: HttpRequest, rule: RoutingRule, tried: Try, do: Callable[[By, int], RoutingRule]
) -> HttpResponse:
    """Move or switch a rule once that was tried; 409 where it is not as the person saw it."""
    version = read_id(request.POST.get("version", ""))
    stale = "Somebody changed this rule after you opened it. Look at it, then do it again."
    if version != rule.version:
        return routing_response(request, rule, error=stale, status=409)
    if not _is_tried(request, tried):
        return try_response(request, tried)
    try:
        return _kept(request, lambda: do(by_of(request), version))
    except StaleExceptionError:
        rule.refresh_from_db()
        return routing_response(request, rule, error=stale, status=409)


def try_response(request: HttpRequest, tried: Try) -> HttpResponse:
    """Show what a change would do to what is open now, with the button that saves it."""
    run: DryRun = dry_run(movable(request.user, SETTERS), timezone.now(), rules=proposed(tried.rules))
    context: dict[str, Any] = {
        "tabs": settings_tabs("exceptions:routing"),
        "tried": tried,
        "run": run,
        "action": request.path,
        "fields": [*tried.fields, ("tried", tried.digest), ("do", SAVE)],
    }
    return render(request, "exceptions/routing_try.html", context)


def _kept(request: HttpRequest, do: Callable[[], RoutingRule]) -> HttpResponse:
    """Save, then offer to route again what now belongs elsewhere."""
    try:
        rule = do()
    except InvalidMoveError as error:
        return routing_response(request, error=str(error), status=422)
    messages.success(request, f"Kept: {rule.name}, version {rule.version}. What opens from now on goes by it.")
    moved = dry_run(movable(request.user, SETTERS), timezone.now()).moved
    return redirect("exceptions:routing_again") if moved else redirect("exceptions:rule", rule.pk)


def _conflict(request: HttpRequest, rule: RoutingRule, form: RuleForm) -> HttpResponse:
    fresh = RoutingRule.objects.get(pk=rule.pk)
    back = reverse("exceptions:rule", args=[rule.pk])
    about = Conflict(fresh.name, "Routing", back, changed_by(PlanChange.objects.filter(rule=fresh)))
    return conflict_response(request, form, about, theirs=plain_of(fresh) | {"version": fresh.version})


def _is_tried(request: HttpRequest, tried: Try) -> bool:
    """Whether exactly this was shown to the person before."""
    return request.POST.get("do") == SAVE and request.POST.get("tried") == tried.digest


def _sent(form: RuleForm) -> Fields:
    """What a valid form says, to be sent again."""
    return [*form.sent(form.plain), ("base", form.data.get("base", "")), *reason_sent(form)]


def _source_of(form: RuleForm) -> Source | None:
    pk = form.values["source_id"]
    return Source.objects.get(pk=pk) if pk else None


def _rules() -> list[RoutingRule]:
    return list(RoutingRule.objects.order_by("position", "id"))
