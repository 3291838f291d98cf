"""What somebody learnt about a number: the person confirmed it, or it is wrong for everybody who has it."""

from datetime import datetime

from django.db import transaction

from accounts.models import Clinic, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.contacting.owners import number_owner
from recovery.errors import InvalidActError
from recovery.models import ContactMark
from recovery.vocabulary import Mark
from scheduling.models import Patient

# Reached is what a call tells by its outcome.
BY_HAND = (Mark.CONFIRMED, Mark.WRONG)


@transaction.atomic
def mark_contact(
    patient_id: int, number: int, mark: Mark, *, clinic: Clinic | None, actor: User, now: datetime, request_id: str = ""
) -> ContactMark:
    """Mark a number or address of a record; ``number`` is its ``number_owner``, since forms name no numbers.

    The record is locked, so that an act on this person happens wholly before or sees it. Raises InvalidActError when
    the record has no such number any more, or the mark is not one that people give.
    """
    if mark not in BY_HAND:
        raise InvalidActError("Say whether the number is right or wrong.")
    patient = Patient.objects.select_for_update().only("pk", "phones_home", "phones_work").get(pk=patient_id)
    points = [*(patient.phones_home or []), *(patient.phones_work or [])]
    point = next((one for one in points if number_owner(one[2]) == number), None)
    if point is None:
        raise InvalidActError("This number is not on file any more.")
    made = ContactMark.objects.create(
        patient_id=patient_id, system=point[0][:8], value=point[2], mark=mark, at=now, recorded_by=actor
    )
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind="recovery.contactmark",
        subjects=[made.pk],
        patients=[patient_id],
        clinic=clinic,
        detail={"mark": mark.value},
        now=now,
        request_id=request_id,
    )
    return made
