"""The back room: people, sources and clinics; the audit trail is for reading."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuditEntry, Clinic, ClinicHours, Closure, Grant, Source, Team, User
from accounts.read_only import ReadOnlyAdmin
from accounts.services.audit import record, request_id_of
from accounts.vocabulary import AuditAction


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Leaves a row in the audit trail for everything that is added, changed or deleted (I11).

    Django's own log can be edited; it is kept beside ours because the admin's pages show it.
    """

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note an added row."""
        audit(request, "added", [obj], message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note a changed row, with the names of the fields and the rows inside it."""
        audit(request, "changed", [obj], message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Note rows that are about to be deleted."""
        rows = list(queryset)
        audit(request, "deleted", rows, [str(row) for row in rows])
        return super().log_deletions(request, queryset)


def audit(request: HttpRequest, what: str, rows: Iterable[Model], changes: Any) -> None:
    """Write one audit row about ``rows`` of one kind; nothing in this app is about a patient."""
    found = list(rows)
    if not found:
        return
    record(
        AuditAction.CHANGED,
        actor=request.user,
        subject_kind=found[0]._meta.label_lower,  # noqa: SLF001 - documented API
        subjects=[row.pk for row in found],
        detail={"what": what, "changes": changes},
        now=timezone.now(),
        request_id=request_id_of(request),
    )


admin.site.register(Closure, AuditedAdmin)


class GrantInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person's grants."""

    model = Grant
    extra = 0


@admin.register(User)
class PersonAdmin(AuditedAdmin, UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """People, with their grants."""

    inlines = (GrantInline,)
    list_display = ("username", "first_name", "last_name", "is_active", "last_login")


@admin.register(Team)
class TeamAdmin(AuditedAdmin):
    """Teams and their members."""

    filter_horizontal = ("members",)
    list_display = ("name", "key", "is_catch_all")


class HoursInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    """A clinic's week."""

    model = ClinicHours
    extra = 0


@admin.register(Clinic)
class ClinicAdmin(AuditedAdmin):
    """Clinics."""

    inlines = (HoursInline,)
    list_display = ("name", "source", "timezone", "is_test")
    list_filter = ("source",)


@admin.register(Source)
class SourceAdmin(AuditedAdmin):
    """Sources."""

    list_display = ("name", "key", "timezone")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The database would refuse anything but reading."""

    list_display = ("at", "actor", "action", "subject_kind", "clinic")
    list_filter = ("action",)
    list_select_related = ("actor", "clinic")
