"""What a person keeps of the list: saved views, and acts that can be taken back."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Team
from exceptions.vocabulary import Verb


class SavedView(models.Model):
    """A named filter of the list: its query string, without patient data. One's own, or shared with a team."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exception_views")
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="exception_views", help_text="Shared with."
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_saved_view_per_name")]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """The view with which a person's list opens; a view that is deleted takes this along."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="default_exception_view"
    )
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.person} begins with {self.view}"


class Act(models.Model):
    """What one person did to one or many exceptions at once, with the outcome of each, to be taken back for a while.

    ``outcomes`` are ``[exception id, "done" | "refused", sentence, version after, what it was before]``.
    """

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exception_acts")
    verb = models.CharField(max_length=16, choices=Verb)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    asked = models.IntegerField()
    done = models.IntegerField()
    outcomes = models.JSONField(default=list)
    undo_until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor", "-at"], name="acts_of_a_person")]
        constraints = [models.CheckConstraint(condition=Q(done__lte=models.F("asked")), name="no_more_done_than_asked")]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.done} of {self.asked}"
