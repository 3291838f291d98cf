"""Words of judgement. ``visible_to`` is the only door a view may use (I13)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import F, Q, QuerySet

from accounts.scope import clinic_scope_q
from exceptions.vocabulary import Severity, State

if TYPE_CHECKING:
    from exceptions.models import IntegrationException, Membership  # noqa: F401 - named in the bases below

SHOWN = (
    "check_id", "raw", "severity", "state", "version", "opened_at", "occurred_last", "live_count", "muted_until",
    "waived_until", "taken_until", "next_step_at", "next_step_no", "policy", "source__name", "source__timezone",
    "feed__name", "clinic__name", "clinic__timezone", "owner__first_name", "owner__last_name", "owner__username",
    "owner_team__name",
)  # fmt: skip
# What happens to an exception by itself, by the moment it happens.
CLOCKS = ("next_step_at", "muted_until", "taken_until", "waived_until")


def unresolved_q() -> Q:
    """Rows that still need somebody; written as the partial indexes have it."""
    return ~Q(state=State.RESOLVED)


def blocking_q() -> Q:
    """Rows that hold or block visits at this moment, and that nobody has accepted; muting only stops notices."""
    return unresolved_q() & Q(severity=Severity.BLOCKING, live_count__gt=0, waived_until__isnull=True)


def mine_q(user: Any) -> Q:
    """Rows that one person answers for."""
    return unresolved_q() & Q(owner=user)


def team_q(user: Any) -> Q:
    """Rows of a person's teams."""
    return unresolved_q() & Q(owner_team__in=user.teams.values("pk"))


def nobodys_q() -> Q:
    """Rows that a team owns and no person has taken."""
    return unresolved_q() & Q(owner__isnull=True)


def due_q(until: datetime) -> Q:
    """Rows to which something happens by itself before ``until``, what is overdue included: a step, an end."""
    clocks = Q()
    for name in CLOCKS:
        clocks |= Q(**{f"{name}__lte": until})
    return unresolved_q() & clocks


def firing_q() -> Q:
    """Muted rows that still have live findings, or to which something happened since they were muted."""
    return Q(state=State.MUTED) & (Q(live_count__gt=0) | Q(occurred_last__gt=F("muted_at")))


def in_state_q(state: State) -> Q:
    """Rows in one state."""
    return Q(state=state)


class IntegrationExceptionQuerySet(QuerySet["IntegrationException"]):
    """Integration exceptions."""

    def visible_to(self, user: Any) -> Self:
        """Exceptions of the person's clinics; one without a clinic follows the source's grants."""
        return self.filter(clinic_scope_q(user, "clinic", "source"))

    def unresolved(self) -> Self:
        """Those that still need somebody."""
        return self.filter(unresolved_q())

    def blocking(self) -> Self:
        """Those that stand in the way of patient-facing work now."""
        return self.filter(blocking_q())

    def with_places(self) -> Self:
        """With the rows a list prints beside each."""
        return self.select_related("source", "clinic", "feed", "owner", "owner_team")

    def listed(self) -> Self:
        """Only what a row of the list prints: a wide row is what makes fifty of them dear."""
        return self.select_related("source", "clinic", "feed", "owner", "owner_team").only(*SHOWN)

    def mute_ended(self, now: datetime) -> Self:
        """Muted ones whose end has come."""
        return self.filter(state=State.MUTED, muted_until__lte=now)


class MembershipQuerySet(QuerySet["Membership"]):
    """Live findings."""

    def standing(self) -> Self:
        """Those of exceptions that are not closed."""
        return self.exclude(exception__state=State.RESOLVED)
