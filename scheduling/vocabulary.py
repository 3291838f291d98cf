"""The words of the house that every floor shares: statuses, events, decisions, outcomes.

Values are stored in the database, so they never change meaning. Labels are what people read.
"""

from django.db.models import IntegerChoices, TextChoices


class Status(TextChoices):
    """Canonical appointment status (DESIGN section 2)."""

    REQUESTED = "requested", "Requested"
    WAITLISTED = "waitlisted", "Waitlisted"
    PENDING = "pending", "Pending"
    BOOKED = "booked", "Booked"
    CONFIRMED = "confirmed", "Confirmed"
    CHECKED_IN = "checked_in", "Checked in"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    BUMPED = "bumped", "Bumped by clinic"
    MISSED = "missed", "Missed"
    LEFT_UNSEEN = "left_unseen", "Left without being seen"
    ENTERED_IN_ERROR = "entered_in_error", "Entered in error"


class EventKind(TextChoices):
    """What one message says happened to one appointment, slot or patient."""

    CREATED = "created", "Created"
    RESCHEDULED = "rescheduled", "Rescheduled"
    CHANGED = "changed", "Changed"
    CONFIRMED = "confirmed", "Confirmed"
    CHECKED_IN = "checked_in", "Checked in"
    STARTED = "started", "Started"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    BUMPED = "bumped", "Bumped by clinic"
    MISSED = "missed", "Missed"
    LEFT_UNSEEN = "left_unseen", "Left without being seen"
    DELETED = "deleted", "Deleted"
    SLOT_OPENED = "slot_opened", "Slot opened"
    SLOT_BLOCKED = "slot_blocked", "Slot blocked"
    PATIENT_CHANGED = "patient_changed", "Patient changed"
    PATIENTS_MERGED = "patients_merged", "Patients merged"
    PATIENT_DIED = "patient_died", "Patient died"


class Initiator(TextChoices):
    """Who brought a cancellation about."""

    PATIENT = "patient", "Patient"
    CLINIC = "clinic", "Clinic"
    SYSTEM = "system", "System"
    UNKNOWN = "unknown", "Unknown"


class SetBy(TextChoices):
    """Whether a person or a timer of the source set a status; a timer's word is only a guess."""

    PERSON = "person", "A person"
    TIMER = "timer", "A timer"


class MappingOutcome(TextChoices):
    """What mapping made of a signal tuple; everything but MAPPED is held (I4)."""

    MAPPED = "mapped", "Mapped"
    UNMAPPED = "unmapped", "No meaning yet"
    AMBIGUOUS = "ambiguous", "Two rules disagree"
    CONFLICT = "conflict", "Status contradicts the event"


class FeedFormat(TextChoices):
    """How the bytes of a feed are written."""

    HL7V2 = "hl7v2", "HL7 v2"
    FHIR = "fhir", "FHIR R4"
    CSV = "csv", "CSV"


class Transport(TextChoices):
    """How the bytes of a feed arrive."""

    MLLP = "mllp", "MLLP"
    HTTP = "http", "HTTP"
    FILE = "file", "File drop"
    COMMAND = "command", "Command line"


class Outcome(TextChoices):
    """Where a message ended (I2). RECEIVED is counted apart, at intake."""

    APPLIED = "applied", "Applied"
    SUPERSEDED = "superseded", "Superseded"
    DUPLICATE = "duplicate", "Duplicate"
    HELD = "held", "Held"
    REJECTED = "rejected", "Rejected"
    FAILED = "failed", "Failed"
    WAITING = "waiting", "Waiting"


class TroubleKind(TextChoices):
    """What the fold itself cannot trust about an appointment; each is judged by a check of the same id."""

    UNMAPPED = "unmapped_status", "Status has no meaning yet"
    AMBIGUOUS = "ambiguous_status", "Two rules disagree"
    CONFLICT = "conflicting_status", "Status contradicts the event"
    EQUAL_TIME = "equal_time_disagreement", "Two events at one time disagree"
    AHEAD = "ahead_of_receipt", "Source time is ahead of receipt"
    IMPOSSIBLE_TRANSITION = "impossible_transition", "Impossible change of status"
    REUSED_ID = "reused_appointment_id", "One id, two patients"
    UNKNOWN_CLINIC = "unknown_clinic", "Clinic is not known"
    AMBIGUOUS_LOCAL_TIME = "ambiguous_local_time", "Local time happens twice or never"


class Decision(TextChoices):
    """A kind of patient-facing act (DESIGN section 8); exceptions name what they block by these."""

    REFILL_24H = "refill_24h", "Refill, starts within 24 h"
    REFILL_72H = "refill_72h", "Refill, 24 to 72 h"
    REFILL_WEEK = "refill_week", "Refill, 3 to 7 days"
    REFILL_LATER = "refill_later", "Refill, over 7 days"
    REBOOK_BUMPED = "rebook_bumped", "Rebook bumped"
    REBOOK_MISSED = "rebook_missed", "Rebook missed"
    CONFIRM = "confirm", "Confirm at-risk visit"
    STOP_OUTREACH = "stop_outreach", "Stop outreach"
    WEEKLY_REPORT = "weekly_report", "Weekly report"


REFILLS = (Decision.REFILL_24H, Decision.REFILL_72H, Decision.REFILL_WEEK, Decision.REFILL_LATER)
REBOOKS = (Decision.REBOOK_BUMPED, Decision.REBOOK_MISSED)
PATIENT_FACING = (*REFILLS, *REBOOKS, Decision.CONFIRM)


class LaunchMode(TextChoices):
    """How far a decision is switched on for a clinic (DESIGN section 9)."""

    OBSERVING = "observing", "Observing"
    SHADOW = "shadow", "Shadow"
    LIVE = "live", "Live"


class MessageKind(IntegerChoices):
    """What a digested message turned out to carry; kept on the receipt for the ledger's reader."""

    APPOINTMENT = 1, "Appointment"
    PATIENT = 2, "Patient"
    SLOT = 3, "Slot"
    NOTHING = 4, "Nothing we use"


# Statuses under which a visit takes up its slot.
STANDING = frozenset(
    {Status.PENDING, Status.BOOKED, Status.CONFIRMED, Status.CHECKED_IN, Status.IN_PROGRESS, Status.COMPLETED}
)
# Statuses that give the slot back.
VACATING = frozenset({Status.CANCELLED, Status.BUMPED, Status.ENTERED_IN_ERROR})
# Nothing happens to a visit after these, except a correction.
FINAL = frozenset(
    {
        Status.COMPLETED,
        Status.CANCELLED,
        Status.BUMPED,
        Status.MISSED,
        Status.LEFT_UNSEEN,
        Status.ENTERED_IN_ERROR,
    }
)
