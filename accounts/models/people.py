"""People, teams and what they may see."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models.sources import Clinic, Source
from accounts.vocabulary import Density, Role, Theme


class User(AbstractUser):
    """A person who works at the desk. Signs in with an e-mail address as user name."""

    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO)
    density = models.CharField(max_length=8, choices=Density, default=Density.COSY)
    has_keys = models.BooleanField(default=True, help_text="Single-key shortcuts (WCAG 2.1.4 asks for a switch).")
    timezone = models.CharField(max_length=64, blank=True, help_text="Empty: times are shown in the clinic's zone.")

    class Meta(AbstractUser.Meta):
        constraints = [models.UniqueConstraint(Lower("username"), name="one_person_per_address_in_any_case")]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Team(models.Model):
    """People who own a kind of problem together."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(User, related_name="teams", blank=True)
    is_catch_all = models.BooleanField(default=False, help_text="Gets what no rule routes.")

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["is_catch_all"], condition=Q(is_catch_all=True), name="one_catch_all_team")
        ]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """A role inside a source or a clinic; with neither, everywhere."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16, choices=Role)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, null=True, blank=True, related_name="grants")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "source", "clinic"], name="one_grant_per_scope", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=True) | Q(clinic__isnull=True), name="grant_names_source_or_clinic"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} in {self.clinic or self.source or 'everything'}"


class SignInFailure(models.Model):
    """A failed sign-in, counted for throttling; keyed by a digest so that no typed name is kept."""

    key = models.BinaryField(max_length=32)
    failed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "failed_at"], name="sign_in_failures_by_key")]

    def __str__(self) -> str:
        return f"{bytes(self.key).hex()[:8]} {self.failed_at:%H:%M:%S}"
