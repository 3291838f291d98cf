"""Appointments folded from their mapped events, the slots they left, and provider templates."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Clinic, Source
from scheduling.models.feeds import Feed
from scheduling.models.messages import Message
from scheduling.models.patients import Patient
from scheduling.querysets import AppointmentQuerySet, MappedEventQuerySet
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, Outcome, SetBy, Status


class Visit(models.Model):
    """What both a mapped event states and an appointment folds: the visit itself."""

    starts_at = models.DateTimeField(null=True)
    minutes = models.IntegerField(null=True)
    clinic = models.ForeignKey(
        Clinic, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    clinic_code = models.TextField(null=True)
    room = models.TextField(null=True)
    resource = models.TextField(null=True, help_text="What the slot belongs to: provider, else room or equipment.")
    provider_code = models.TextField(null=True)
    provider_name = models.TextField(null=True)
    visit_type = models.TextField(null=True)
    visit_type_name = models.TextField(null=True)
    reason_code = models.TextField(null=True)
    reason_text = models.TextField(null=True)
    initiator = models.CharField(max_length=8, choices=Initiator, null=True)
    set_by = models.CharField(max_length=8, choices=SetBy, null=True)
    reason_flags = models.SmallIntegerField(
        default=0, help_text="Bits: 1 reopens work, 2 suppresses outreach, 4 counts as missed."
    )

    class Meta:
        abstract = True


class Appointment(Visit):
    """The current picture of one visit: a pure fold of the set of its mapped events (I3).

    Named by (source, namespace, external id, occurrence). ``order_key`` is that of the newest event folded; ``events``
    counts them, so that a compare-and-swap sees a late older one too. Nothing folds below ``floor_key``.
    """

    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    namespace = models.TextField()
    external_id = models.TextField()
    occurrence = models.TextField()
    status = models.CharField(max_length=16, choices=Status, null=True)
    status_at = models.DateTimeField(null=True, help_text="Source time at which the status began.")
    patient = models.ForeignKey(
        Patient, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="appointments"
    )
    booked_at = models.DateTimeField(null=True, help_text="Source time of the first event.")
    said_at = models.DateTimeField(help_text="Source time of the newest event.")
    heard_at = models.DateTimeField(help_text="When we received the newest to arrive.")
    order_key = models.BinaryField()
    events = models.IntegerField()
    troubles = models.JSONField(null=True, help_text="What the fold cannot trust; see scheduling.folding.state.")
    left = models.JSONField(null=True, help_text="Slots this visit gave back; see scheduling.folding.state.")
    resource_day = models.BigIntegerField(null=True, help_text="The owner row of its slot.")
    base_state = models.JSONField(null=True)
    floor_key = models.BinaryField(null=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "namespace", "external_id", "occurrence"], name="one_appointment_per_id"
            )
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="appointments_by_start"),
            models.Index(fields=["resource_day"], name="appointments_by_resource_day"),
            models.Index(fields=["starts_at"], name="appointments_in_trouble", condition=Q(troubles__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Appointment {self.pk}"

    def get_absolute_url(self) -> str:
        """The appointment page with its timeline."""
        return reverse("scheduling:appointment", args=[self.pk])

    @property
    def is_uncertain(self) -> bool:
        """Whether something about this visit is held (I4)."""
        return bool(self.troubles)

    @property
    def length(self) -> timedelta:
        """How long the visit takes; half an hour where the source does not say."""
        return timedelta(minutes=self.minutes or 30)


class MappedEvent(Visit):
    """What one message says happened to one appointment, with its raw signals and what mapping made of them.

    Rows are appended by COPY; only ``outcome`` and the meaning change later, when a mapping is replayed.
    ``cleared`` names the fields the message explicitly emptied, comma-separated. ``problems`` are the reader's.
    """

    message = models.ForeignKey(
        Message, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    part = models.SmallIntegerField()
    feed = models.ForeignKey(Feed, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="mapped_events"
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    order_key = models.BinaryField()
    has_sequence = models.BooleanField()
    source_at = models.DateTimeField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    mapping = models.CharField(max_length=10, choices=MappingOutcome)
    kind = models.CharField(max_length=16, choices=EventKind, null=True)
    status = models.CharField(max_length=16, choices=Status, null=True)
    rule = models.BigIntegerField(null=True)
    revision = models.BigIntegerField(null=True)
    trigger = models.TextField()
    filler_status = models.TextField()
    event_reason = models.TextField()
    appointment_reason = models.TextField()
    appointment_type = models.TextField()
    resource_status = models.TextField()
    note = models.TextField()
    cleared = models.TextField(null=True)
    problems = models.JSONField(null=True)

    objects = MappedEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["feed", "mapping"], name="events_held_by_mapping", condition=~Q(mapping="mapped")),
        ]

    def __str__(self) -> str:
        return f"Event {self.pk}"


class ResourceDay(models.Model):
    """The owner row of one resource's slots on one local day; every writer of those slots locks it.

    Its id is a 64-bit digest of (source, resource, day), so no look-up is needed to name it.
    """

    id = models.BigIntegerField(primary_key=True)
    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    resource = models.TextField()
    on = models.DateField()

    def __str__(self) -> str:
        return f"{self.resource} {self.on}"


class Vacancy(models.Model):
    """A slot that a visit gave back: cancelled, bumped, moved away or entered in error."""

    appointment = models.ForeignKey(
        Appointment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="vacancies"
    )
    resource_day = models.BigIntegerField()
    resource = models.TextField()
    clinic = models.ForeignKey(
        Clinic, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    starts_at = models.DateTimeField()
    minutes = models.IntegerField()
    visit_type = models.TextField(null=True)
    cause = models.CharField(max_length=16, choices=EventKind)
    initiator = models.CharField(max_length=8, choices=Initiator, null=True)
    vacated_at = models.DateTimeField(help_text="Source time.")
    heard_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["resource_day"], name="vacancies_by_resource_day")]

    def __str__(self) -> str:
        return f"Vacancy {self.pk}"


class TemplateSlot(models.Model):
    """One stretch of a provider template as last stated: open, held, taken or blocked."""

    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    resource = models.TextField()
    starts_at = models.DateTimeField()
    minutes = models.IntegerField()
    status = models.CharField(max_length=8)
    clinic = models.ForeignKey(
        Clinic, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    visit_type = models.TextField(null=True)
    resource_day = models.BigIntegerField(db_index=True)
    order_key = models.BinaryField()
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "resource", "starts_at"], name="one_template_slot_per_start")
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.starts_at:%Y-%m-%d %H:%M} {self.status}"
