"""Predicted risk of a missed visit, as it was told to us, and as it stood when somebody decided by it."""

from django.db import models
from django.db.models import Q

from recovery.models.items import QueueItem
from recovery.vocabulary import RiskArm
from scheduling.models import Appointment


class RiskScore(models.Model):
    """One score of one visit by one model, with when it was made. Only ever added."""

    appointment = models.ForeignKey(Appointment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    model = models.CharField(max_length=60)
    score = models.FloatField()
    scored_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "model", "scored_at"], name="one_score_per_visit_model_and_moment"
            ),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="a_score_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.score:.2f}"


class RiskDecision(models.Model):
    """The score by which a visit was put into the queue, or left uncontacted on purpose; frozen then."""

    appointment = models.OneToOneField(Appointment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, null=True, related_name="+")
    model = models.CharField(max_length=60)
    score = models.FloatField()
    threshold = models.FloatField()
    arm = models.CharField(max_length=8, choices=RiskArm)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.get_arm_display()} {self.score:.2f}"
