"""Where notices go: endpoints of other systems, and what each person wants to be told and when."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from exceptions.vocabulary import EmailMode, WebhookStyle


class WebhookEndpoint(models.Model):
    """An address of another system; what is sent there is signed with ``secret`` and holds no patient data (I12)."""

    name = models.CharField(max_length=80, unique=True)
    url = models.URLField(max_length=300)
    secret = models.CharField(max_length=120)
    style = models.CharField(max_length=8, choices=WebhookStyle, default=WebhookStyle.PLAIN)
    most_per_hour = models.PositiveSmallIntegerField(default=60)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(condition=Q(most_per_hour__gte=1), name="an_endpoint_may_be_told_something")
        ]

    def __str__(self) -> str:
        return self.name


class NoticeSettings(models.Model):
    """What one person wants beside the notices in the desk, which always come.

    Quiet hours are local times of the person's zone; from later than until means over midnight. What blocks work and
    is addressed to the person on duty is sent all the same.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_settings")
    email = models.CharField(max_length=8, choices=EmailMode, default=EmailMode.HOURLY)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    most_per_hour = models.PositiveSmallIntegerField(default=12, help_text="E-mails; what is above goes into a digest.")

    class Meta:
        verbose_name_plural = "notice settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"Notices of {self.person}"
