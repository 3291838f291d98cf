"""The back room: people, sources and clinics; the audit trail is for reading."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from accounts.models import AuditEntry, Clinic, ClinicCode, ClinicHours, Closure, Grant, Source, Team, User

admin.site.register([ClinicCode, Closure])


class GrantInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person's grants."""

    model = Grant
    extra = 0


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """People, with their grants."""

    inlines = (GrantInline,)
    list_display = ("username", "first_name", "last_name", "is_active", "last_login")


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Teams and their members."""

    filter_horizontal = ("members",)
    list_display = ("name", "key", "is_catch_all")


class HoursInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """A clinic's week."""

    model = ClinicHours
    extra = 0


@admin.register(Clinic)
class ClinicAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Clinics."""

    inlines = (HoursInline,)
    list_display = ("name", "source", "timezone", "is_test")
    list_filter = ("source",)


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Sources."""

    list_display = ("name", "key", "timezone")


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Read-only: the database would refuse anything else."""

    list_display = ("at", "actor", "action", "subject_kind", "clinic")
    list_filter = ("action",)
    list_select_related = ("actor", "clinic")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django calls it so
        """Rows come from what people do."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django calls it so
        """Nobody edits the trail."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django calls it so
        """Nobody shortens the trail."""
        return False
