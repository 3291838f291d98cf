"""Django's admin, for superusers only."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """Makes our site the default one."""

    default_site = "config.back_room.DeskAdminSite"
