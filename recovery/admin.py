"""The back room: queue items as they are, for reading; they open and close by messages and by people at work."""

from django.contrib import admin

from accounts.read_only import ReadOnlyAdmin
from recovery.models import ItemEvent, QueueItem


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
