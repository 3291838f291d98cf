"""Words of the recovery floor. Values are stored, so they never change meaning; labels are what people read."""

from django.db.models import IntegerChoices, TextChoices


class Family(TextChoices):
    """What an item asks for; a refill falls under one of four decisions, by how soon its slot starts."""

    REFILL = "refill", "Refill"
    REBOOK_MISSED = "rebook_missed", "Rebook missed"
    REBOOK_BUMPED = "rebook_bumped", "Rebook bumped"


class ItemState(TextChoices):
    """Whether a chance still stands."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class CloseReason(TextChoices):
    """Why an item closed by itself."""

    BOOKED = "booked", "The visit stands again"
    SLOT_FILLED = "slot_filled", "The slot was filled"
    REBOOKED = "rebooked", "The patient has another visit"
    VISIT_GONE = "visit_gone", "The visit is no longer lost"
    EXPIRED = "expired", "The chance ended"
    TEMPLATE_BLOCKED = "template_blocked", "The template closed the slot"
    UNWANTED = "unwanted", "Outreach is not wanted"


class Level(IntegerChoices):
    """May this act happen now: yes, yes with a warning, no."""

    READY = 0, "Ready"
    WARN = 1, "Warn"
    HELD = 2, "Held"


class ItemEventKind(TextChoices):
    """What happened to an item."""

    OPENED = "opened", "Opened"
    CHANGED = "changed", "Changed"
    CLOSED = "closed", "Closed"
