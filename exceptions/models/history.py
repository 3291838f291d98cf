"""What happened to an exception: its moves, its open spells, its counts by the hour."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from exceptions.models.exceptions import IntegrationException
from exceptions.vocabulary import State, Verb
from scheduling.models import Replay


class Spell(models.Model):
    """One stretch during which an exception was open; each keeps its own clock."""

    exception = models.ForeignKey(IntegrationException, on_delete=models.CASCADE, db_index=False, related_name="spells")
    no = models.IntegerField()
    opened_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, help_text="When the last live finding went away by itself.")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("exception", "-no")
        constraints = [models.UniqueConstraint(fields=["exception", "no"], name="one_spell_per_number")]

    def __str__(self) -> str:
        return f"Spell {self.no} of {self.exception_id}"


class History(models.Model):
    """One move of an exception; ``actor`` None is the system. Only ever added."""

    exception = models.ForeignKey(
        IntegrationException, on_delete=models.CASCADE, db_index=False, related_name="history"
    )
    at = models.DateTimeField()
    verb = models.CharField(max_length=16, choices=Verb)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    from_state = models.CharField(max_length=16, choices=State, blank=True)
    to_state = models.CharField(max_length=16, choices=State)
    version = models.IntegerField()
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict, help_text="Ids and times: to whom it was handed, until when it is muted.")
    replay = models.ForeignKey(
        Replay,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="The replay of a mapping that is the evidence.",
    )

    class Meta:
        ordering = ("-at", "-id")
        verbose_name_plural = "history"
        indexes = [
            models.Index(fields=["exception", "-at", "-id"], name="exception_history_newest_first"),
            models.Index(fields=["replay"], condition=Q(replay__isnull=False), name="exception_history_by_replay"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.at:%Y-%m-%d %H:%M}"


class HourlyCount(models.Model):
    """How often something happened in one UTC hour of source time; for the trend of the last day."""

    exception = models.ForeignKey(IntegrationException, on_delete=models.CASCADE, db_index=False, related_name="hours")
    hour = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["exception", "hour"], name="one_count_per_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.count}"
