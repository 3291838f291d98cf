"""Dry runs of a mapping revision over stored messages, as rows that outlive the process computing them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from scheduling.mapping.vocabulary import PreviewState
from scheduling.models.mapping import MappingRevision


class MappingPreview(models.Model):
    """One dry run: what publishing a revision would change, from ``effective_from``, among events since ``since``.

    Both are source times. ``version`` is the revision's edit count when it was asked for, so that a preview of an
    older draft shows as such. ``total`` and ``done`` count events. ``result`` holds counts, counts by clinic and
    capped lists of ids and codes, never a patient's words. Whoever computes keeps ``heartbeat_at`` fresh.
    """

    revision = models.ForeignKey(MappingRevision, on_delete=models.CASCADE, related_name="previews")
    version = models.PositiveIntegerField()
    effective_from = models.DateTimeField()
    since = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=PreviewState, default=PreviewState.WAITING)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)

    class Meta:
        ordering = ("-requested_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[PreviewState.WAITING, PreviewState.RUNNING], finished_at__isnull=True)
                | (~Q(state__in=[PreviewState.WAITING, PreviewState.RUNNING]) & Q(finished_at__isnull=False)),
                name="finished_preview_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=PreviewState.DONE) | Q(result__isnull=False), name="done_preview_has_a_result"
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(state__in=[PreviewState.WAITING, PreviewState.RUNNING]),
                name="previews_to_compute",
            )
        ]

    def __str__(self) -> str:
        return f"Preview {self.pk}"
