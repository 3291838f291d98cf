"""The back room of the facts: everything here is for reading; facts change by messages and mappings only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin import AuditedAdmin
from accounts.models import ClinicCode
from accounts.read_only import ReadOnlyAdmin
from scheduling.models import (
    Extract,
    Feed,
    FeedSettings,
    MappedEvent,
    MappingPreview,
    MappingPublication,
    MappingReason,
    MappingRevision,
    MappingRule,
    Message,
    Receipt,
    Replay,
    SignalTally,
)
from scheduling.services.refolds import request_clinic_refolds


@admin.register(ClinicCode)
class ClinicCodeAdmin(AuditedAdmin):
    """Under which codes messages name a clinic. What a changed code concerns is mapped and folded anew (I4)."""

    list_display = ("source", "code", "clinic")
    list_select_related = ("source", "clinic")

    def save_model(self, request: HttpRequest, obj: ClinicCode, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save, and look again at visits under the code it had and the code it has."""
        before = ClinicCode.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        look_again([obj] if before is None else [before, obj])

    def delete_model(self, request: HttpRequest, obj: ClinicCode) -> None:
        """Delete, and look again at visits under the code."""
        super().delete_model(request, obj)
        look_again([obj])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete several, and look again at visits under their codes."""
        codes = list(queryset)
        super().delete_queryset(request, queryset)
        look_again(codes)


def look_again(codes: list[ClinicCode]) -> None:
    """Ask for every appointment that was ever named under one of ``codes``."""
    for code in codes:
        request_clinic_refolds(code.source_id, code.code, now=timezone.now())


@admin.register(MappingRevision)
class MappingRevisionAdmin(ReadOnlyAdmin):
    """Revisions."""

    list_display = ("source", "number", "state", "title", "author", "created_at")
    list_filter = ("source", "state")
    list_select_related = ("source", "author")


@admin.register(MappingRule)
class MappingRuleAdmin(ReadOnlyAdmin):
    """Rules."""

    list_display = ("revision", "trigger", "filler_status", "event_reason", "kind", "status", "initiator")
    list_select_related = ("revision",)


@admin.register(MappingReason)
class MappingReasonAdmin(ReadOnlyAdmin):
    """Reasons."""

    list_display = ("revision", "code", "text", "initiator")
    list_select_related = ("revision",)


@admin.register(MappingPublication)
class MappingPublicationAdmin(ReadOnlyAdmin):
    """Publications."""

    list_display = ("source", "number", "revision", "effective_from", "published_by", "published_at")
    list_select_related = ("source", "revision", "published_by")


@admin.register(MappingPreview)
class MappingPreviewAdmin(ReadOnlyAdmin):
    """Dry runs of revisions."""

    list_display = ("revision", "version", "state", "requested_by", "requested_at", "done", "total")
    list_filter = ("state",)
    list_select_related = ("revision", "requested_by")


@admin.register(Replay)
class ReplayAdmin(ReadOnlyAdmin):
    """Replays of publications."""

    list_display = ("publication", "source", "state", "total", "started_at", "finished_at")
    list_filter = ("source", "state")
    list_select_related = ("publication", "source")


@admin.register(SignalTally)
class SignalTallyAdmin(ReadOnlyAdmin):
    """Raw signals and how often they came."""

    list_display = ("source", "clinic_code", "trigger", "filler_status", "event_reason", "events", "last_at")
    list_filter = ("source",)
    list_select_related = ("source",)


@admin.register(MappedEvent)
class MappedEventAdmin(ReadOnlyAdmin):
    """Events, without notes and reason texts, which may name somebody."""

    exclude = ("note", "reason_text", "order_key")
    list_display = ("pk", "feed", "source_at", "outcome", "mapping", "kind", "status")
    list_select_related = ("feed",)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages, without their bodies: those are read on the message page, masked and audited."""

    exclude = ("body", "digest", "control_hash")
    list_display = ("pk", "feed", "received_at", "control_id", "transport")
    list_select_related = ("feed",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the bodies in the database."""
        return super().get_queryset(request).defer("body")


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """Receipts."""

    exclude = ("order_key",)
    list_display = ("pk", "feed", "received_at", "outcome", "reason")
    list_select_related = ("feed",)


@admin.register(Feed)
class FeedAdmin(ReadOnlyAdmin):
    """Feeds, without their tokens."""

    exclude = ("token_hash",)
    list_display = ("name", "source", "format", "transport", "is_active")
    list_select_related = ("source",)


admin.site.register([Extract, FeedSettings], ReadOnlyAdmin)
