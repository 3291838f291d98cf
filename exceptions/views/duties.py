"""Duties: who of each team is on duty now, next and all week, and swaps for a date."""

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.duty import DutyPlan
from accounts.guards import needs_role
from accounts.models import Team
from accounts.services.audit import request_id_of
from accounts.vocabulary import Role
from accounts.zones import zone_of
from config.web.ids import read_id
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.forms.duties import DutyForm, HoursForm, SwapForm
from exceptions.selectors.duty_page import plans_of_duty, team_lines, teams_with_duties, week_page, zone_for
from exceptions.services.change_duties import add_duty, add_swap, drop_duties, drop_swap
from exceptions.views.requests import person_of
from exceptions.views.settings_guard import may_plan, refuse_unless, settings_tabs

KIND = "accounts.team"
FURTHEST_WEEK = 8


@needs_role(*Role)
@require_GET
def duties(request: HttpRequest) -> HttpResponse:
    """Show all teams, and the week of the first one that has duties."""
    teams = teams_with_duties(timezone.now())
    first = next((team for team in teams if team.duties.all()), teams[0] if teams else None)
    return duties_response(request, teams, first)


@needs_role(*Role)
@require_http_methods(["GET", "POST"])
def team_duties(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the week of one team; by POST change its plan."""
    teams = teams_with_duties(timezone.now())
    team = _one_of(teams, pk)
    if request.method == "GET":
        return duties_response(request, teams, team)
    refuse_unless(_may(request, team), request, KIND, [pk], "plan duties")
    change = CHANGES.get(request.POST.get("do", ""))
    if change is None:
        raise SuspiciousOperation("A form of the desk says what to do.")
    try:
        form = change(request, team)
    except StaleExceptionError as error:
        teams = teams_with_duties(timezone.now())
        return duties_response(request, teams, _one_of(teams, pk), error=str(error), status=409)
    if form is not None:
        return duties_response(request, teams, team, form=form, status=422)
    messages.success(request, "Kept. Whoever is on duty then is told first.")
    return redirect("exceptions:team_duties", pk)


def _add_duty(request: HttpRequest, team: Team) -> HoursForm | None:
    """Write a weekly stretch; the form comes back where it says nothing that can be kept."""
    form = DutyForm(request.POST, members=team.members.all(), zone=zone_for(team, zone_of(request.user)))
    if not form.is_valid() or form.who is None:
        return form
    try:
        add_duty(team, form.who, weekdays=form.cleaned_data["weekdays"], hours=form.hours, **_told(request))
    except InvalidMoveError as error:
        form.add_error(None, str(error))
        return form
    return None


def _add_swap(request: HttpRequest, team: Team) -> HoursForm | None:
    """Write a swap; the form comes back where it says nothing that can be kept."""
    form = SwapForm(request.POST, members=team.members.all(), zone=zone_for(team, zone_of(request.user)))
    if not form.is_valid():
        return form
    said = form.cleaned_data
    try:
        add_swap(team, form.who, on=said["on"], hours=form.hours, reason=said["reason"], **_told(request))
    except InvalidMoveError as error:
        form.add_error(None, str(error))
        return form
    return None


def _drop_duty(request: HttpRequest, team: Team) -> None:
    drop_duties(team, [_number(request)], **_told(request))


def _drop_swap(request: HttpRequest, team: Team) -> None:
    drop_swap(team, _number(request), **_told(request))


CHANGES: dict[str, Callable[[HttpRequest, Team], HoursForm | None]] = {
    "duty": _add_duty,
    "swap": _add_swap,
    "drop duty": _drop_duty,
    "drop swap": _drop_swap,
}


def duties_response(
    request: HttpRequest,
    teams: list[Team],
    team: Team | None,
    *,
    form: HoursForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render all teams and one's week; ``form`` is one that was refused, ``week`` in the address a later week."""
    now = timezone.now()
    later = _later(request)
    plans = plans_of_duty(teams)
    page = None
    if team is not None:
        plan = plans.get(team.pk, DutyPlan())
        page = week_page(team, plan, otherwise=zone_of(request.user), now=now, later=later)
    context: dict[str, Any] = {
        "tabs": settings_tabs("exceptions:duties"),
        "lines": team_lines(teams, plans, current=team.pk if team else None, now=now),
        "page": page,
        "later": later,
        "error": error,
        "may_plan": team is not None and _may(request, team),
    }
    if page is not None:
        fresh: dict[str, Any] = {"members": page.members, "zone": page.zone}
        context |= {
            "zone": page.zone,
            "duty_form": form if isinstance(form, DutyForm) else DutyForm(**fresh),
            "swap_form": form if isinstance(form, SwapForm) else SwapForm(**fresh),
            "zones": sorted(name for name in available_timezones() if "/" in name),
            "earlier_week": later - 1 if later else None,
            "later_week": later + 1 if later < FURTHEST_WEEK else None,
        }
    return render(request, "exceptions/duties.html", context, status=status)


def _one_of(teams: list[Team], pk: int) -> Team:
    team = next((one for one in teams if one.pk == pk), None)
    if team is None:
        raise Http404
    return team


def _may(request: HttpRequest, team: Team) -> bool:
    return may_plan(person_of(request), team, [person.pk for person in team.members.all()])


def _told(request: HttpRequest) -> dict[str, Any]:
    return {"actor": person_of(request), "now": timezone.now(), "request_id": request_id_of(request)}


def _number(request: HttpRequest) -> int:
    return read_id(request.POST.get("row", ""))


def _later(request: HttpRequest) -> int:
    text = request.GET.get("week", "")
    return min(int(text), FURTHEST_WEEK) if text.isdecimal() and len(text) < 3 else 0
