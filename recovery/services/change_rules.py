"""New versions of what a clinic decided about visit types and offers: append-only, the newest in force counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Clinic, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.errors import InvalidActError, RecoveryError
from recovery.models import OfferPolicy, VisitTypeRule
from recovery.offering import Step, store_steps
from recovery.vocabulary import Decider, Movable, OutreachChannel

VersionRows = QuerySet[VisitTypeRule] | QuerySet[OfferPolicy]
RULE, POLICY = "recovery.visittyperule", "recovery.offerpolicy"


class StaleSettingError(RecoveryError):
    """Somebody else kept a newer version; the text is fit for the screen."""


@dataclass(frozen=True, slots=True)
class By:
    """Who changes a setting when. ``base`` is the version they saw, None for none."""

    actor: User
    now: datetime
    base: int | None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class TypeValues:
    """What is decided about a visit type."""

    visit_type: str
    movable: Movable
    preparation: timedelta
    notice: timedelta
    fits: tuple[str, ...]
    decider: Decider
    remark: str


@transaction.atomic
def change_visit_type(clinic: Clinic, values: TypeValues, by: By) -> VisitTypeRule:
    """Keep a new version of a visit type's rule. Raises StaleSettingError where a newer one than seen is there."""
    _lock(clinic)
    _refuse_stale(VisitTypeRule.objects.filter(clinic=clinic, visit_type=values.visit_type), by)
    row = VisitTypeRule.objects.create(
        clinic=clinic,
        visit_type=values.visit_type,
        movable=values.movable,
        preparation=values.preparation,
        notice=values.notice,
        fits=sorted(set(values.fits) - {values.visit_type}),
        decider=values.decider,
        remark=values.remark,
        valid_from=by.now,
        recorded_at=by.now,
        recorded_by=by.actor,
    )
    _note(RULE, row.pk, clinic, by)
    return row


@transaction.atomic
def change_offers(clinic: Clinic, steps: Iterable[Step], channels: Iterable[OutreachChannel], by: By) -> OfferPolicy:
    """Keep a new version of how offers escalate.

    Raises InvalidActError where the steps make no sense, StaleSettingError where a newer version than seen is there.
    """
    stored, ordered = store_steps(steps), list(channels)
    if not ordered or len(set(ordered)) != len(ordered):
        raise InvalidActError("Name each channel once, at least one.")
    _lock(clinic)
    _refuse_stale(OfferPolicy.objects.filter(clinic=clinic), by)
    row = OfferPolicy.objects.create(
        clinic=clinic, steps=stored, channels=ordered, valid_from=by.now, recorded_at=by.now, recorded_by=by.actor
    )
    _note(POLICY, row.pk, clinic, by)
    return row


def _lock(clinic: Clinic) -> None:
    """Two people who change one clinic's settings go one after the other."""
    Clinic.objects.select_for_update(of=("self",)).only("pk").get(pk=clinic.pk)


def _refuse_stale(rows: VersionRows, by: By) -> None:
    newest = rows.order_by("-valid_from", "-pk").first()
    if newest is not None and newest.pk != by.base:
        who = newest.recorded_by or "The desk"
        raise StaleSettingError(f"{who} changed it meanwhile. Look at it again.")


def _note(kind: str, pk: int, clinic: Clinic, by: By) -> None:
    record(
        AuditAction.CHANGED,
        actor=by.actor,
        subject_kind=kind,
        subjects=[pk],
        clinic=clinic,
        detail={"base": by.base},
        now=by.now,
        request_id=by.request_id,
    )
