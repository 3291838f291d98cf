"""The durable inbox: what arrived byte for byte, what still waits, and where the rest ended.

Foreign keys of the hot tables carry no database constraint: a check per row would cost more than the row. The ledger
(I2) and its test find a lost row instead (docs/decisions/0002-hot-tables.md).
"""

from django.db import models
from django.urls import reverse

from scheduling.models.feeds import Extract, Feed
from scheduling.querysets import MessageQuerySet
from scheduling.vocabulary import MessageKind, Outcome, Transport


class Message(models.Model):
    """What arrived, byte for byte. Written once, never updated."""

    feed = models.ForeignKey(Feed, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    received_at = models.DateTimeField()
    control_id = models.TextField()
    control_hash = models.BigIntegerField(help_text="64-bit digest of the control id; 0 = none given.")
    digest = models.BinaryField(max_length=16, help_text="BLAKE2b-128 of the body.")
    body = models.BinaryField()
    transport = models.CharField(max_length=8, choices=Transport)
    extract = models.ForeignKey(
        Extract, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["feed", "control_hash"], name="messages_by_control_id")]

    def __str__(self) -> str:
        return f"Message {self.pk}"

    def get_absolute_url(self) -> str:
        """The message page: masked until asked."""
        return reverse("scheduling:message", args=[self.pk])


class Waiting(models.Model):
    """What is still to be digested; thin, deleted from, so that the fat message row stays untouched.

    ``patient_hash`` is CRC-32 of the patient id found at intake, ``lane`` its low six bits, or those of a record it was
    merged into (see LaneLink).
    """

    message = models.OneToOneField(
        Message, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    feed = models.ForeignKey(Feed, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    lane = models.SmallIntegerField()
    patient_hash = models.BigIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["lane", "message"], name="waiting_by_lane")]

    def __str__(self) -> str:
        return f"Waiting {self.message_id}"


class LaneLink(models.Model):
    """A merge that intake saw: messages of the retired id are digested in the lane of its survivor.

    Only a hint for who works on what. Merge edges of patients are facts; these are not.
    """

    patient_hash = models.BigIntegerField(primary_key=True, help_text="CRC-32 of the retired id.")
    survivor_hash = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.patient_hash} -> {self.survivor_hash}"


class Receipt(models.Model):
    """Where a message ended that left no mapped event: duplicate, rejected, failed, patient, slot, nothing."""

    message = models.OneToOneField(
        Message, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    feed = models.ForeignKey(Feed, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    kind = models.SmallIntegerField(choices=MessageKind)
    reason = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(blank=True, help_text="Why, in plain words; no patient data.")
    patient = models.ForeignKey(
        "scheduling.Patient", on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    order_key = models.BinaryField(null=True)
    traceback_id = models.CharField(max_length=36, blank=True)

    def __str__(self) -> str:
        return f"{self.message_id} {self.outcome}"


class EnvelopeNote(models.Model):
    """Something wrong with an envelope (wrong count, cut short) or an extract, kept until it is judged.

    ``message_id`` 0 where no single message is to blame.
    """

    feed = models.ForeignKey(Feed, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    received_at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    raw = models.CharField(max_length=200, blank=True)
    message = models.ForeignKey(
        Message, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.feed_id} {self.kind}"
