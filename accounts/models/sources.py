"""EHR instances and their clinics."""

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models

from accounts.querysets import ClinicQuerySet, SourceQuerySet


def validate_zone(name: str) -> None:
    """Refuse a name that the zone database does not know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError("This is not a time zone name such as America/Chicago.") from error


class Source(models.Model):
    """One EHR instance. Nothing is inherited between sources (DESIGN section 6)."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    timezone = models.CharField(max_length=64, validators=[validate_zone])
    created_at = models.DateTimeField()

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times that name no clinic and no offset."""
        return ZoneInfo(self.timezone)


class Clinic(models.Model):
    """A department of a source, with its own time zone, calendar and launch mode."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="clinics")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    timezone = models.CharField(max_length=64, validators=[validate_zone])
    is_test = models.BooleanField(default=False, help_text="A test or admin department; left out of every figure.")

    objects = ClinicQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="one_clinic_per_source_and_key")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's own zone."""
        return ZoneInfo(self.timezone)


class ClinicCode(models.Model):
    """A code under which a source's messages name a clinic; one clinic may have several."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="clinic_codes")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="codes")
    code = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "code"], name="one_clinic_per_source_and_code")]

    def __str__(self) -> str:
        return self.code
