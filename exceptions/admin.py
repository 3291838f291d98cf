"""The back room: exceptions as they are, for reading; moves go through the page, where they leave history."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from exceptions.models import History, IntegrationException, Spell


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows are made by batches and by people at work."""

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


@admin.register(IntegrationException)
class IntegrationExceptionAdmin(ReadOnlyAdmin):
    """Integration exceptions."""

    list_display = ("id", "check_id", "source", "clinic", "severity", "state", "live_count", "occurrences", "owner")
    list_filter = ("state", "severity", "check_id")
    list_select_related = ("source", "clinic", "owner")


@admin.register(History)
class HistoryAdmin(ReadOnlyAdmin):
    """What was done."""

    list_display = ("at", "exception", "verb", "actor", "from_state", "to_state")
    list_select_related = ("exception", "actor")


@admin.register(Spell)
class SpellAdmin(ReadOnlyAdmin):
    """Open spells."""

    list_display = ("exception", "no", "opened_at", "cleared_at", "closed_at")
    list_select_related = ("exception",)
