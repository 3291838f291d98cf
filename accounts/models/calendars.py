"""When a clinic is open; silence and quiet hours are judged against it."""

from django.db import models
from django.db.models import F, Q

from accounts.models.sources import Clinic


class ClinicHours(models.Model):
    """One stretch of opening on one weekday, in the clinic's local time; a clinic may have two a day."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="hours")
    weekday = models.SmallIntegerField(help_text="0 is Monday.")
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ("clinic", "weekday", "opens")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__gte=0, weekday__lte=6), name="weekday_is_0_to_6"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="closes_after_it_opens"),
        ]

    def __str__(self) -> str:
        return f"{self.clinic} {self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


class Closure(models.Model):
    """A day on which a clinic is shut, in its local calendar."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="closures")
    on = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ("on",)
        constraints = [models.UniqueConstraint(fields=["clinic", "on"], name="one_closure_per_clinic_and_day")]

    def __str__(self) -> str:
        return f"{self.clinic} {self.on} {self.name}"
