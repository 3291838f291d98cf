"""Which raw signals each source has ever sent, counted while digesting."""

from django.db import models

from accounts.models import Source
from scheduling.querysets import SignalTallyQuerySet

SIGNALS = (
    "trigger",
    "filler_status",
    "event_reason",
    "appointment_reason",
    "appointment_type",
    "resource_status",
)


class SignalTally(models.Model):
    """One combination of raw signals that a source sent under a clinic code, and how often.

    Always equals a GROUP BY over the stored events of the source's feeds; an empty text stands for nothing said.
    ``first_at`` and ``last_at`` are source times; ``newest_message`` is a message of the newest event.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, related_name="+")
    clinic_code = models.TextField(blank=True)
    trigger = models.TextField(blank=True)
    filler_status = models.TextField(blank=True)
    event_reason = models.TextField(blank=True)
    appointment_reason = models.TextField(blank=True)
    appointment_type = models.TextField(blank=True)
    resource_status = models.TextField(blank=True)
    has_note = models.BooleanField()
    events = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    newest_message = models.BigIntegerField()

    objects = SignalTallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "clinic_code", *SIGNALS, "has_note"], name="one_tally_per_signals"
            )
        ]

    def __str__(self) -> str:
        return f"Signals {self.pk}"
