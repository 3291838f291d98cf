"""Mapping revisions, what they say, and which of them was in force for which source times.

A revision is one source's whole mapping: rules, reasons and precedence. Everything that can change a meaning lives
in it, so that what a second person approves, what is published and what a rollback brings back are one thing.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from scheduling.mapping.vocabulary import Leads, MappingVerb, RevisionState
from scheduling.mapping.wording import KEEPS, rule_words
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

CODE_LENGTH = 200
PATTERN_LENGTH = 100

# Set in a rule = the message must say exactly this; "" = it must say nothing; NULL = whatever it says.
SIGNAL_FIELDS = (
    "trigger",
    "filler_status",
    "event_reason",
    "appointment_reason",
    "appointment_type",
    "resource_status",
    "note",
)


def _signal(label: str, length: int = CODE_LENGTH) -> "models.CharField[str | None, str | None]":
    return models.CharField(label, max_length=length, null=True, blank=True)


class MappingRevision(models.Model):
    """One numbered version of a source's mapping; editable as a draft, frozen from submission on."""

    source = models.ForeignKey("accounts.Source", on_delete=models.PROTECT, related_name="mapping_revisions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RevisionState.choices, default=RevisionState.DRAFT)
    title = models.CharField(max_length=200)
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors")
    # Counts edits; whoever saves against an older count has not seen somebody else's edit.
    version = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("source", "-number")
        constraints = (
            models.UniqueConstraint(fields=("source", "number"), name="one_mapping_revision_per_number"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("author")),
                name="mapping_approver_is_not_author",
            ),
            models.CheckConstraint(
                condition=Q(state=RevisionState.APPROVED, approved_by__isnull=False, approved_at__isnull=False)
                | (~Q(state=RevisionState.APPROVED) & Q(approved_by__isnull=True, approved_at__isnull=True)),
                name="approved_mapping_names_its_approver",
            ),
        )

    def __str__(self) -> str:
        return f"revision {self.number} of source {self.source_id}"


class MappingRule(models.Model):
    """What one combination of signals means. Signals: see ``SIGNAL_FIELDS``; ``note`` is a pattern, not a code.

    An empty ``kind`` is the trigger's own; an empty ``status`` keeps the status the appointment has.
    """

    revision = models.ForeignKey(MappingRevision, on_delete=models.CASCADE, related_name="rules")
    clinic = models.ForeignKey("accounts.Clinic", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    trigger = _signal("event")
    filler_status = _signal("visit status")
    event_reason = _signal("event reason")
    appointment_reason = _signal("visit purpose")
    appointment_type = _signal("visit type")
    resource_status = _signal("resource status")
    note = _signal("note pattern", PATTERN_LENGTH)
    kind = models.CharField(max_length=20, choices=EventKind.choices, blank=True, default="")
    status = models.CharField(max_length=20, choices=Status.choices, blank=True, default="")
    initiator = models.CharField(max_length=10, choices=Initiator.choices, blank=True, default="")
    initiator_by_reason = models.BooleanField(default=False)
    set_by = models.CharField(max_length=10, choices=SetBy.choices, default=SetBy.PERSON)
    reopens = models.BooleanField("reopens recovery work", default=True)
    suppresses = models.BooleanField("suppresses outreach", default=False)
    counts_as_missed = models.BooleanField(default=False)
    remark = models.CharField(max_length=300, blank=True, default="")
    pack = models.CharField(max_length=60, blank=True, default="")
    pack_row = models.PositiveIntegerField(null=True, blank=True)
    citation = models.CharField(max_length=500, blank=True, default="")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("revision", "clinic", *SIGNAL_FIELDS),
                nulls_distinct=False,
                name="one_mapping_rule_per_signals",
            ),
            models.CheckConstraint(
                condition=~Q(**dict.fromkeys((f"{name}__isnull" for name in SIGNAL_FIELDS), True)),
                name="mapping_rule_states_a_signal",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CANCELLED, initiator=Initiator.CLINIC)
                & (~Q(status=Status.BUMPED) | Q(initiator=Initiator.CLINIC)),
                name="clinic_cancellation_is_bumped",
            ),
        )

    def __str__(self) -> str:
        means = Status(self.status).label if self.status else EventKind(self.kind).label if self.kind else KEEPS
        return f"{rule_words(getattr(self, name) for name in SIGNAL_FIELDS)}: {str(means).lower()}"


class MappingReason(models.Model):
    """What a source's reason code adds to a cancelled or missed visit (VistA file 409.2 is the model)."""

    revision = models.ForeignKey(MappingRevision, on_delete=models.CASCADE, related_name="reasons")
    code = models.CharField(max_length=CODE_LENGTH)
    text = models.CharField(max_length=200, blank=True, default="")
    initiator = models.CharField(max_length=10, choices=Initiator.choices, default=Initiator.UNKNOWN)
    reopens = models.BooleanField("reopens recovery work", default=True)
    suppresses = models.BooleanField("suppresses outreach", default=False)
    counts_as_missed = models.BooleanField(default=False)
    set_by = models.CharField(max_length=10, choices=SetBy.choices, default=SetBy.PERSON)
    pack = models.CharField(max_length=60, blank=True, default="")
    pack_row = models.PositiveIntegerField(null=True, blank=True)
    citation = models.CharField(max_length=500, blank=True, default="")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("revision", "code"), name="one_mapping_reason_per_code"),)

    def __str__(self) -> str:
        return f"{self.code}: {self.initiator}"


class PrecedenceSetting(models.Model):
    """Which of status and trigger is believed when they contradict; an empty trigger stands for all of them."""

    revision = models.ForeignKey(MappingRevision, on_delete=models.CASCADE, related_name="precedence")
    clinic = models.ForeignKey("accounts.Clinic", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    trigger = models.CharField(max_length=CODE_LENGTH, blank=True, default="")
    leads = models.CharField(max_length=10, choices=Leads.choices, default=Leads.NEITHER)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("revision", "clinic", "trigger"), nulls_distinct=False, name="one_precedence_per_trigger"
            ),
        )

    def __str__(self) -> str:
        return f"{self.trigger or 'every event'}: {Leads(self.leads).label.lower()}"


class MappingPublication(models.Model):
    """A revision put in force for events whose source time is at or after ``effective_from``.

    For an event the publication with the highest ``number`` that has begun by its source time holds; rolling back is
    publishing an older revision again. Rows are only ever added.
    """

    source = models.ForeignKey("accounts.Source", on_delete=models.PROTECT, related_name="mapping_publications")
    revision = models.ForeignKey(MappingRevision, on_delete=models.PROTECT, related_name="publications")
    number = models.PositiveIntegerField()
    effective_from = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ("source", "-number")
        constraints = (models.UniqueConstraint(fields=("source", "number"), name="one_publication_per_number"),)

    def __str__(self) -> str:
        return f"publication {self.number} of source {self.source_id} from {self.effective_from:%Y-%m-%d %H:%M} UTC"


class MappingHistory(models.Model):
    """One thing done to a revision, by whom and when; ``details`` holds codes and numbers, never patient data."""

    revision = models.ForeignKey(MappingRevision, on_delete=models.PROTECT, related_name="history")
    verb = models.CharField(max_length=20, choices=MappingVerb.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True, default="")
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "pk")
        indexes = (models.Index(fields=("revision", "at"), name="mapping_history_by_revision"),)

    def __str__(self) -> str:
        return f"{self.verb} at {self.at:%Y-%m-%d %H:%M} UTC"
