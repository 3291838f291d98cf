"""What an item falls under now, and which items an exception stops: in SQL, kept equal to Python by tests."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Case, CharField, Exists, Q, Value, When

from exceptions.selectors.blocks import blocking_members
from exceptions.vocabulary import SubjectKind
from recovery.decisions import DECISIONS_OF
from scheduling.decisions import HORIZONS
from scheduling.vocabulary import Decision

if TYPE_CHECKING:
    from recovery.querysets import QueueItemQuerySet


def blocked_q(everything: "QueueItemQuerySet", now: datetime) -> Q:
    """Open items in whose way an exception stands (recovery.selectors.holds); ``everything`` is unfiltered.

    Lists of ids instead of a condition on each row: so the database may begin with the exceptions, which are few.
    """
    asking = everything.open().annotate(present=present_decision(now))
    found = Q()
    for kind, subject in ((SubjectKind.APPOINTMENT, "appointment_id"), (SubjectKind.PATIENT, "patient_id")):
        blocks = blocking_members(kind, subject=subject, decision="present")
        found |= Q(pk__in=asking.filter(Exists(blocks)).values("pk"))
    return found


def present_decision(now: datetime) -> Case:
    """The decision an item falls under at ``now`` (recovery.decisions.decision_for), as a column."""
    whens = []
    for family, decisions in DECISIONS_OF.items():
        for decision in decisions:
            when = horizon_q(decision, now) if len(decisions) > 1 else Q()
            whens.append(When(Q(family=family) & when, then=Value(decision.value)))
    return Case(*whens, output_field=CharField())


def horizon_q(decision: Decision, now: datetime) -> Q:
    """Slots whose start falls under a refill decision at ``now``."""
    after, until = HORIZONS[decision]
    found = Q()
    if after is not None:
        found &= Q(starts_at__gt=now + after)
    if until is not None:
        found &= Q(starts_at__lte=now + until)
    return found
