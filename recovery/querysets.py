"""Words of the queue, and the SQL twin of the verdict (recovery.verdict); tests keep the two equal."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)

from accounts.models import ClinicLaunchMode
from accounts.scope import clinic_scope_q
from recovery.blocking import blocked_q, horizon_q
from recovery.decisions import DECISIONS_OF
from recovery.outcomes import PASSED_ON, SETTLED
from recovery.ranking import BANDS, BEHIND, LAST_BAND, LOST_BANDS, PINNED_BAND
from recovery.trust import ClinicTrust
from recovery.vocabulary import ItemState, Level, NextStep
from scheduling.vocabulary import Decision, LaunchMode

if TYPE_CHECKING:
    from recovery.models import QueueItem  # noqa: F401 - the base class below names it in quotes

Trusts = Iterable[ClinicTrust]
NOTHING = Q(pk__in=[])


def held_q(trusts: Trusts, now: datetime) -> Q:
    """Items whose verdict at ``now`` is held, exceptions apart."""
    trusts = list(trusts)

    def is_held(trust: ClinicTrust, decision: Decision) -> bool:
        return trust.mode_of(decision) != LaunchMode.LIVE or trust.freshness(decision, now) == Level.HELD

    return (
        Q(level=Level.HELD)
        | Q(useful_until__lte=now)
        | Q(ready_from__gt=now)
        | clinics_q(trusts, is_held, now)
        | ~Q(clinic_id__in=[trust.clinic_id for trust in trusts])
        | Q(clinic_id__isnull=True)
    )


def warned_q(trusts: Trusts, now: datetime) -> Q:
    """Items about which something warns or holds; with ``held_q`` taken away, those whose verdict is warn."""

    def is_ageing(trust: ClinicTrust, decision: Decision) -> bool:
        return trust.freshness(decision, now) >= Level.WARN

    return Q(level__gte=Level.WARN) | clinics_q(trusts, is_ageing, now)


def stale_q(trusts: Trusts, now: datetime) -> Q:
    """Items whose data is too old for their own decision."""
    return clinics_q(trusts, lambda trust, decision: trust.freshness(decision, now) == Level.HELD, now)


def ageing_q(trusts: Trusts, now: datetime) -> Q:
    """Items whose data is past the warning, but not too old."""
    return clinics_q(trusts, lambda trust, decision: trust.freshness(decision, now) == Level.WARN, now)


def launched_q(trusts: Trusts, now: datetime) -> Q:
    """Items of clinics that show their queue for the item's decision (shadow or live)."""
    return clinics_q(trusts, lambda trust, decision: trust.mode_of(decision) != LaunchMode.OBSERVING, now)


def launched_in_sql_q(now: datetime) -> Q:
    """``launched_q`` where nobody has read the clinics' settings: the rail's number on other people's pages."""
    found = Q()
    for family, decisions in DECISIONS_OF.items():
        for decision in decisions:
            newest = ClinicLaunchMode.objects.filter(decision=decision, valid_from__lte=now)
            newest = newest.order_by("clinic_id", "-valid_from", "-pk").distinct("clinic_id")
            launched = ClinicLaunchMode.objects.filter(pk__in=newest.values("pk")).exclude(mode=LaunchMode.OBSERVING)
            when = horizon_q(decision, now) if len(decisions) > 1 else Q()
            found |= Q(family=family) & when & Q(clinic__in=launched.values("clinic"))
    return found


def clinics_q(trusts: Trusts, holds: Callable[[ClinicTrust, Decision], bool], now: datetime) -> Q:
    """Items of those clinics for whose present decision ``holds`` is true.

    Decisions with the same clinics are asked for together, so that the usual case is one short list of ids.
    """
    trusts = list(trusts)
    found = Q()
    all_sets = set()
    for family, decisions in DECISIONS_OF.items():
        clinics = {
            decision: frozenset(trust.clinic_id for trust in trusts if holds(trust, decision)) for decision in decisions
        }
        all_sets |= set(clinics.values())
        if len(set(clinics.values())) == 1:
            found |= _of(clinics[decisions[0]], Q(family=family))
            continue
        for decision, ids in clinics.items():
            found |= _of(ids, Q(family=family) & horizon_q(decision, now))
    if len(all_sets) == 1:
        return _of(all_sets.pop(), Q())
    return found or NOTHING


def _of(clinic_ids: frozenset[int], condition: Q) -> Q:
    return condition & Q(clinic_id__in=sorted(clinic_ids)) if clinic_ids else NOTHING


def claimed_q(now: datetime) -> Q:
    """Items that somebody holds at ``now``."""
    return Q(claimed_until__gt=now)


def mine_q(me: int | None, now: datetime) -> Q:
    """Items that the person holds."""
    return Q(claimed_by=me) & claimed_q(now)


def resting_q(now: datetime) -> Q:
    """Items that nobody holds, whose next step lies ahead or is the EHR's."""
    has_step = ~Q(next_step="")  # said for the index: without a step nothing rests
    return has_step & ~claimed_q(now) & (Q(not_before__gt=now) | Q(next_step__in=SETTLED))


def due_q(now: datetime) -> Q:
    """Items that nobody holds and that somebody promised to call back about by now."""
    has_come = Q(not_before__isnull=True) | Q(not_before__lte=now)
    return Q(next_step=NextStep.CALL_BACK) & has_come & ~claimed_q(now)


def to_do_q(now: datetime) -> Q:
    """Items that nobody holds, that do not rest and that nobody else has to move on first."""
    has_come = Q(not_before__isnull=True) | Q(not_before__lte=now)
    return has_come & ~Q(next_step__in=SETTLED | PASSED_ON) & ~claimed_q(now)


class QueueItemQuerySet(QuerySet["QueueItem"]):
    """Queue items."""

    def visible_to(self, user: Any) -> Self:
        """Items of the person's clinics."""
        return self.filter(clinic_scope_q(user, "clinic", "source"))

    def with_sight(self, user: Any) -> Self:
        """With ``sees_visit``: whether the person may see the visit itself, which may have moved to another clinic."""
        seen = clinic_scope_q(user, "appointment__clinic", "appointment__source") or Q(pk__isnull=False)
        return self.annotate(sees_visit=ExpressionWrapper(seen, output_field=BooleanField()))

    def open(self) -> Self:
        """Chances that still stand."""
        return self.filter(state=ItemState.OPEN)

    def in_queue(self, trusts: Trusts, now: datetime) -> Self:
        """Open, not past their end, at a clinic that shows its queue."""
        return self.open().filter(launched_q(trusts, now), useful_until__gt=now)

    def in_launched_queue(self, now: datetime) -> Self:
        """The same without the clinics' settings at hand."""
        return self.open().filter(launched_in_sql_q(now), useful_until__gt=now)

    def held(self, trusts: Trusts, now: datetime) -> Self:
        """Verdict held, or an exception in the way."""
        return self.filter(self._held_q(trusts, now))

    def warned(self, trusts: Trusts, now: datetime) -> Self:
        """Verdict warn."""
        return self.filter(warned_q(trusts, now)).exclude(self._held_q(trusts, now))

    def ready(self, trusts: Trusts, now: datetime) -> Self:
        """Verdict ready."""
        return self.exclude(self._held_q(trusts, now) | warned_q(trusts, now))

    def workable(self, trusts: Trusts, now: datetime) -> Self:
        """Not held: ready, or ready with a warning."""
        return self.exclude(self._held_q(trusts, now))

    def _held_q(self, trusts: Trusts, now: datetime) -> Q:
        """What rows and guard hold: by the verdict, and by exceptions."""
        return held_q(trusts, now) | blocked_q(QueueItemQuerySet(self.model), now)

    def mine(self, user: Any, now: datetime) -> Self:
        """Held by the person."""
        return self.filter(mine_q(user.pk, now))

    def to_do(self, now: datetime) -> Self:
        """What "next best" may hand out."""
        return self.filter(to_do_q(now))

    def to_do_by(self, user: Any, now: datetime) -> Self:
        """The same, and what the person holds already."""
        return self.filter(to_do_q(now) | mine_q(user.pk, now))

    def due(self, now: datetime) -> Self:
        """To be called back by now."""
        return self.filter(due_q(now))

    def resting(self, now: datetime) -> Self:
        """Nobody has anything to do about it now."""
        return self.filter(resting_q(now))

    def ranked(self, now: datetime) -> Self:
        """Best chance first: pins, then by band of urgency, then weight (recovery.ranking)."""
        pinned = When(pinned_until__gt=now, then=Value(PINNED_BAND))
        left = [
            When(family=family, useful_until__lte=now + end, then=Value(min(place + behind, LAST_BAND)))
            for family, behind in BEHIND.items()
            for place, end in enumerate(BANDS)
        ]
        is_lost = ~Q(family__in=BEHIND)
        lost = [When(is_lost & Q(lost_at__gte=now - end), then=Value(place)) for end, place in LOST_BANDS]
        band = Case(pinned, *left, *lost, default=Value(LAST_BAND), output_field=IntegerField())
        return self.annotate(band=band).order_by(*RANK_ORDER)


RANK_ORDER = ("band", "-weight", "useful_until", "pk")
