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
    ESCALATE = "escalate", "Escalated"
    WAIVE = "waive", "Waived"
    UNWAIVE = "unwaive", "Waiver ended by hand"
    REROUTE = "reroute", "Routed again"
    UNDO = "undo", "Taken back"
    OPENED = "opened", "Opened"
    REGRESSED = "regressed", "Happened again"
    CAME_BACK = "came_back", "Came back"
    CLEARED = "cleared", "Cleared by itself"
    CURED = "cured", "Closed by a mapping"
    MUTE_ENDED = "mute_ended", "Mute ran out"
    TAKE_ENDED = "take_ended", "Taken too long"
    WAIVER_ENDED = "waiver_ended", "Waiver ran out"
    TOLD = "told", "Told"
    RECHECKED = "rechecked", "Looked at after maintenance"


class Came(TextChoices):
    """What came of an act for one exception."""

    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


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


class Target(TextChoices):
    """Whom a step of escalation tells; DUTY is whoever is on duty then, else the whole team."""

    PERSON = "person", "A person"
    TEAM = "team", "A team"
    DUTY = "duty", "Whoever is on duty"
    WEBHOOK = "webhook", "Another system"


class Hours(TextChoices):
    """In which hours a step may run."""

    ALWAYS = "always", "At any hour"
    CLINIC = "clinic", "While the clinic is open"
    DUTY = "duty", "While somebody is on duty"


class Channel(TextChoices):
    """By which way a notice goes."""

    IN_APP = "in_app", "In the desk"
    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook"


class NoticeKind(TextChoices):
    """What a notice tells of."""

    STEP = "step", "Needs somebody"
    ASSIGNED = "assigned", "Handed to you"
    RESOLVED = "resolved", "Closed"
    REOPENED = "reopened", "Opened again"
    ENDED = "ended", "Mute or take ended"
    DIGEST = "digest", "Digest"
    OTHER = "other", "Other"


class NoticeState(TextChoices):
    """Where a notice stands in the outbox."""

    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Given up"
    EXPIRED = "expired", "Too late"
    BUNDLED = "bundled", "In a digest"
    DROPPED = "dropped", "Not needed any more"


class EmailMode(TextChoices):
    """How often a person wants e-mail."""

    EACH = "each", "Each at once"
    HOURLY = "hourly", "Once an hour"
    OFF = "off", "Never"


class WebhookStyle(TextChoices):
    """How a webhook words its body."""

    PLAIN = "plain", "Plain JSON"
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Teams"
