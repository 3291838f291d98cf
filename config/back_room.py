"""The admin site itself; apart from its configuration, which is loaded before any model."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.services.audit import record_denied


class DeskAdminSite(AdminSite):
    """The back room: rows as they are, and RQ's dashboard, whose views check no more than `is_staff`."""

    site_header = "Recovery Desk administration"
    site_title = "Recovery Desk"

    def has_permission(self, request: HttpRequest) -> bool:
        """Let active superusers in, nobody else."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """Send strangers to the desk's own sign-in, which slows guessing and leaves a trail; refuse everyone else."""
        if request.user.is_authenticated:
            record_denied(request, subject_kind="page")
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
