"""An integration exception and the live findings it stands for."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Clinic, Source, Team
from exceptions.catalogue import check_of
from exceptions.checks.kinds import Check
from exceptions.querysets import IntegrationExceptionQuerySet, MembershipQuerySet
from exceptions.vocabulary import Severity, State, SubjectKind
from scheduling.models import Feed
from scheduling.vocabulary import Decision


class IntegrationException(models.Model):
    """A group of equal findings: same check, source or feed, clinic and raw value (I7).

    ``live_count`` counts its memberships and always equals them. ``occurrences`` counts what ever happened, live or
    not; ``occurred_*`` are source times, ``opened_at`` (of this spell) and ``resolved_at`` are ours. ``version``
    counts moves, not findings, so that a form is stale only when someone moved the exception. Of message ids the
    first and last 20 stay.
    """

    fingerprint = models.BinaryField(max_length=16)
    check_id = models.CharField(max_length=40)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, related_name="exceptions")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, db_index=False, null=True, related_name="exceptions")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, db_index=False, null=True, related_name="exceptions")
    raw = models.CharField(max_length=200, blank=True, help_text="The culprit value, never patient data.")
    severity = models.SmallIntegerField(choices=Severity)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    version = models.IntegerField(default=1)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    occurred_first = models.DateTimeField()
    occurred_last = models.DateTimeField()
    live_count = models.IntegerField(default=0)
    occurrences = models.BigIntegerField(default=0)
    first_samples = ArrayField(models.BigIntegerField(), default=list)
    last_samples = ArrayField(models.BigIntegerField(), default=list)
    owner_team = models.ForeignKey(Team, on_delete=models.PROTECT, db_index=False, null=True, related_name="exceptions")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="exceptions")
    taken_at = models.DateTimeField(null=True)
    taken_until = models.DateTimeField(null=True, help_text="A take that nobody renews ends here (I10).")
    muted_at = models.DateTimeField(null=True, help_text="When it was muted last; what happened since is news.")
    muted_until = models.DateTimeField(null=True)
    waived_until = models.DateTimeField(null=True, help_text="Until then it blocks nothing that it does not hold.")
    next_step_at = models.DateTimeField(null=True)
    next_step_no = models.SmallIntegerField(default=0)
    policy = models.JSONField(null=True, help_text="The escalation plan as it stood when this opened.")
    route = models.JSONField(null=True, help_text="The rule that chose the owner, as it stood then.")
    spell_no = models.IntegerField(default=1)

    objects = IntegrationExceptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=~Q(state="resolved"), name="one_open_exception_per_fingerprint"
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_at__isnull=False)
                | (~Q(state="resolved") & Q(resolved_at__isnull=True)),
                name="resolved_exceptions_say_when",
            ),
            models.CheckConstraint(
                condition=Q(state="muted", muted_until__isnull=False)
                | (~Q(state="muted") & Q(muted_until__isnull=True)),
                name="every_mute_has_an_end",
            ),
            models.CheckConstraint(condition=Q(live_count__gte=0), name="live_findings_are_counted_up_first"),
            models.CheckConstraint(
                condition=Q(taken_until__isnull=True) | Q(state="taken"), name="only_a_taken_exception_has_a_take_end"
            ),
        ]
        indexes = [
            models.Index(fields=["fingerprint"], name="exceptions_by_fingerprint"),
            models.Index(
                fields=["severity", "-live_count", "-id"],
                condition=~Q(state="resolved"),
                name="exceptions_worst_first",
            ),
            models.Index(fields=["-occurred_last", "-id"], name="exceptions_newest_first"),
            # The splits of the inbox are counted in one pass over this index alone.
            models.Index(
                fields=["severity"],
                include=[
                    "state",
                    "live_count",
                    "owner",
                    "owner_team",
                    "source",
                    "clinic",
                    "next_step_at",
                    "muted_at",
                    "muted_until",
                    "taken_until",
                    "waived_until",
                    "occurred_last",
                ],
                condition=~Q(state="resolved"),
                name="open_exceptions_are_counted",
            ),
            # The same kind and raw value at other places.
            models.Index(fields=["check_id", "raw"], condition=~Q(state="resolved"), name="exceptions_of_one_kind"),
            # A split that holds few rows is counted without looking at all that is open.
            models.Index(fields=["state"], name="exceptions_by_state"),
            models.Index(fields=["owner_team", "owner"], condition=~Q(state="resolved"), name="exceptions_by_team"),
            models.Index(fields=["muted_until"], condition=Q(muted_until__isnull=False), name="exceptions_by_mute_end"),
            models.Index(
                fields=["next_step_at"], condition=Q(next_step_at__isnull=False), name="exceptions_by_next_step"
            ),
            models.Index(fields=["taken_until"], condition=Q(taken_until__isnull=False), name="exceptions_by_take_end"),
            models.Index(
                fields=["waived_until"], condition=Q(waived_until__isnull=False), name="exceptions_by_waiver_end"
            ),
        ]

    def __str__(self) -> str:
        return f"Exception {self.pk}"

    def get_absolute_url(self) -> str:
        """Its page: the list with its pane open."""
        return reverse("exceptions:detail", args=[self.pk])

    @property
    def kind(self) -> Check:
        """The kind of problem."""
        return check_of(self.check_id)

    @property
    def blocks(self) -> list[Decision]:
        """The decisions it stands in the way of, in the order people know them; none once closed."""
        return [] if self.state == State.RESOLVED else [d for d in Decision if d in self.kind.blocks]

    @property
    def is_resolved(self) -> bool:
        """Whether it is closed."""
        return self.state == State.RESOLVED


class Membership(models.Model):
    """One live finding: this exception is about this subject now. Deleted when the cause is gone.

    ``decision`` is empty where the finding blocks all that its check blocks.
    """

    exception = models.ForeignKey(
        IntegrationException, on_delete=models.CASCADE, db_index=False, related_name="memberships"
    )
    subject_kind = models.SmallIntegerField(choices=SubjectKind)
    subject_id = models.BigIntegerField()
    decision = models.CharField(max_length=16, blank=True, choices=Decision)
    since = models.DateTimeField(help_text="Source time.")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exception", "subject_kind", "subject_id", "decision"], name="one_membership_per_finding"
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="memberships_by_subject")]

    def __str__(self) -> str:
        return f"{self.get_subject_kind_display()} {self.subject_id}"
