"""Who of a team is on duty when; escalation asks it for the person to tell."""

from django.db import models
from django.db.models import F, Q

from accounts.models.people import Team, User
from accounts.models.sources import validate_zone


class Duty(models.Model):
    """One weekly stretch of one person's duty, in local time of ``timezone``.

    A night is two stretches, one up to midnight (``ends`` 00:00 means the end of the day) and one from it. Where two
    people are on duty at once the one with the lower ``rank`` is told first.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="duties")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duties")
    weekday = models.SmallIntegerField(help_text="0 is Monday.")
    starts = models.TimeField()
    ends = models.TimeField(help_text="00:00 is the end of the day.")
    timezone = models.CharField(max_length=64, validators=[validate_zone])
    rank = models.SmallIntegerField(default=1)

    class Meta:
        ordering = ("team", "weekday", "starts", "rank", "id")
        verbose_name_plural = "duties"
        constraints = [
            models.CheckConstraint(condition=Q(weekday__gte=0, weekday__lte=6), name="duty_weekday_is_0_to_6"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"), name="duty_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.person}, day {self.weekday} {self.starts:%H:%M}-{self.ends:%H:%M}"


class DutySwap(models.Model):
    """On one date another person has a stretch of duty: it comes before the weekly plan. No person: nobody has it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="duty_swaps")
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="duty_swaps")
    on = models.DateField()
    starts = models.TimeField()
    ends = models.TimeField(help_text="00:00 is the end of the day.")
    timezone = models.CharField(max_length=64, validators=[validate_zone])
    reason = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("team", "on", "starts", "id")
        indexes = [models.Index(fields=["team", "on"], name="duty_swaps_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"), name="duty_swap_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.person or 'nobody'}, {self.on} {self.starts:%H:%M}-{self.ends:%H:%M}"
