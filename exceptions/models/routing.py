"""Who gets an exception, and who is told when nobody acts: rules, policies, and windows in which nobody is told."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Deferrable, F, Q

from accounts.models import Clinic, Source, Team
from exceptions.models.channels import WebhookEndpoint
from exceptions.vocabulary import Family, Hours, Severity, Target
from scheduling.models import Feed

LONGEST_WINDOW = timedelta(days=14)


class EscalationPolicy(models.Model):
    """Who is told, in which order, while nobody acts. A copy is frozen on the exception when it opens.

    After the last step the plan begins again, ``repeats`` times at most. ``default_for`` is the severity that takes
    this policy where no rule names one.
    """

    name = models.CharField(max_length=80, unique=True)
    repeats = models.PositiveSmallIntegerField(default=0)
    default_for = models.SmallIntegerField(choices=Severity, null=True, blank=True, unique=True)
    version = models.IntegerField(default=1, help_text="Counts changes of the policy and of its steps.")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "escalation policies"
        constraints = [models.CheckConstraint(condition=Q(repeats__lte=10), name="a_policy_repeats_ten_times_at_most")]

    def __str__(self) -> str:
        return self.name


class EscalationStep(models.Model):
    """One step: wait, then tell somebody. ``wait`` counts from the step before, in real time.

    With ``hours`` other than "always" a step that falls due outside of them waits for their next beginning.
    """

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    no = models.PositiveSmallIntegerField()
    wait = models.DurationField()
    target = models.CharField(max_length=12, choices=Target)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, help_text="Empty: the team that owns the exception."
    )
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT, null=True, blank=True)
    hours = models.CharField(max_length=12, choices=Hours, default=Hours.ALWAYS)

    class Meta:
        ordering = ("policy", "no")
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "no"], name="one_step_per_number", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(target="person", person__isnull=False)
                | Q(target="webhook", endpoint__isnull=False)
                | Q(target__in=["team", "duty"]),
                name="a_step_names_whom_it_tells",
            ),
            models.CheckConstraint(
                condition=Q(wait__gte=timedelta(0), wait__lte=timedelta(days=7)), name="a_step_waits_a_week_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} step {self.no}"


class RoutingRule(models.Model):
    """One routing rule; the first active one that fits in order of ``position`` decides. Empty conditions fit all.

    ``raw_pattern`` is a regular expression searched in the raw value. Every change counts ``version`` up, so that an
    exception can say that its rule changed since.
    """

    position = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    checks = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    families = ArrayField(models.CharField(max_length=16, choices=Family), default=list, blank=True)
    severities = ArrayField(models.SmallIntegerField(choices=Severity), default=list, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    raw_pattern = models.CharField(max_length=200, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    policy = models.ForeignKey(EscalationPolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["position"], name="one_rule_per_position", deferrable=Deferrable.DEFERRED)
        ]

    def __str__(self) -> str:
        return self.name


class PlanChange(models.Model):
    """One change of a rule or a policy, with what it said before and after. Only ever added."""

    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE, null=True, related_name="changes")
    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, null=True, related_name="changes")
    version = models.IntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__isnull=False, policy__isnull=True) | Q(rule__isnull=True, policy__isnull=False),
                name="a_change_is_of_a_rule_or_a_policy",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule or self.policy} version {self.version}"


class MaintenanceWindow(models.Model):
    """A stretch in which nobody is told about a source, feed or clinic; detecting, holding and closing go on.

    When it is over (or was ended early, ``ended_at``) what is still open is looked at once: ``rechecked_at``.
    """

    name = models.CharField(max_length=80)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    rechecked_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-starts_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST_WINDOW),
                name="every_maintenance_window_has_an_end",
            )
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], condition=Q(rechecked_at__isnull=True), name="maintenance_windows_to_recheck"
            )
        ]

    def __str__(self) -> str:
        return self.name
