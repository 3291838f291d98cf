"""What decides how a person may be reached beside what the feeds say: marks, reveals, templates, languages, policy."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Clinic
from recovery.contacting.policy import REVOKE_ALL_FROM
from recovery.vocabulary import Mark, OutreachChannel, Topic
from scheduling.models import Patient


class ContactMark(models.Model):
    """What we learnt about one way to reach a person: it worked, it was confirmed, it is wrong. Only ever added.

    A number found wrong is wrong for everybody who has it: ``value`` is compared, not the patient.
    """

    patient = models.ForeignKey(
        Patient, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    system = models.CharField(max_length=8)
    value = models.TextField()
    mark = models.CharField(max_length=10, choices=Mark)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["value", "-at"], name="contact_marks_by_value"),
            models.Index(fields=["patient", "-at"], name="contact_marks_by_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.get_mark_display()} {self.pk}"


class RevealQuerySet(models.QuerySet["Reveal"]):
    """Reveals."""

    def shown_to(self, person: Any, at: datetime) -> Self:
        """Those of one person that hold at that moment."""
        return self.filter(person=person, at__lte=at, expires_at__gt=at)


class Reveal(models.Model):
    """A person saw a restricted patient's name, with a reason and until a moment. Only ever added."""

    patient = models.ForeignKey(
        Patient, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reveals")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = RevealQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "patient", "-expires_at"], name="reveals_of_a_person")]
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="every_reveal_expires")]

    def __str__(self) -> str:
        return f"Reveal {self.pk}"


class MessageTemplateQuerySet(models.QuerySet["MessageTemplate"]):
    """Wordings."""

    def in_use(self, at: datetime) -> Self:
        """Approved at that moment and not retired."""
        return self.filter(approved_at__lte=at).filter(Q(retired_at__isnull=True) | Q(retired_at__gt=at))


class MessageTemplate(models.Model):
    """The words of a text, e-mail or voicemail for one topic in one language; used only once approved.

    Placeholders are those of ``recovery.contacting.scripts``; a new wording is a new version.
    """

    topic = models.CharField(max_length=12, choices=Topic)
    channel = models.CharField(max_length=10, choices=OutreachChannel)
    language = models.CharField(max_length=16)
    version = models.IntegerField()
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField(max_length=1000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        ordering = ("topic", "channel", "language", "-version")
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "channel", "language", "version"], name="one_template_per_version"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("written_by")),
                name="a_template_is_approved_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()}, {self.get_channel_display()}, {self.language}, version {self.version}"


class StaffLanguage(models.Model):
    """A language in which a member of the staff may call patients."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_languages")
    language = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "language"], name="one_language_per_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.language}"


class ClinicSetting(models.Model):
    """One version of what a clinic decided; append-only, the newest in force counts (DESIGN section 13)."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="%(class)s_versions")
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty: the system."
    )

    class Meta:
        abstract = True


class ContactPolicy(ClinicSetting):
    """When and how often people may be contacted for a clinic; hours are the patient's local time.

    No row means ``recovery.contacting.policy.DEFAULT_POLICY``. Without a name and a number to call back nothing can be
    written to anybody.
    """

    weekdays_from = models.TimeField()
    weekdays_until = models.TimeField()
    sundays_from = models.TimeField()
    sundays_until = models.TimeField()
    most_texts_a_day = models.PositiveSmallIntegerField(default=1)
    most_texts_a_week = models.PositiveSmallIntegerField(default=3)
    most_calls_a_day = models.PositiveSmallIntegerField(default=2)
    practice = models.CharField(
        max_length=60,
        blank=True,
        help_text="What a message calls us; it names no specialty, since anybody may hear it.",
    )
    callback = models.CharField(max_length=30, blank=True, help_text="The number that people call back.")
    revoke_all_from = models.DateField(
        null=True,
        blank=True,
        default=REVOKE_ALL_FROM,
        help_text="From this day on one stop ends every topic (47 CFR 64.1200(a)(10)); empty: never.",
    )

    class Meta:
        verbose_name_plural = "contact policies"
        indexes = [models.Index(fields=["clinic", "-valid_from"], name="contact_policies_newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekdays_until__gt=F("weekdays_from"), sundays_until__gt=F("sundays_from")),
                name="contact_hours_end_after_they_begin",
            )
        ]

    def __str__(self) -> str:
        return f"{self.clinic} from {self.valid_from:%Y-%m-%d}"
