"""Attempts to reach people, and the owner rows that make one counter over all queues."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Clinic
from recovery.models.items import QueueItem
from recovery.vocabulary import AttemptOutcome, NextStep, OutreachChannel, OwnerKind
from scheduling.models import Patient
from scheduling.vocabulary import Decision


class ContactOwner(models.Model):
    """One person or one number: every writer of an attempt locks both rows, so that no two count past each other.

    ``id`` is a signed 64-bit digest of kind and key (recovery.contacting.owners), so nobody has to look it up.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8, choices=OwnerKind)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Attempt(models.Model):
    """One outreach by one channel, through the guard (I5). A call has no outcome until its caller says how it went.

    ``person_owner`` and ``number_owner`` are ids of ``ContactOwner``. ``verdict`` is what the guard saw: level, codes,
    age of the data in seconds and its feed. ``is_counted`` is false for what never left (a call that was put back).
    """

    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, null=True, related_name="attempts")
    patient = models.ForeignKey(
        Patient, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    clinic = models.ForeignKey(
        Clinic, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    decision = models.CharField(max_length=16, choices=Decision)
    channel = models.CharField(max_length=10, choices=OutreachChannel)
    value = models.TextField(help_text="The number or address that was used.")
    person_owner = models.BigIntegerField()
    number_owner = models.BigIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    verdict = models.JSONField(default=dict)
    outcome = models.CharField(max_length=16, choices=AttemptOutcome, blank=True)
    outcome_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    next_step = models.CharField(max_length=16, choices=NextStep, blank=True)
    next_at = models.DateTimeField(null=True)
    with_whom = models.CharField(max_length=80, blank=True, help_text="Whom to ask for when calling back.")
    language = models.CharField(max_length=16, blank=True)
    is_counted = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at__isnull=True) | (~Q(outcome="") & Q(outcome_at__isnull=False)),
                name="an_outcome_says_when",
            ),
            models.CheckConstraint(condition=Q(outcome="") | ~Q(next_step=""), name="every_outcome_has_a_next_step"),
        ]
        indexes = [
            models.Index(fields=["person_owner", "-at"], name="attempts_by_person"),
            models.Index(fields=["number_owner", "-at"], name="attempts_by_number"),
            models.Index(fields=["-at"], name="attempts_newest_first"),
            models.Index(fields=["actor"], condition=Q(outcome=""), name="attempts_without_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.pk}"
