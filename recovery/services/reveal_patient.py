"""Show a restricted patient's name to one person, for a reason and for half an hour."""

from datetime import datetime, timedelta

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.errors import InvalidActError
from recovery.models import ItemEvent, Reveal
from recovery.services.guard import SUBJECT, Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.vocabulary import Act, ItemEventKind

LASTS = timedelta(minutes=30)
SHORTEST, LONGEST = 10, 200


def reveal_patient(
    item_id: int, reason: str, *, version: int | None, actor: User, now: datetime, request_id: str = ""
) -> Reveal:
    """Reveal whom an item is about, through the guard.

    Raises InvalidActError without a reason or without a restricted patient, GuardRefusedError when something does not
    hold.
    """
    words = " ".join(reason.split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise InvalidActError(f"Say why you need the name, in {SHORTEST} to {LONGEST} characters.")

    def reveal(found: Guarded) -> Reveal:
        return _reveal(found, words, actor, now, request_id)

    return guarded(item_id, Intent(Act.REVEAL, version), reveal, actor=actor, now=now, request_id=request_id)


def _reveal(found: Guarded, reason: str, actor: User, now: datetime, request_id: str) -> Reveal:
    item = found.item
    patient = item.patient
    if patient is None or not patient.is_restricted:
        raise InvalidActError("Nobody is hidden here.")
    shown = Reveal.objects.create(patient=patient, person=actor, reason=reason, at=now, expires_at=now + LASTS)
    ItemEvent.objects.create(
        item=item, kind=ItemEventKind.REVEALED, at=now, actor=actor, detail={"until": shown.expires_at.isoformat()}
    )
    record(
        AuditAction.REVEALED,
        actor=actor,
        subject_kind=SUBJECT,
        subjects=[item.pk],
        patients=[patient.pk],
        clinic=item.clinic_id,
        detail={"what": "name", "reveal": shown.pk},
        now=now,
        request_id=request_id,
    )
    return shown
