"""Predicted risk of a missed visit: what was told to us, what a clinic does about it, and what was decided by it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Clinic, Source
from recovery.models.contacts import ClinicSetting
from recovery.vocabulary import RiskArm
from scheduling.models import Appointment
from scheduling.vocabulary import LaunchMode


class RiskScore(models.Model):
    """One score of one visit by one model, with when it was made. Only ever added."""

    appointment = models.ForeignKey(Appointment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    model = models.CharField(max_length=60)
    score = models.FloatField()
    scored_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reason = models.CharField(max_length=80, blank=True, help_text="What raised it most, in words of its maker.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "model", "scored_at"], name="one_score_per_visit_model_and_moment"
            ),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="a_score_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.score:.2f}"


class RiskPolicy(ClinicSetting):
    """Whether and by which scores a clinic calls people before their visits; no row means it does not.

    ``days_ahead`` is how long before the start it is decided; ``holdout`` per cent of those decided are left
    uncontacted on purpose.
    """

    is_on = models.BooleanField()
    model = models.CharField(max_length=60)
    threshold = models.FloatField()
    days_ahead = models.PositiveSmallIntegerField()
    holdout = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "risk policies"
        indexes = [models.Index(fields=["clinic", "-valid_from"], name="risk_policies_newest_first")]
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gt=0, threshold__lte=1), name="a_threshold_is_a_share"),
            models.CheckConstraint(condition=Q(days_ahead__gte=1, days_ahead__lte=14), name="decided_in_two_weeks"),
            models.CheckConstraint(condition=Q(holdout__lte=20), name="at_most_a_fifth_is_held_out"),
        ]

    def __str__(self) -> str:
        return f"{self.clinic} from {self.valid_from:%Y-%m-%d}"


class RiskSeed(models.Model):
    """The secret by which a clinic's arms are drawn (recovery.risk.arms). Made once, never changed."""

    clinic = models.OneToOneField(Clinic, on_delete=models.PROTECT, primary_key=True, related_name="+")
    secret = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Seed of {self.clinic_id}"


class RiskSender(models.Model):
    """Who may post scores of a source's visits: the bearer of a token, kept as SHA-256 in hex."""

    source = models.OneToOneField(Source, on_delete=models.PROTECT, primary_key=True, related_name="+")
    token_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"Sender of {self.source_id}"


class RiskDecision(models.Model):
    """That a visit is called about, or left uncontacted on purpose, with what it was decided by; frozen then.

    ``mode`` is how far confirming was switched on at the clinic of ``policy``; ``starts_at`` is when the visit was to
    start, so that a later move shows.
    """

    appointment = models.OneToOneField(Appointment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    policy = models.ForeignKey(RiskPolicy, on_delete=models.PROTECT, related_name="decisions")
    model = models.CharField(max_length=60)
    score = models.FloatField()
    reason = models.CharField(max_length=80, blank=True)
    threshold = models.FloatField()
    arm = models.CharField(max_length=8, choices=RiskArm)
    mode = models.CharField(max_length=12, choices=LaunchMode)
    starts_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="risk_decisions_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_arm_display()} {self.score:.2f}"
