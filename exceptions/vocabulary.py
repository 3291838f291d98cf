"""The words of judgement: how bad, what kind, in which state, and what can be done to it."""

from django.db.models import IntegerChoices, TextChoices


class Severity(IntegerChoices):
    """How bad a kind of problem is; the number sorts the worst first."""

    BLOCKING = 1, "Blocking"
    DEGRADED = 2, "Degraded"
    NOTE = 3, "Note"


class Family(TextChoices):
    """What a check looks at (DESIGN section 7)."""

    MESSAGE = "message", "Message"
    MAPPING = "mapping", "Mapping"
    ORDER = "order", "Order and timing"
    IDENTITY = "identity", "Identity"
    CONTACT = "contact", "Contact and consent"
    TEMPLATE = "template", "Template and capacity"
    FRESHNESS = "freshness", "Freshness and volume"
    CLOSURE = "closure", "Closure"
    CALIBRATION = "calibration", "Calibration drift"


class State(TextChoices):
    """Where an integration exception stands.

    CLEARED_UNSEEN: the cause went away by itself, but nobody has looked at the work it held.
    """

    OPEN = "open", "Open"
    TAKEN = "taken", "Taken"
    MUTED = "muted", "Muted"
    CLEARED_UNSEEN = "cleared_unseen", "Cleared unseen"
    RESOLVED = "resolved", "Resolved"
    REOPENED = "reopened", "Reopened"


class Verb(TextChoices):
    """What was done to an exception: first by people, then by the system."""

    TAKE = "take", "Taken"
    RELEASE = "release", "Let go"
    ASSIGN = "assign", "Handed over"
    MUTE = "mute", "Muted"
    UNMUTE = "unmute", "Mute ended by hand"
    RESOLVE = "resolve", "Closed"
    REOPEN = "reopen", "Opened again"
    COMMENT = "comment", "Comment"
    OPENED = "opened", "Opened"
    REGRESSED = "regressed", "Happened again"
    CAME_BACK = "came_back", "Came back"
    CLEARED = "cleared", "Cleared by itself"
    CURED = "cured", "Closed by a mapping"
    MUTE_ENDED = "mute_ended", "Mute ran out"


class SubjectKind(IntegerChoices):
    """What a live finding is about."""

    APPOINTMENT = 1, "Appointment"
    PATIENT = 2, "Patient"
    FEED = 3, "Feed"
    RESOURCE_DAY = 4, "Provider day"


class OwnerTeam(TextChoices):
    """Keys of the teams that own kinds of problems unless a feed names its own."""

    INTEGRATION = "integration", "Integration"
    MAPPING = "mapping", "Mapping"
    ACCESS = "access", "Access"
    IT = "it", "IT"
