"""The waitlist, and slots offered to people on it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Clinic, Source
from recovery.models.attempts import Attempt
from recovery.models.items import QueueItem
from recovery.vocabulary import EntryOrigin, EntryState, OfferState
from scheduling.models import Appointment, Patient


class WaitlistEntry(models.Model):
    """Somebody who would come sooner. Empty wishes fit every slot; times are local to the clinic."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, related_name="+")
    visit_type = models.TextField()
    provider_code = models.TextField(blank=True)
    minutes = models.SmallIntegerField(null=True)
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        help_text="The later visit that it would replace; it is kept until the sooner one is booked.",
    )
    not_before_on = models.DateField(null=True)
    not_after_on = models.DateField(null=True)
    weekdays = ArrayField(models.SmallIntegerField(), default=list, blank=True, help_text="0 is Monday.")
    from_time = models.TimeField(null=True)
    until_time = models.TimeField(null=True)
    notice = models.DurationField(null=True, help_text="The least notice wanted.")
    origin = models.CharField(max_length=8, choices=EntryOrigin)
    since = models.DateTimeField(help_text="Waiting since; fairness counts from here.")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=EntryState, default=EntryState.WAITING)
    settled_at = models.DateTimeField(null=True)
    settled_why = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name_plural = "waitlist entries"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "clinic", "visit_type"],
                condition=Q(state="waiting"),
                name="one_waiting_entry_per_person_and_visit_type",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at__isnull=True)
                | (~Q(state="waiting") & Q(settled_at__isnull=False)),
                name="a_settled_entry_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "visit_type", "since"], condition=Q(state="waiting"), name="waitlist_by_wait"
            )
        ]

    def __str__(self) -> str:
        return f"Entry {self.pk}"


class Offer(models.Model):
    """One slot offered to one person until a moment. Accepted it is pending until the EHR's booking arrives.

    ``round`` counts the batches of one item, ``is_batch`` that several people were asked at once on purpose.
    """

    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, related_name="offers")
    patient = models.ForeignKey(Patient, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, null=True, related_name="offers")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, null=True, related_name="offers")
    round = models.SmallIntegerField(default=1)
    is_batch = models.BooleanField(default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.LIVE)
    answered_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="every_offer_expires"),
            models.UniqueConstraint(fields=["item"], condition=Q(state="pending"), name="one_accepted_offer_per_slot"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="live", is_batch=False), name="one_live_offer_per_slot"
            ),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(state__in=["live", "pending"]), name="one_live_offer_per_patient"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="live"), name="live_offers_by_end"),
            models.Index(fields=["patient", "-made_at"], name="offers_of_a_patient"),
        ]

    def __str__(self) -> str:
        return f"Offer {self.pk}"
