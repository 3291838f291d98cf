"""How old a clinic's data may be for each decision: everybody reads, administrators edit."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.guards import needs_role
from accounts.models import Clinic
from accounts.scope import clinic_scope_q
from accounts.vocabulary import Role
from config.web.menus import Menu, Option
from recovery.forms_limits import MINUTE, LimitForm
from recovery.selectors.limit_settings import LimitRow, limit_rows
from recovery.services.change_limits import LIMIT, change_limits
from recovery.services.change_rules import By
from recovery.views.offer_settings import keep_version, settings_tabs

NAME = "recovery:limits"


@needs_role(*Role)
@require_http_methods(["GET", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """Show one clinic's limits; by POST keep a new version of one. ``clinic`` and ``decision`` choose the form."""
    if request.method == "GET":
        return _response(request)
    form = LimitForm(request.POST, clinics=_own(request))
    address = f"{reverse(NAME)}?clinic={form.data.get('clinic', '')}"

    def keep(by: By) -> object:
        return change_limits(form.place, form.values, by)

    return keep_version(request, form, LIMIT, keep, _response, then=address)


def _response(request: HttpRequest, *, form: LimitForm | None = None, status: int = 200) -> HttpResponse:
    now, clinics, own = timezone.now(), list(Clinic.objects.visible_to(request.user).order_by("name")), _own(request)
    asked = (form.data if form is not None else request.GET).get("clinic", "")
    clinic = next((one for one in clinics if str(one.pk) == asked), clinics[0] if clinics else None)
    rows = limit_rows(clinic, now) if clinic is not None else []
    named = (form.data if form is not None else request.GET).get("decision", "")
    chosen = next((row for row in rows if row.decision == named), rows[0] if rows else None)
    may_edit = clinic in own
    if form is None and chosen is not None and may_edit:
        form = LimitForm(clinics=[chosen.clinic], initial=_initial(chosen))
    options = [Option(str(one), f"?clinic={one.pk}", one == clinic) for one in clinics]
    context = {
        "tabs": settings_tabs(NAME),
        "menu": Menu("Clinic", str(clinic or ""), options),
        "rows": rows,
        "clinic": clinic,
        "chosen": chosen,
        "may_edit": may_edit,
        "form": form if may_edit else None,
        "now": now,
    }
    return render(request, "recovery/limits.html", context, status=status)


def _initial(row: LimitRow) -> dict[str, object]:
    warn, held = row.limits
    return {
        "clinic": row.clinic.pk,
        "decision": row.decision,
        "base": row.version.pk if row.version else None,
        "warn_minutes": max(warn // MINUTE, 1),
        "held_minutes": max(held // MINUTE, 1),
    }


def _own(request: HttpRequest) -> list[Clinic]:
    """The clinics whose limits the person may change; one query."""
    place = clinic_scope_q(request.user, "pk", "source", roles=(Role.ADMIN,))
    return list(Clinic.objects.filter(place).order_by("name"))
