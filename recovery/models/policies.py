"""How a clinic recovers: what may be done with a visit type, how offers go out, how often people are tried."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from recovery.models.contacts import ClinicSetting
from recovery.vocabulary import Decider, Family, Movable


class VisitTypeRule(ClinicSetting):
    """What may be done with one visit type; no row means it may not be offered without a person's review."""

    visit_type = models.TextField()
    movable = models.CharField(max_length=8, choices=Movable)
    preparation = models.DurationField(help_text="What the patient needs before the visit (fasting, transport).")
    notice = models.DurationField(help_text="The least notice.")
    fits = ArrayField(models.TextField(), default=list, blank=True, help_text="Visit types whose slots it may take.")
    decider = models.CharField(max_length=10, choices=Decider)
    remark = models.CharField(max_length=200, blank=True)
    is_confidential = models.BooleanField(
        default=False, help_text="A minor's visit of this type is not spoken of to a guardian."
    )

    class Meta:
        indexes = [models.Index(fields=["clinic", "visit_type", "-valid_from"], name="visit_type_rules_newest_first")]

    def __str__(self) -> str:
        return f"{self.clinic}: {self.visit_type}"


class OfferPolicy(ClinicSetting):
    """How offers escalate as the start nears: rows of ``[hours before, minutes to answer, people at once]``."""

    steps = models.JSONField()
    channels = ArrayField(models.CharField(max_length=10), help_text="In which order channels are tried.")

    class Meta:
        verbose_name_plural = "offer policies"
        indexes = [models.Index(fields=["clinic", "-valid_from"], name="offer_policies_newest_first")]

    def __str__(self) -> str:
        return f"{self.clinic} from {self.valid_from:%Y-%m-%d}"


class AttemptPolicy(ClinicSetting):
    """How often a family of items is tried and how long it rests between; no row means the default."""

    family = models.CharField(max_length=16, choices=Family)
    most_tries = models.PositiveSmallIntegerField(null=True, help_text="Empty: no limit.")
    rest = models.DurationField()
    first_within = models.DurationField(null=True)

    class Meta:
        verbose_name_plural = "attempt policies"
        indexes = [models.Index(fields=["clinic", "family", "-valid_from"], name="attempt_policies_newest_first")]
        constraints = [
            models.CheckConstraint(condition=Q(most_tries__isnull=True) | Q(most_tries__gte=1), name="at_least_one_try")
        ]

    def __str__(self) -> str:
        return f"{self.clinic}: {self.get_family_display()}"
