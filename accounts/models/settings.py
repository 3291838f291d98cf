"""Settings of a clinic, kept as append-only versions: any past answer can be given again (DESIGN section 13)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.sources import Clinic


class SettingVersion(models.Model):
    """One version of a setting: true from ``valid_from``, known to us since ``recorded_at``."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="%(class)s_versions")
    decision = models.CharField(max_length=24)  # scheduling.vocabulary.Decision, whose floor is above this one
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty: the system."
    )

    class Meta:
        abstract = True


class ClinicLimit(SettingVersion):
    """How old data may be for one decision at one clinic, in seconds; no row means the decision's default."""

    warn_after = models.PositiveIntegerField()
    held_after = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["clinic", "decision", "-valid_from"], name="clinic_limits_newest_first")]
        constraints = [
            models.CheckConstraint(condition=Q(held_after__gte=F("warn_after")), name="held_not_before_warn")
        ]

    def __str__(self) -> str:
        return f"{self.clinic} {self.decision} {self.warn_after}/{self.held_after} s"


class ClinicLaunchMode(SettingVersion):
    """How far one decision is switched on at one clinic; no row means observing."""

    mode = models.CharField(max_length=12)  # scheduling.vocabulary.LaunchMode
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["clinic", "decision", "-valid_from"], name="launch_modes_newest_first")]

    def __str__(self) -> str:
        return f"{self.clinic} {self.decision} {self.mode}"
