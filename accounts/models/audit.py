"""The audit trail: who saw and did what. The database refuses to change or remove a row (I11)."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from accounts.models.sources import Clinic
from accounts.querysets import AuditEntryQuerySet
from accounts.vocabulary import AuditAction


class AuditEntry(models.Model):
    """One thing a person or the system did. Names rows by kind and id, never by patient data.

    ``subjects`` are ids of the kind ``subject_kind``; ``patients`` are patient row ids that were shown.
    The hash chain that seals settled rows lives in a table of its own, so that this one is never updated.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=16, choices=AuditAction)
    subject_kind = models.CharField(max_length=40)
    subjects = models.JSONField(default=list)
    patients = models.JSONField(default=list)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+")
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["-at"], name="audit_newest_first"),
            models.Index(fields=["actor", "-at"], name="audit_by_actor"),
            GinIndex(fields=["patients"], opclasses=["jsonb_path_ops"], name="audit_by_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.subject_kind}"
