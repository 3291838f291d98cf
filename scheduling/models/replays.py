"""Replays: what a publication made to be mapped and folded anew, and how far that has come.

Everything a person is told about a replay is counted from rows, so a killed worker changes no number: what remains is
its refold requests, what was done is the rest, and the rate comes from one small row for each batch.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Source
from scheduling.mapping.vocabulary import ReplayState
from scheduling.models.appointments import Appointment
from scheduling.models.mapping import MappingPublication
from scheduling.querysets import ReplayQuerySet


class Replay(models.Model):
    """The replay of one publication: every appointment of its source whose meaning may change, in source order.

    ``total`` is how many appointments it asked for; ``passed_on`` how many of them a later publication took over
    before they were done. Those still to do are the refold requests that name it.
    """

    publication = models.OneToOneField(MappingPublication, on_delete=models.PROTECT, related_name="replay")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="replays")
    state = models.CharField(max_length=10, choices=ReplayState, default=ReplayState.RUNNING)
    total = models.IntegerField()
    passed_on = models.IntegerField(default=0, db_default=0)
    started_at = models.DateTimeField()
    resumed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )

    objects = ReplayQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ReplayState.DONE, finished_at__isnull=False)
                | (~Q(state=ReplayState.DONE) & Q(finished_at__isnull=True)),
                name="finished_replay_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state=ReplayState.CANCELLED, cancelled_at__isnull=False, cancelled_by__isnull=False)
                | (~Q(state=ReplayState.CANCELLED) & Q(cancelled_at__isnull=True, cancelled_by__isnull=True)),
                name="cancelled_replay_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(passed_on__gte=0, total__gte=models.F("passed_on")),
                name="replay_passes_on_what_it_asked_for",
            ),
        ]
        indexes = [
            models.Index(fields=["source"], condition=Q(state=ReplayState.RUNNING), name="running_replays_by_source")
        ]

    def __str__(self) -> str:
        return f"Replay {self.pk}"

    def get_absolute_url(self) -> str:
        """Its page: progress, what it cured, cancel and resume."""
        return reverse("scheduling:replay", args=[self.pk])

    @property
    def is_running(self) -> bool:
        """Whether workers still fold for it."""
        return self.state == ReplayState.RUNNING

    @property
    def is_cancelled(self) -> bool:
        """Whether a person stopped it and nobody resumed it."""
        return self.state == ReplayState.CANCELLED


class ReplayStep(models.Model):
    """What one batch did for a replay, committed with the batch: appointments folded, pictures that changed."""

    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, db_index=False, related_name="steps")
    at = models.DateTimeField()
    appointments = models.IntegerField()
    changed = models.IntegerField()

    class Meta:
        ordering = ("replay", "at", "pk")
        indexes = [models.Index(fields=["replay", "at"], name="replay_steps_by_time")]

    def __str__(self) -> str:
        return f"{self.appointments} appointments at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class RefoldRequest(models.Model):
    """An appointment that is to be mapped and folded anew: a mapping was published, a clinic became known.

    ``position`` is the order in which workers take them: for a replay the source time of the oldest event concerned,
    in microseconds since 1970 (UTC); 0 for everything else, which so goes first. A parked request belongs to a
    cancelled replay and is taken by nobody until the replay is resumed.
    """

    appointment = models.OneToOneField(
        Appointment, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    replay = models.ForeignKey(
        Replay, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="requests"
    )
    position = models.BigIntegerField(default=0, db_default=0)
    is_parked = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["position", "appointment"], condition=Q(is_parked=False), name="refolds_in_source_order"
            )
        ]

    def __str__(self) -> str:
        return f"Refold {self.appointment_id}"
