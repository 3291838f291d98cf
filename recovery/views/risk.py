"""Visits at risk: what became of them, what clinics do about them, files of scores."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.guards import needs_role
from accounts.models import Clinic, Source
from accounts.scope import clinic_scope_q, has_role
from accounts.services.audit import record_denied, request_id_of
from config.web.links import with_query
from config.web.menus import Split, menu
from recovery.errors import InvalidActError
from recovery.forms_risk import RiskForm, ScoresForm
from recovery.forms_settings import ClinicForm
from recovery.risk.baseline import NAME
from recovery.risk.reading import COLUMNS, MOST_BYTES, MOST_ROWS
from recovery.risk_places import POLICIES, READERS, REPORT, SCORES, SENDERS, SETTERS
from recovery.selectors.risk_report import models_of, reliability, risk_groups, shadow_count
from recovery.selectors.risk_settings import RiskRow, risk_rows
from recovery.selectors.risk_trial import baseline_trial
from recovery.services.change_risk import RISK, change_risk
from recovery.services.import_risk import SUBJECT, import_risk
from recovery.tables import RowError
from recovery.views.offer_settings import keep_version
from recovery.views.panes import person_of

# What a form begins with where nothing was decided yet.
USUAL = {"switch": "off", "model": NAME, "threshold": 20, "days_ahead": 3, "holdout": 10}


@needs_role(*READERS)
@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """Both arms of what was decided, and predicted against observed; ``clinic`` and ``model`` narrow it.

    With ``trial`` the plain baseline is tried on the last weeks, which reads two years of visits.
    """
    now = timezone.now()
    seen = list(Clinic.objects.visible_to(request.user).order_by("name"))
    asked = request.GET.get("clinic", "")
    clinics = [clinic for clinic in seen if str(clinic.pk) == asked] if asked else seen
    models = models_of(clinics)
    model = request.GET.get("model", "")
    model = model if model in models else ""
    context = _figures(clinics, model, now) | {
        "tabs": _tabs(request, REPORT),
        "menus": [
            menu(request, "clinic", "Clinic", [(str(clinic.pk), str(clinic)) for clinic in seen]),
            menu(request, "model", "Model", [(one, one) for one in models]),
        ],
        "trial": baseline_trial(clinics, now) if request.GET.get("trial", "") == "1" else None,
        "trial_url": with_query(request, trial="1"),
        "now": now,
    }
    return render(request, "recovery/risk.html", context)


def _figures(clinics: list[Clinic], model: str, now: datetime) -> dict[str, Any]:
    """Both arms, and how one model's scores held: the desk's own where all are looked at."""
    return {
        "groups": risk_groups(clinics, model, now),
        "shadow": shadow_count(clinics, now),
        "model": model or NAME,
        "bands": reliability(clinics, model or NAME, now),
    }


@needs_role(*READERS)
@require_http_methods(["GET", "POST"])
def policies(request: HttpRequest) -> HttpResponse:
    """List what clinics do; by POST keep a new version. ``clinic`` in the query fills the form."""
    if request.method == "GET":
        return _policies_response(request)
    form = RiskForm(request.POST, clinics=_clinics(request))
    return keep_version(request, form, RISK, lambda by: change_risk(form.place, form.values, by), _policies_response)


@needs_role(*SENDERS)
@require_http_methods(["GET", "POST"])
def scores(request: HttpRequest) -> HttpResponse:
    """Take a file of scores: 422 with its lines where some are wrong; then nothing is kept."""
    sources = [one for one in Source.objects.order_by("name") if has_role(request.user, *SENDERS, source=one)]
    if request.method == "GET":
        return _scores_response(request, ScoresForm(sources=sources))
    if not sources:
        record_denied(request, subject_kind=SUBJECT, detail={"verb": "import"})
        raise PermissionDenied
    form = ScoresForm(request.POST, request.FILES, sources=sources)
    if not form.is_valid():
        return _scores_response(request, form, status=422)
    source, body = form.sources[form.cleaned_data["source"]], form.cleaned_data["file"].read(MOST_BYTES + 1)
    try:
        taken = import_risk(
            source, body, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request)
        )
    except InvalidActError as error:
        form.add_error("file", str(error))
        return _scores_response(request, form, status=422)
    if taken.errors:
        return _scores_response(request, form, errors=taken.errors, status=422)
    messages.success(request, f"Kept {taken.added:,}. Known before: {taken.known:,}.")
    return redirect(SCORES)


def _policies_response(request: HttpRequest, *, form: ClinicForm | None = None, status: int = 200) -> HttpResponse:
    clinics, now = _clinics(request), timezone.now()
    rows = risk_rows(list(Clinic.objects.visible_to(request.user).order_by("name")), now)
    own = {clinic.pk for clinic in clinics}
    asked = request.GET.get("clinic", "") if form is None else str(form.data.get("clinic"))
    mine = [row for row in rows if row.clinic.pk in own]
    chosen = next((row for row in mine if str(row.clinic.pk) == asked), mine[0] if mine else None)
    if form is None and chosen is not None:
        form = RiskForm(clinics=[chosen.clinic], initial=_initial(chosen))
    context = {
        "tabs": _tabs(request, POLICIES),
        "rows": [(row, row.clinic.pk in own) for row in rows],
        "chosen": chosen,
        "form": form,
        "now": now,
    }
    return render(request, "recovery/risk_policies.html", context, status=status)


def _scores_response(
    request: HttpRequest, form: ScoresForm, *, errors: tuple[RowError, ...] = (), status: int = 200
) -> HttpResponse:
    context = {
        "tabs": _tabs(request, SCORES),
        "form": form if form.sources else None,
        "errors": errors,
        "columns": COLUMNS,
        "most": MOST_ROWS,
    }
    return render(request, "recovery/risk_scores.html", context, status=status)


def _initial(row: RiskRow) -> dict[str, Any]:
    policy = row.policy
    if policy is None:
        return {"clinic": row.clinic.pk, **USUAL}
    return {
        "clinic": row.clinic.pk,
        "base": policy.pk,
        "switch": "on" if policy.is_on else "off",
        "model": policy.model,
        "threshold": row.threshold,
        "days_ahead": policy.days_ahead,
        "holdout": policy.holdout,
    }


def _clinics(request: HttpRequest) -> list[Clinic]:
    """The clinics whose policy the person may change; one query."""
    place = clinic_scope_q(request.user, "pk", "source", roles=SETTERS)
    return list(Clinic.objects.filter(place).order_by("name"))


def _tabs(request: HttpRequest, current: str) -> list[Split]:
    """The pages beside each other, files of scores for those who may send them."""
    tabs = [("What became of them", REPORT), ("What clinics do", POLICIES)]
    if has_role(request.user, *SENDERS):
        tabs.append(("Files of scores", SCORES))
    return [Split(label, reverse(name), name == current) for label, name in tabs]
