"""Put people on the waitlist, take them off: by staff and from files. Feeds do so by the batch (``keep_waitlist``)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction

from accounts.models import Clinic, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.errors import InvalidActError, RecoveryError
from recovery.models import WaitlistEntry
from recovery.services.read_persons import read_persons
from recovery.vocabulary import EntryOrigin, EntryState
from scheduling.models import Patient
from scheduling.sql.cursors import server_cursor

SUBJECT = "recovery.waitlistentry"
WAITS_ALREADY = "They wait for this visit type here already."


class StaleEntryError(RecoveryError):
    """Somebody was faster; the text is fit for the screen."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody waits for: an entry's own fields. ``patient_id`` is the record that survived merges."""

    patient_id: int
    clinic: Clinic
    visit_type: str
    since: datetime
    provider_code: str = ""
    minutes: int | None = None
    appointment_id: int | None = None
    not_before_on: date | None = None
    not_after_on: date | None = None
    weekdays: tuple[int, ...] = ()
    from_time: time | None = None
    until_time: time | None = None
    notice: timedelta | None = None


def patients_by_mrn(source_id: int, mrns: Iterable[str]) -> Mapping[str, Sequence[int]]:
    """The persons (records that survived merges) of these numbers at a source; two statements.

    A number that several authorities of the source gave to different people names several.
    """
    rows = list(Patient.objects.filter(source=source_id, mrn__in=set(mrns)).values_list("pk", "mrn"))
    with transaction.atomic(savepoint=False), server_cursor() as cursor:
        persons = read_persons(cursor, [pk for pk, _ in rows], lock=False)
    found: dict[str, set[int]] = {}
    for pk, mrn in rows:
        found.setdefault(mrn, set()).add(persons.root(pk))
    return {mrn: sorted(roots) for mrn, roots in found.items()}


def add_entry(wanted: Wanted, *, actor: User, now: datetime, request_id: str = "") -> WaitlistEntry:
    """Put somebody on the waitlist. Raises InvalidActError where they wait for it already."""
    return add_entries([wanted], EntryOrigin.STAFF, actor=actor, now=now, request_id=request_id)[0]


def add_entries(
    several: Sequence[Wanted], origin: EntryOrigin, *, actor: User, now: datetime, request_id: str = ""
) -> list[WaitlistEntry]:
    """Put all of them on the waitlist or nobody. Raises InvalidActError where one waits already."""
    entries = [
        WaitlistEntry(**_fields(wanted), source_id=wanted.clinic.source_id, origin=origin, added_by=actor, added_at=now)
        for wanted in several
    ]
    try:
        with transaction.atomic():
            WaitlistEntry.objects.bulk_create(entries)
            for clinic in sorted({wanted.clinic.pk for wanted in several}):
                own = [entry for entry in entries if entry.clinic_id == clinic]
                _note("add", own, actor, now, request_id)
    except IntegrityError as error:
        if "one_waiting_entry_per_person_and_visit_type" not in str(error):
            raise
        raise InvalidActError(WAITS_ALREADY) from error
    return entries


@transaction.atomic
def remove_entry(entry_id: int, *, actor: User, now: datetime, reason: str, request_id: str = "") -> None:
    """Take somebody off the waitlist, with a reason; open offers of theirs stay until they are answered.

    Raises StaleEntryError where the entry is settled already.
    """
    waiting = WaitlistEntry.objects.filter(pk=entry_id, state=EntryState.WAITING)
    if not waiting.update(state=EntryState.REMOVED, settled_at=now, settled_why=reason.strip()[:120]):
        raise StaleEntryError("They are not on the waitlist any more.")
    _note("remove", [WaitlistEntry.objects.get(pk=entry_id)], actor, now, request_id)


def waiting_already(several: Iterable[Wanted]) -> set[tuple[int, int, str]]:
    """Of these, who waits already: (patient, clinic, visit type); one query."""
    asked = list(several)
    rows = WaitlistEntry.objects.filter(
        state=EntryState.WAITING,
        patient__in={one.patient_id for one in asked},
        clinic__in={one.clinic.pk for one in asked},
    )
    return set(rows.values_list("patient", "clinic", "visit_type"))


def _fields(wanted: Wanted) -> dict[str, object]:
    fields = {name: getattr(wanted, name) for name in wanted.__slots__}
    return fields | {"weekdays": list(wanted.weekdays)}


def _note(verb: str, entries: Sequence[WaitlistEntry], actor: User, now: datetime, request_id: str) -> None:
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind=SUBJECT,
        subjects=[entry.pk for entry in entries],
        patients=[entry.patient_id for entry in entries],
        clinic=entries[0].clinic_id,
        detail={"verb": verb, "entries": len(entries)},
        now=now,
        request_id=request_id,
    )
