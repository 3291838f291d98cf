"""The action floor's rows: queue items and what happened to them."""

from recovery.models.items import ItemEvent, QueueItem

__all__ = ["ItemEvent", "QueueItem"]
