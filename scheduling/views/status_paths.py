"""The status path of one source: which changes of status its visits go through, and which needed events it sends."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.models import Clinic, Source
from accounts.services.audit import audited_list
from config.web.links import with_query
from config.web.menus import menu, splits
from scheduling.selectors.places import Places
from scheduling.selectors.status_path_page import (
    DAYS,
    DEFAULT_DAYS,
    NOTHING,
    ExampleRow,
    asked_move,
    count_path,
    example_rows,
    status_path,
)
from scheduling.selectors.status_paths import TooMuchToCountError, Window


@login_required
@require_GET
def mapping_path(request: HttpRequest, key: str) -> HttpResponse:
    """Draw and list the changes of status in the last 7, 30 or 90 days; ``from`` and ``to`` list visits of one."""
    source: Source = get_visible_or_404(Source.objects.all(), request, key=key)
    days, clinic_id = asked_days(request), asked_clinic(request, source)
    places = Places.visible_to(request.user)
    mine = [clinic for clinic in places.clinics if clinic.source_id == source.pk]
    now = timezone.now()
    window = Window(source, request.user, now - timedelta(days=days), clinic_id)
    context = {
        "source": source,
        "zone": source.zone,
        "days": days,
        "splits": splits(
            request,
            [("" if choice == DEFAULT_DAYS else str(choice), f"Last {choice} days") for choice in DAYS],
            name="days",
        ),
        "menu": menu(request, "clinic", "Clinic", [(str(clinic.pk), clinic.name) for clinic in mine]),
    }
    chosen = asked_move(request.GET.get("from", NOTHING), request.GET.get("to", ""))
    try:
        counted = count_path(window, days=days, clinics=mine, now=now)
        examples = example_rows(window, chosen, places) if chosen else []
    except TooMuchToCountError as error:
        return render(request, "scheduling/status_path.html", {**context, "too_much": str(error)})
    shown = [clinic for clinic in mine if clinic_id in (None, clinic.pk)]
    base = with_query(request, **{"from": None, "to": None})
    base = base if base == "?" else f"{base}&"
    context |= {"page": status_path(counted, shown, days=days, base=base, chosen=chosen), "examples": examples}
    audit_examples(request, examples)
    return render(request, "scheduling/status_path.html", context)


def audit_examples(request: HttpRequest, examples: list[ExampleRow]) -> None:
    """Note that these visits were listed."""
    audited_list(
        request,
        subject_kind="scheduling.appointment",
        subjects=[row.appointment.pk for row in examples],
        patients=[row.appointment.patient_id for row in examples if row.appointment.patient_id],
    )


def asked_days(request: HttpRequest) -> int:
    """How far the window reaches back; what is none of the choices is the usual one."""
    asked = request.GET.get("days", "")
    return next((days for days in DAYS if asked == str(days)), DEFAULT_DAYS)


def asked_clinic(request: HttpRequest, source: Source) -> int | None:
    """The clinic asked for, None for all in scope; 404 for another source's, another person's or none at all."""
    asked = request.GET.get("clinic", "")
    if not asked:
        return None
    if not (asked.isdecimal() and len(asked) < 10):
        raise Http404
    clinic: Any = get_visible_or_404(Clinic.objects.all(), request, pk=int(asked), source=source)
    return int(clinic.pk)
