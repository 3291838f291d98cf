"""Queue items: one chance each to recover a visit, and the history of each."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Clinic, Source
from recovery.models.claims import WorkedItem
from recovery.querysets import QueueItemQuerySet
from recovery.reasons import StaticReason
from recovery.vocabulary import CloseReason, Family, ItemEventKind, ItemState, Level
from scheduling.models import Appointment, Patient, Replay
from scheduling.vocabulary import EventKind, Initiator, SetBy


class QueueItem(WorkedItem):
    """One chance to recover a visit: a freed slot to refill, or a lost visit to rebook.

    Items open, change and close by themselves as messages arrive; closed ones are kept. ``subject`` names what is to
    be recovered, so that one chance is open once. Facts decide ``reasons`` and the three moments (``ready_from``,
    ``useful_until``, ``starts_at``); the clock and the feeds' freshness are judged on reading.
    """

    family = models.CharField(max_length=16, choices=Family)
    subject = models.TextField(help_text="The slot (source, start, resource) or the appointment that was lost.")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, related_name="+")
    clinic = models.ForeignKey(
        Clinic, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="queue_items",
        help_text="The visit that gave the slot back, or that was lost.",
    )
    patient = models.ForeignKey(
        Patient,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        help_text="Whom to rebook: the record that survived merges. Empty for a refill.",
    )
    resource = models.TextField(null=True)
    resource_day = models.BigIntegerField(null=True, help_text="The owner row of the slot; empty for a rebook.")
    starts_at = models.DateTimeField()
    minutes = models.IntegerField()
    visit_type = models.TextField(null=True)
    cause = models.CharField(max_length=16, choices=EventKind)
    initiator = models.CharField(max_length=8, choices=Initiator, null=True)
    set_by = models.CharField(max_length=8, choices=SetBy, null=True)
    lost_at = models.DateTimeField(help_text="Source time at which the slot was given back or the visit lost.")
    heard_at = models.DateTimeField(help_text="When we received that.")
    ready_from = models.DateTimeField(help_text="Not before: close of business on the day of a missed visit.")
    useful_until = models.DateTimeField(help_text="The last useful moment to act.")
    value = models.SmallIntegerField()
    reach = models.SmallIntegerField()
    risk = models.SmallIntegerField()
    weight = models.SmallIntegerField(help_text="value x reach x risk; see recovery.ranking.")
    reasons = models.JSONField(default=list, help_text="Reasons that facts decide; see recovery.reasons.")
    level = models.SmallIntegerField(choices=Level, help_text="The heaviest of the stored reasons.")
    state = models.CharField(max_length=8, choices=ItemState)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=16, choices=CloseReason, null=True)
    version = models.IntegerField(help_text="Grows with every change; a stale act names an older one.")

    objects = QueueItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["family", "subject"], condition=Q(state=ItemState.OPEN), name="one_open_item_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(state=ItemState.OPEN, closed_at__isnull=True, close_reason__isnull=True)
                | Q(state=ItemState.CLOSED, closed_at__isnull=False, close_reason__isnull=False),
                name="closed_item_says_when_and_why",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True, claimed_until__isnull=True)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="every_claim_has_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["useful_until"], condition=Q(state=ItemState.OPEN), name="open_items_by_end"),
            models.Index(fields=["resource_day"], condition=Q(state=ItemState.OPEN), name="open_items_by_resource_day"),
            models.Index(fields=["patient"], condition=Q(state=ItemState.OPEN), name="open_items_by_patient"),
            models.Index(fields=["-opened_at"], name="items_newest_first"),
            models.Index(fields=["claimed_by"], condition=Q(claimed_by__isnull=False), name="items_by_holder"),
            models.Index(fields=["claimed_until"], condition=Q(claimed_until__isnull=False), name="items_by_claim_end"),
            models.Index(
                fields=["next_step", "not_before"],
                condition=Q(state=ItemState.OPEN) & ~Q(next_step=""),
                name="open_items_by_next_step",
            ),
            models.Index(
                fields=["family", "subject"], condition=Q(close_reason=CloseReason.DONE), name="items_done_by_hand"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_family_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        """The item's own page."""
        return reverse("recovery:item", args=[self.pk])

    @property
    def zone(self) -> ZoneInfo:
        """Whose clock counts: the clinic's, else that of its source."""
        return self.clinic.zone if self.clinic is not None else self.source.zone

    @property
    def is_open(self) -> bool:
        """Whether the chance still stands, as far as messages and sweeps have told."""
        return self.state == ItemState.OPEN

    @property
    def is_done_by_hand(self) -> bool:
        """Whether a person closed it, who may open it again while the chance lasts."""
        return self.close_reason == CloseReason.DONE

    @property
    def static_reasons(self) -> tuple[StaticReason, ...]:
        """The stored reasons as values."""
        return tuple(StaticReason(*row) for row in self.reasons)


class ItemEvent(models.Model):
    """One thing that happened to an item, by whom (empty: the system, told by a message or the clock)."""

    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=ItemEventKind)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)
    replay = models.ForeignKey(
        Replay,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="The replay of a mapping that brought it about.",
    )

    class Meta:
        ordering = ("at", "id")
        indexes = [
            models.Index(fields=["replay"], condition=Q(replay__isnull=False), name="item_events_by_replay"),
            models.Index(
                fields=["actor", "-at"],
                condition=Q(kind__in=[ItemEventKind.REFUSED, ItemEventKind.RELEASED]),
                name="what_people_could_not_do",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.kind}"
