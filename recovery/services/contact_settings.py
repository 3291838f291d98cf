"""What a clinic decides about contacting people, and which languages its staff speak."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import NamedTuple

from django.db import transaction

from accounts.models import Clinic, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.contacting.languages import language_code
from recovery.errors import InvalidActError
from recovery.models import ContactPolicy, StaffLanguage


class PolicyValues(NamedTuple):
    """One version of a policy; hours are people's local time, a day is the clinic's."""

    weekdays_from: time
    weekdays_until: time
    sundays_from: time
    sundays_until: time
    most_texts_a_day: int
    most_texts_a_week: int
    most_calls_a_day: int
    practice: str
    callback: str
    revoke_all_from: date | None


@transaction.atomic
def decide_policy(
    clinic: Clinic,
    values: PolicyValues,
    *,
    valid_from: datetime,
    actor: User | None,
    now: datetime,
    request_id: str = "",
) -> ContactPolicy:
    """Append the version that holds from ``valid_from`` on; what was decided before stays on record.

    Raises InvalidActError for hours without an end and for a beginning in the past, which would rewrite what held.
    """
    if not (values.weekdays_from < values.weekdays_until and values.sundays_from < values.sundays_until):
        raise InvalidActError("The hours end after they begin.")
    if valid_from < now:
        raise InvalidActError("A policy holds from now on, not from before.")
    made = ContactPolicy.objects.create(
        clinic=clinic, valid_from=valid_from, recorded_at=now, recorded_by=actor, **values._asdict()
    )
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind="recovery.contactpolicy",
        subjects=[made.pk],
        clinic=clinic,
        detail={name: str(value) for name, value in values._asdict().items()},
        now=now,
        request_id=request_id,
    )
    return made


@transaction.atomic
def set_languages(
    person: User, languages: Collection[str], *, actor: User | None, now: datetime, request_id: str = ""
) -> None:
    """Say in which languages somebody may call patients: those given, no others."""
    codes = sorted({language_code(one) for one in languages if one.strip()})
    list(User.objects.select_for_update(of=("self",)).filter(pk=person.pk).values_list("pk"))
    person.staff_languages.exclude(language__in=codes).delete()
    StaffLanguage.objects.bulk_create(
        (StaffLanguage(person=person, language=code) for code in codes), ignore_conflicts=True
    )
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind="recovery.stafflanguage",
        subjects=[person.pk],
        detail={"languages": codes},
        now=now,
        request_id=request_id,
    )
