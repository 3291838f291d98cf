"""Feeds: one stream of messages from a source, its settings, its proof of life and its intake tally."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from accounts.models import Source
from scheduling.querysets import FeedQuerySet
from scheduling.vocabulary import FeedFormat, Transport


class Feed(models.Model):
    """One stream from a source: a format and a transport."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="feeds")
    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    format = models.CharField(max_length=8, choices=FeedFormat)
    transport = models.CharField(max_length=8, choices=Transport)
    token_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the bearer token, hex.")
    owner_team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, null=True, related_name="feeds")
    is_active = models.BooleanField(default=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The feed's page."""
        return reverse("scheduling:feed", args=[self.key])


class FeedSettings(models.Model):
    """One append-only version of a feed's reader and acknowledgement settings (DESIGN sections 5 and 13).

    ``profile`` is what ``ReaderContext.profile`` gets; keys stand in ``docs/feeds.md``.
    """

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="settings_versions")
    profile = models.JSONField(default=dict)
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["feed", "-id"], name="feed_settings_newest_first")]

    def __str__(self) -> str:
        return f"{self.feed} from {self.valid_from:%Y-%m-%d %H:%M}"


class FeedProof(models.Model):
    """When a feed last proved that it is current (I6), and how new its newest content is: two different clocks.

    ``digested_to`` is the receipt time of the newest digested message; what still waits is subtracted on reading.
    """

    feed = models.OneToOneField(Feed, on_delete=models.CASCADE, primary_key=True, related_name="proof")
    digested_to = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True, help_text="Canary, empty poll or heartbeat; no content.")
    newest_content_at = models.DateTimeField(null=True, help_text="Newest source time seen.")

    def __str__(self) -> str:
        return f"{self.feed} {self.digested_to}"


class IntakeTally(models.Model):
    """Messages received per feed and UTC day, counted at intake and nowhere else (I2).

    Sharded by intake process so that senders do not wait for each other's row.
    """

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="tallies")
    on = models.DateField()
    shard = models.SmallIntegerField()
    received = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "on", "shard"], name="one_tally_per_feed_day_shard")]

    def __str__(self) -> str:
        return f"{self.feed} {self.on} {self.received}"


class Extract(models.Model):
    """One full extract: applies whole, as of ``taken_at``; absence from it means vanished (I3)."""

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="extracts")
    key = models.CharField(max_length=80)
    taken_at = models.DateTimeField()
    rows = models.IntegerField()
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    vanished = models.IntegerField(null=True)
    guarded = models.BooleanField(default=False, help_text="Too much vanished at once; nothing was concluded.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "key"], name="one_extract_per_feed_and_key")]

    def __str__(self) -> str:
        return f"{self.feed} {self.key}"
