"""Django's admin, for superusers only."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest


class DeskAdminSite(AdminSite):
    """The back room: rows as they are, and RQ's dashboard, whose views check no more than `is_staff`."""

    site_header = "Recovery Desk administration"
    site_title = "Recovery Desk"

    def has_permission(self, request: HttpRequest) -> bool:
        """Let active superusers in, nobody else."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


class DeskAdminConfig(AdminConfig):
    """Makes the site above the default one."""

    default_site = "config.admin.DeskAdminSite"
