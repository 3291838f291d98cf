"""A refusal or a permission that somebody spoke, recorded by whoever heard it (47 CFR 64.1200(a)(10): by any means)."""

from datetime import datetime

from django.db import transaction

from accounts.models import Clinic, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.contacting.facts import ANY
from recovery.errors import InvalidActError
from recovery.services.read_people import records_of
from recovery.services.replan import replan_people
from recovery.vocabulary import OutreachChannel, Topic
from scheduling.models import Consent, Patient


@transaction.atomic
def record_consent(  # noqa: PLR0913 - what was said about what, and who heard it when
    patient_id: int,
    *,
    channel: OutreachChannel | None,
    topic: Topic | None,
    is_allowed: bool,
    said_at: datetime,
    clinic: Clinic | None,
    actor: User,
    now: datetime,
    request_id: str = "",
) -> Consent:
    """Append one line to the ledger; no channel means every one, no topic every topic. It counts from ``said_at``.

    The person's records are locked, so that an act on them happens wholly before or sees it; their open items say so at
    once. Raises InvalidActError for a moment that lies ahead.
    """
    if said_at > now:
        raise InvalidActError("Nobody has said it yet: the moment lies ahead.")
    records = records_of(patient_id)
    people = Patient.objects.filter(pk__in=records.everyone).order_by("pk").select_for_update()
    list(people.values_list("pk", flat=True))
    line = Consent.objects.create(
        patient_id=patient_id,
        channel=channel or ANY,
        topic=topic or "",
        is_allowed=is_allowed,
        valid_from=said_at,
        recorded_at=now,
        recorded_by=actor,
    )
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind="scheduling.consent",
        subjects=[line.pk],
        patients=[patient_id],
        clinic=clinic,
        detail={"channel": line.channel, "topic": line.topic, "is_allowed": is_allowed},
        now=now,
        request_id=request_id,
    )
    replan_people(records.everyone, now=now)
    return line
