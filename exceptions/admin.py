"""The back room: exceptions as they are, for reading; moves go through the page, where they leave history."""

from django.contrib import admin

from accounts.read_only import ReadOnlyAdmin
from exceptions.models import History, IntegrationException, Spell


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
