"""Patients as their sources state them, merges as alias edges, and append-only provenance."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Source
from scheduling.querysets import PatientQuerySet


class Patient(models.Model):
    """One patient record of one source: the newest statement of each aspect wins (I3).

    ``as_of`` packs which aspect was last stated by which order key (scheduling.patients.merge). A merge is one edge on
    the retired record, ``merged_into``; appointments keep their own patient and are resolved on reading.
    """

    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    authority = models.TextField()
    mrn = models.TextField()
    identifiers = models.JSONField(null=True)
    family = models.TextField(blank=True)
    given = models.TextField(blank=True)
    born_on = models.DateField(null=True)
    sex = models.TextField(blank=True)
    language = models.TextField(blank=True)
    zone = models.TextField(blank=True)
    died = models.BooleanField(default=False)
    died_at = models.DateTimeField(null=True)
    publicity = models.TextField(blank=True)
    protection = models.TextField(blank=True)
    vip = models.TextField(blank=True)
    portal = models.TextField(blank=True)
    duplicate_of = models.TextField(blank=True)
    guardian = models.TextField(blank=True)
    phones_home = models.JSONField(null=True)
    phones_work = models.JSONField(null=True)
    as_of = models.BinaryField()
    merged_into = models.ForeignKey(
        "self", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="retired"
    )
    merge_key = models.BinaryField(null=True)

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "authority", "mrn"], name="one_patient_per_source_and_mrn")
        ]

    def __str__(self) -> str:
        return f"Patient {self.pk}"

    def get_absolute_url(self) -> str:
        """The patient page, by row id: no patient data in a URL (I12)."""
        return reverse("scheduling:patient", args=[self.pk])

    @property
    def is_restricted(self) -> bool:
        """Whether lists, exports and bulk acts must mask this person (PD1-12, PV1-16, meta.security)."""
        return self.protection == "Y" or bool(self.vip)


class PatientVersion(models.Model):
    """What one message or person stated about a patient, as it became known.

    Append-only. ``statement`` maps aspects to values. ``is_effective`` tells whether it was the newest statement when
    recorded, so that "as known then" is the last effective value up to a moment, and "as true then" the newest by order
    key.
    """

    patient = models.ForeignKey(Patient, on_delete=models.DO_NOTHING, db_constraint=False, related_name="versions")
    statement = models.JSONField()
    order_key = models.BinaryField()
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField()
    is_effective = models.BooleanField()
    message = models.ForeignKey(
        "scheduling.Message",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.patient_id} from {self.valid_from:%Y-%m-%d %H:%M}"


class ContactPoint(models.Model):
    """A current way to reach a patient, kept in step with the patient's statements; for look-ups by number."""

    patient = models.ForeignKey(
        Patient, on_delete=models.DO_NOTHING, db_constraint=False, related_name="contact_points"
    )
    system = models.CharField(max_length=8)
    use = models.CharField(max_length=8, blank=True)
    value = models.TextField()
    rank = models.SmallIntegerField(null=True)
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["value"], name="contact_points_by_value")]

    def __str__(self) -> str:
        return f"{self.system} of {self.patient_id}"


class Consent(models.Model):
    """One line of the append-only consent ledger: who may be reached how, about what, since when, says whom."""

    patient = models.ForeignKey(Patient, on_delete=models.DO_NOTHING, db_constraint=False, related_name="consents")
    channel = models.CharField(max_length=12)
    topic = models.CharField(max_length=24, blank=True)
    is_allowed = models.BooleanField()
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField()
    order_key = models.BinaryField(null=True)
    message = models.ForeignKey(
        "scheduling.Message",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "channel", "topic", "order_key"],
                condition=Q(order_key__isnull=False),
                name="one_consent_line_per_statement",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.patient_id}"
