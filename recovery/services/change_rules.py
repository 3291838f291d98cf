"""New versions of what a clinic decided about visits, offers and tries: append-only, the newest in force counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Clinic, ClinicLimit, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.errors import InvalidActError, RecoveryError
from recovery.models import AttemptPolicy, OfferPolicy, RiskPolicy, VisitTypeRule
from recovery.offering import Step, store_steps
from recovery.vocabulary import Decider, Family, Movable, OutreachChannel

VersionRows = (
    QuerySet[VisitTypeRule]
    | QuerySet[OfferPolicy]
    | QuerySet[AttemptPolicy]
    | QuerySet[RiskPolicy]
    | QuerySet[ClinicLimit]
)
RULE, POLICY, TRIES = "recovery.visittyperule", "recovery.offerpolicy", "recovery.attemptpolicy"
MOST_TRIES = 20
SHORTEST_REST, LONGEST_REST = timedelta(minutes=5), timedelta(days=60)  # research/recovery.md section 1b
LONGEST_FIRST = timedelta(days=30)


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
    is_confidential: bool = False


@dataclass(frozen=True, slots=True)
class TriesValues:
    """How often items of a family are tried, None for no limit; how long they rest; when the first try is due."""

    family: Family
    most_tries: int | None
    rest: timedelta
    first_within: timedelta | None


@transaction.atomic
def change_visit_type(clinic: Clinic, values: TypeValues, by: By) -> VisitTypeRule:
    """Keep a new version of a visit type's rule. Raises StaleSettingError where a newer one than seen is there."""
    lock_clinic(clinic)
    refuse_stale(VisitTypeRule.objects.filter(clinic=clinic, visit_type=values.visit_type), by)
    row = VisitTypeRule.objects.create(
        clinic=clinic,
        visit_type=values.visit_type,
        movable=values.movable,
        preparation=values.preparation,
        notice=values.notice,
        fits=sorted(set(values.fits) - {values.visit_type}),
        decider=values.decider,
        remark=values.remark,
        is_confidential=values.is_confidential,
        valid_from=by.now,
        recorded_at=by.now,
        recorded_by=by.actor,
    )
    note_change(RULE, row.pk, clinic, by)
    return row


@transaction.atomic
def change_offers(clinic: Clinic, steps: Iterable[Step], channels: Iterable[OutreachChannel], by: By) -> OfferPolicy:
    """Keep a new version of how offers escalate.

    Raises InvalidActError where the steps make no sense, StaleSettingError where a newer version than seen is there.
    """
    stored, ordered = store_steps(steps), list(channels)
    if not ordered or len(set(ordered)) != len(ordered):
        raise InvalidActError("Name each channel once, at least one.")
    lock_clinic(clinic)
    refuse_stale(OfferPolicy.objects.filter(clinic=clinic), by)
    row = OfferPolicy.objects.create(
        clinic=clinic, steps=stored, channels=ordered, valid_from=by.now, recorded_at=by.now, recorded_by=by.actor
    )
    note_change(POLICY, row.pk, clinic, by)
    return row


@transaction.atomic
def change_tries(clinic: Clinic, values: TriesValues, by: By) -> AttemptPolicy:
    """Keep a new version of how often a family is tried; it counts for every item from now on.

    Raises InvalidActError for values out of bounds, StaleSettingError where a newer version than seen is there.
    """
    if values.most_tries is not None and not 1 <= values.most_tries <= MOST_TRIES:
        raise InvalidActError(f"Try between 1 and {MOST_TRIES} times, or without a limit.")
    if not SHORTEST_REST <= values.rest <= LONGEST_REST:
        raise InvalidActError("Rest between 5 minutes and 60 days.")
    if values.first_within is not None and not timedelta() < values.first_within <= LONGEST_FIRST:
        raise InvalidActError("The first try is due within 30 days.")
    lock_clinic(clinic)
    refuse_stale(AttemptPolicy.objects.filter(clinic=clinic, family=values.family), by)
    row = AttemptPolicy.objects.create(
        clinic=clinic,
        family=values.family,
        most_tries=values.most_tries,
        rest=values.rest,
        first_within=values.first_within,
        valid_from=by.now,
        recorded_at=by.now,
        recorded_by=by.actor,
    )
    note_change(TRIES, row.pk, clinic, by)
    return row


def lock_clinic(clinic: Clinic) -> None:
    """Two people who change one clinic's settings go one after the other."""
    Clinic.objects.select_for_update(of=("self",)).only("pk").get(pk=clinic.pk)


def refuse_stale(rows: VersionRows, by: By) -> None:
    """Raise StaleSettingError where a newer version than ``by`` saw is there."""
    newest = rows.order_by("-valid_from", "-pk").first()
    if newest is not None and newest.pk != by.base:
        who = newest.recorded_by or "The desk"
        raise StaleSettingError(f"{who} changed it meanwhile. Look at it again.")


def note_change(kind: str, pk: int, clinic: Clinic, by: By) -> None:
    """Write the audit row of a new version."""
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
