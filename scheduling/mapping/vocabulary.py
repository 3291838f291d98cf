"""Words of the mapping floor: the life of a revision, what leads, who did what. Stored, so never renamed."""

from django.db.models import TextChoices


class RevisionState(TextChoices):
    """The life of a revision. Whether it is in force is told by publications, not by its state."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for approval"
    APPROVED = "approved", "Approved"


class Leads(TextChoices):
    """Which of the two is believed when a status contradicts its trigger."""

    NEITHER = "neither", "Neither: hold the event"
    STATUS = "status", "The status"
    TRIGGER = "trigger", "The event"


class MappingVerb(TextChoices):
    """What was done to a revision; one history row each."""

    START = "start", "Started a draft"
    ADD_RULE = "add_rule", "Added a rule"
    CHANGE_RULE = "change_rule", "Changed a rule"
    REMOVE_RULE = "remove_rule", "Removed a rule"
    SET_REASON = "set_reason", "Set a reason"
    REMOVE_REASON = "remove_reason", "Removed a reason"
    SET_PRECEDENCE = "set_precedence", "Set what leads"
    REMOVE_PRECEDENCE = "remove_precedence", "Removed what leads"
    ADOPT = "adopt", "Adopted rows of a pack"
    PREVIEW = "preview", "Previewed"
    SUBMIT = "submit", "Submitted"
    RETURN = "return", "Sent back"
    APPROVE = "approve", "Approved"
    PUBLISH = "publish", "Published"
    IMPORT = "import", "Imported from a file"
    CANCEL_REPLAY = "cancel_replay", "Stopped its replay"
    RESUME_REPLAY = "resume_replay", "Resumed its replay"


class ReplayState(TextChoices):
    """The life of a replay. A cancelled one can be resumed for what remains of it."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Stopped"


class PreviewState(TextChoices):
    """The life of a preview."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
