"""The back room: queue items as they are, for reading; they open and close by messages and by people at work."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from recovery.models import ItemEvent, QueueItem


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows are written by batches."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django calls it so
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django calls it so
        """Nobody edits one past its history."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django calls it so
        """Nobody removes one."""
        return False


@admin.register(QueueItem)
class QueueItemAdmin(ReadOnlyAdmin):
    """Queue items."""

    list_display = (
        "id",
        "family",
        "clinic",
        "starts_at",
        "useful_until",
        "level",
        "state",
        "close_reason",
        "opened_at",
    )
    list_filter = ("state", "family", "level", "close_reason")
    list_select_related = ("clinic",)


@admin.register(ItemEvent)
class ItemEventAdmin(ReadOnlyAdmin):
    """What happened to items."""

    list_display = ("at", "item", "kind", "actor", "reason")
    list_select_related = ("item", "actor")
