"""The outbox of notices (I9), and the steps of escalation that were run."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from exceptions.models.channels import WebhookEndpoint
from exceptions.models.exceptions import IntegrationException
from exceptions.notices.querysets import NoticeQuerySet
from exceptions.vocabulary import Channel, NoticeKind, NoticeState


class StepRun(models.Model):
    """One step of an escalation plan that was run. ``no`` counts on through repeats of the plan.

    Unique per exception, spell and number: two sweeps at once run a step once.
    """

    exception = models.ForeignKey(
        IntegrationException, on_delete=models.CASCADE, db_index=False, related_name="step_runs"
    )
    spell_no = models.IntegerField()
    no = models.SmallIntegerField()
    due_at = models.DateTimeField()
    ran_at = models.DateTimeField()
    told = models.JSONField(default=list, help_text="Ids of who was told; empty with ``note`` saying why.")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exception", "spell_no", "no"], name="one_run_per_step_of_a_spell")
        ]

    def __str__(self) -> str:
        return f"Step {self.no} of {self.exception_id}"


class Notice(models.Model):
    """One notice to one recipient by one channel; written with the change that it tells of, sent afterwards.

    ``key`` makes writing it twice impossible and goes along with every try, so that a receiver can drop a repeat. A
    notice in the desk is delivered by being written. ``sentence`` holds ids and words of the catalogue, never patient
    data (I12). A member of a digest points at it by ``digest``.
    """

    key = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=NoticeKind)
    channel = models.CharField(max_length=8, choices=Channel)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, null=True, related_name="notices"
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.PROTECT, db_index=False, null=True, related_name="notices"
    )
    exception = models.ForeignKey(
        IntegrationException, on_delete=models.CASCADE, db_index=False, null=True, related_name="notices"
    )
    step_run = models.ForeignKey(StepRun, on_delete=models.SET_NULL, db_index=False, null=True, related_name="notices")
    digest = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, db_index=False, related_name="members")
    sentence = models.CharField(max_length=300)
    is_urgent = models.BooleanField(default=False, help_text="Goes out in quiet hours too.")
    created_at = models.DateTimeField()
    send_after = models.DateTimeField()
    deadline_at = models.DateTimeField(help_text="After this it is not worth sending any more.")
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.WAITING)
    tries = models.SmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="When it was sent, given up, or put into a digest.")
    problem = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_notice_per_key"),
            models.CheckConstraint(
                condition=Q(channel="webhook", endpoint__isnull=False, person__isnull=True)
                | (~Q(channel="webhook") & Q(person__isnull=False, endpoint__isnull=True)),
                name="a_notice_has_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending"], settled_at__isnull=True)
                | (~Q(state__in=["waiting", "sending"]) & Q(settled_at__isnull=False)),
                name="a_settled_notice_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_after", "id"], condition=Q(state__in=["waiting", "sending"]), name="notices_to_send"
            ),
            models.Index(fields=["person", "-created_at", "-id"], name="notices_of_a_person"),
            models.Index(fields=["person"], condition=Q(channel="in_app", read_at__isnull=True), name="notices_unread"),
            models.Index(fields=["exception", "-created_at"], name="notices_about_an_exception"),
            models.Index(
                fields=["endpoint", "-created_at", "-id"],
                condition=Q(endpoint__isnull=False),
                name="notices_to_an_endpoint",
            ),
            models.Index(
                fields=["channel", "settled_at"], condition=Q(settled_at__isnull=False), name="notices_by_settling"
            ),
            models.Index(fields=["digest"], condition=Q(digest__isnull=False), name="notices_of_a_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} notice {self.pk}"
