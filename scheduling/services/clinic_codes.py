"""Give a code to the clinic it stands for; every visit that was ever named under it is looked at again (I4)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Clinic, ClinicCode, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from scheduling.services.refolds import request_clinic_refolds


class TakenCodeError(Exception):
    """The code belongs to a clinic already; the text is a sentence fit for the screen."""


@transaction.atomic
def give_code(clinic: Clinic, code: str, *, actor: User, now: datetime, request_id: str = "") -> int:
    """Say that messages of the clinic's source mean this clinic by ``code``; returns how many visits it concerns.

    The visits are asked for in the same transaction, so the code and its consequence commit together.

    Raises:
        TakenCodeError: the code belongs to a clinic of this source already.
    """
    try:
        with transaction.atomic():
            made = ClinicCode.objects.create(source_id=clinic.source_id, clinic=clinic, code=code)
    except IntegrityError as error:
        owner = ClinicCode.objects.select_related("clinic").get(source_id=clinic.source_id, code=code).clinic
        raise TakenCodeError(f"The code belongs to {owner} already. Its visits are being looked at again.") from error
    record(
        AuditAction.CHANGED, actor=actor, subject_kind="accounts.cliniccode", subjects=[made.pk], clinic=clinic,
        detail={"what": "added", "code": code}, now=now, request_id=request_id,
    )  # fmt: skip
    return request_clinic_refolds(clinic.source_id, code, now=now)
