"""The yardstick of the list pages: login-checked views that fetch the same fifty rows into a plain table."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path
from django.utils import timezone

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as desk_urlpatterns
from exceptions.models import IntegrationException
from recovery.models import QueueItem
from scheduling.models import Appointment

__all__ = ["handler400", "handler403", "handler404", "handler500"]
ROWS = 50
TABLE = Template(
    "<!doctype html><html><head><title>{{ title }}</title></head><body><table>"
    "<tr>{% for name in names %}<th>{{ name }}</th>{% endfor %}</tr>"
    "{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}"
    "</table></body></html>"
)
Columns = dict[str, Callable[[Any], object]]


def table(title: str, rows: Any, columns: Columns) -> HttpResponse:
    """Print rows, one cell a column."""
    cells = [[column(row) for column in columns.values()] for row in rows]
    return HttpResponse(TABLE.render(Context({"title": title, "names": list(columns), "rows": cells})))


@login_required
def appointments(request: HttpRequest) -> HttpResponse:
    """Visits from today on, soonest first."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Appointment.objects.visible_to(request.user).filter(starts_at__gte=today)
    return table(
        "Appointments",
        rows.select_related("patient", "clinic").order_by("starts_at", "id")[:ROWS],
        {
            "Start": lambda row: row.starts_at,
            "Patient": lambda row: f"{row.patient.given} {row.patient.family}",
            "MRN": lambda row: row.patient.mrn,
            "Visit": lambda row: row.visit_type_name,
            "Clinic": lambda row: row.clinic.name,
            "Status": lambda row: row.status,
            "Said": lambda row: row.said_at,
            "Heard": lambda row: row.heard_at,
        },
    )


@login_required
def exceptions(request: HttpRequest) -> HttpResponse:
    """Exceptions that are not closed, worst first."""
    rows = IntegrationException.objects.visible_to(request.user).unresolved().with_places()
    return table(
        "Exceptions",
        rows.order_by("severity", "-live_count", "-id")[:ROWS],
        {
            "Severity": lambda row: row.severity,
            "Kind": lambda row: row.check_id,
            "Value": lambda row: row.raw,
            "Place": lambda row: f"{row.source.name} {row.clinic.name}",
            "Live": lambda row: row.live_count,
            "Happened": lambda row: row.occurrences,
            "Last": lambda row: row.occurred_last,
            "Owner": lambda row: row.owner_team,
            "State": lambda row: row.state,
        },
    )


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """Open chances that are not past their end, best first."""
    now = timezone.now()
    rows = QueueItem.objects.visible_to(request.user).open().filter(useful_until__gt=now).ranked(now)
    return table(
        "Queue",
        rows.select_related("clinic", "patient", "appointment__patient")[:ROWS],
        {
            "Level": lambda row: row.level,
            "Until": lambda row: row.useful_until,
            "Why": lambda row: row.cause,
            "Patient": lambda row: row.patient and row.patient.family,
            "Visit": lambda row: row.visit_type,
            "Start": lambda row: row.starts_at,
            "Clinic": lambda row: row.clinic.name,
            "Contact": lambda row: row.patient and row.patient.phones_home,
            "Weight": lambda row: row.weight,
        },
    )


urlpatterns = [
    *desk_urlpatterns,
    path("bare/appointments/", appointments),
    path("bare/exceptions/", exceptions),
    path("bare/queue/", queue),
]
