"""Texts and e-mails on their way out, and what came back."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Source
from recovery.models.attempts import Attempt
from recovery.models.contacts import MessageTemplate
from recovery.outreach.querysets import OutboundQuerySet, ReplyQuerySet
from recovery.vocabulary import OutboundState, ReplyMeaning


class Outbound(models.Model):
    """One text or e-mail: written with its attempt, guarded once more at the moment of sending, sent afterwards.

    ``key`` goes along with every try, so that a gateway can drop a repeat. Contact data stays in ``attempt``.
    """

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="outbound")
    key = models.CharField(max_length=64, unique=True)
    template = models.ForeignKey(MessageTemplate, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    send_after = models.DateTimeField()
    deadline_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=OutboundState, default=OutboundState.WAITING)
    tries = models.SmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    status_at = models.DateTimeField(null=True, help_text="When the gateway last told how it fared.")
    gateway_id = models.CharField(max_length=120, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    objects = OutboundQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["send_after", "id"], condition=Q(state__in=["waiting", "sending"]), name="outbounds_to_send"
            ),
            models.Index(fields=["gateway_id"], condition=~Q(gateway_id=""), name="outbounds_by_gateway_id"),
        ]

    def __str__(self) -> str:
        return f"Outbound {self.pk}"


class Reply(models.Model):
    """What a person wrote back. A ``meaning`` that is unclear, such as of "cancel", is ASK: a person finds out."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, null=True, related_name="+")
    outbound = models.ForeignKey(Outbound, on_delete=models.PROTECT, null=True, related_name="replies")
    key = models.CharField(max_length=120, unique=True, help_text="The gateway's own id of the reply.")
    value = models.TextField(help_text="The number or address that it came from.")
    body = models.TextField(max_length=1000)
    received_at = models.DateTimeField()
    meaning = models.CharField(max_length=12, choices=ReplyMeaning)
    effect = models.CharField(max_length=200, blank=True, help_text="What the desk did because of it.")
    handled_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "replies"
        indexes = [
            models.Index(fields=["received_at"], condition=Q(handled_at__isnull=True), name="replies_to_handle"),
            models.Index(fields=["value", "-received_at"], name="replies_by_value"),
        ]

    def __str__(self) -> str:
        return f"Reply {self.pk}"
