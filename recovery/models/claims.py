"""Columns of a queue item that people write, kept apart from those that messages write."""

from django.conf import settings
from django.db import models

from recovery.vocabulary import NextStep


class WorkedItem(models.Model):
    """What people did with a chance so far. A batch never writes these columns, so neither overwrites the other.

    A claim is a lease: whoever holds it until ``claimed_until`` works the item, activity renews it. ``not_before`` is
    when the next step may be done (a rest after a try, a call back at a time): until then it is not ready. Where a
    batch opens an item the database fills these columns in.
    """

    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(
        default=0, db_default=0, help_text="Attempts that count against the limit of its family."
    )
    next_step = models.CharField(max_length=16, choices=NextStep, blank=True, db_default="")
    not_before = models.DateTimeField(null=True)
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    pinned_until = models.DateTimeField(null=True)
    pin_reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        abstract = True
