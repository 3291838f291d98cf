"""The guard at the moment of action (I5): lock, look again, and refuse what does not hold any more.

Whoever acts on an item passes through ``guarded``. It locks in the one order of the house (patients, appointment, owner
rows, item), then asks whether anything that was acknowledged is still unread, and only then reads: so whatever the
sender knows that we know is known to the act. A refusal leaves its own line of history, whatever is rolled back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction

from accounts.models import Clinic, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.locks import RowsBusyError, short_waits
from recovery.contacting.answer import Answer, can_contact
from recovery.contacting.facts import Ask, Person
from recovery.contacting.owners import number_owner, person_owner
from recovery.errors import GuardRefusedError
from recovery.models import ContactOwner, ItemEvent, QueueItem
from recovery.selectors.rows import facts_of
from recovery.selectors.trusts import clinic_trusts
from recovery.services.guard_intent import CONTACTS, Intent
from recovery.services.read_contact import read_ask
from recovery.services.read_people import Records, read_person, records_of
from recovery.services.refusals import (
    refuse_blocked,
    refuse_changed,
    refuse_closed,
    refuse_contact,
    refuse_held,
    refuse_merged,
    refuse_moved_candidate,
    refuse_not_by_hand,
    refuse_taken,
    refuse_unread,
)
from recovery.trust import ClinicTrust
from recovery.verdict import Verdict, verdict
from recovery.vocabulary import Act, ItemEventKind, OwnerKind
from scheduling.models import Appointment, MappedEvent, Patient, ResourceDay

Result = TypeVar("Result")
SUBJECT = "recovery.queueitem"
# ``now`` was read before the locks were ours; a colleague we waited for recorded a contact or a refusal after it. What
# is on file when the locks are ours counts, as if it had been recorded by then.
LONGEST_QUEUED = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Guarded:
    """What the guard found to hold, on rows that stay locked until the transaction ends."""

    item: QueueItem
    verdict: Verdict
    trust: ClinicTrust | None
    records: Records | None = None
    person: Person | None = None
    ask: Ask | None = None
    answer: Answer | None = None


def guarded(
    item_id: int,
    intent: Intent,
    do: Callable[[Guarded], Result],
    *,
    actor: User,
    now: datetime,
    request_id: str = "",
) -> Result:
    """Run ``do`` in one transaction with everything it rests on locked and looked at again.

    Raises GuardRefusedError with a sentence when something does not hold; the refusal is written and survives.
    """
    try:
        with transaction.atomic():
            return do(_look(item_id, intent, actor, now))
    except RowsBusyError as error:
        refusal = GuardRefusedError("busy", "Messages about it are being read right now. Try again in a moment.")
        _note(item_id, intent, refusal, actor, now, request_id)
        raise refusal from error
    except GuardRefusedError as refusal:
        _note(item_id, intent, refusal, actor, now, request_id)
        raise


def _look(item_id: int, intent: Intent, actor: User, now: datetime) -> Guarded:
    """Lock, look, and refuse; the order of the steps is the point."""
    seen = QueueItem.objects.select_related("appointment").get(pk=item_id)
    patient_id = intent.patient_id or seen.patient_id
    records = records_of(patient_id) if patient_id is not None else None
    with short_waits():
        item = lock_rows(seen, intent, records)
    if intent.act != Act.OUTCOME:  # what was done is recorded whatever has changed since
        refuse_unread(item, records, now)
        refuse_merged(item, seen, records)
    trust = next((one for one in clinic_trusts(actor, now) if one.clinic_id == item.clinic_id), None)
    judged = verdict(facts_of(item, trust), now)
    if intent.act == Act.OUTCOME:
        return Guarded(item, judged, trust, records)
    if intent.act == Act.REOPEN:
        refuse_not_by_hand(item, trust, now)
        refuse_changed(item, intent, records, trust, now)
        return Guarded(item, judged, trust, records)
    refuse_closed(item, trust, now)
    if intent.act != Act.ACCEPT:  # whoever answers an offer need not wait for whoever holds its slot
        refuse_taken(item, intent, actor, trust, now)
    refuse_changed(item, intent, records, trust, now)
    if intent.act != Act.CLOSE:
        refuse_held(item, judged)
        refuse_blocked(item, judged, records)
    refuse_moved_candidate(intent, trust, now)
    if intent.act not in CONTACTS or records is None or patient_id is None or item.clinic is None:
        return Guarded(item, judged, trust, records)
    person, ask = read_behind_locks(item, item.clinic, patient_id, records, actor, trust, now)
    answer = can_contact(person, ask, now)
    refuse_contact(answer, intent)
    return Guarded(item, judged, trust, records, person, ask, answer)


def read_behind_locks(
    item: QueueItem,
    clinic: Clinic,
    patient_id: int,
    records: Records,
    actor: User | None,
    trust: ClinicTrust | None,
    now: datetime,
) -> tuple[Person, Ask]:
    """Whom and what to judge, with what others recorded while we waited for the locks; ages are those of ``now``."""
    known_at = now + LONGEST_QUEUED
    person = read_person(patient_id, records, actor=actor, at=known_at)
    ask = read_ask(item, clinic=clinic, trust=trust, actor=actor, at=known_at)
    return person, replace(ask, consent_age=None if trust is None else trust.age(now))


def lock_rows(seen: QueueItem, intent: Intent, records: Records | None) -> QueueItem:
    """Lock patients, appointments, owner rows and the item, in this order everywhere."""
    if records is not None:
        _lock(Patient.objects.filter(pk__in=records.everyone))
    _lock(Appointment.objects.filter(pk__in=sorted({seen.appointment_id, intent.visit_id or seen.appointment_id})))
    if seen.resource_day is not None:
        _lock(ResourceDay.objects.filter(pk=seen.resource_day))
    if records is not None and intent.act in CONTACTS:
        own_contacts(records)
    return QueueItem.objects.select_for_update(of=("self",)).get(pk=seen.pk)


def _lock(rows: "Iterable[object]") -> None:
    list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))  # type: ignore[attr-defined]  # a queryset


def own_contacts(records: Records) -> None:
    """Create and lock the rows that count this person's contacts and those to each of their numbers, in order."""
    values = Patient.objects.filter(pk__in=records.everyone).values_list("phones_home", "phones_work")
    numbers = {number_owner(point[2]) for lists in values for points in lists for point in points or ()}
    kinds = {**dict.fromkeys(numbers, OwnerKind.NUMBER), person_owner(records.root): OwnerKind.PERSON}
    rows = [ContactOwner(pk=pk, kind=kind) for pk, kind in sorted(kinds.items())]
    ContactOwner.objects.bulk_create(rows, ignore_conflicts=True)
    _lock(ContactOwner.objects.filter(pk__in=list(kinds)))


def _note(
    item_id: int, intent: Intent, refusal: GuardRefusedError, actor: User, now: datetime, request_id: str
) -> None:
    """Write the refusal with the lag of the message that caused it, apart from what was rolled back."""
    with transaction.atomic():
        item = QueueItem.objects.only("pk", "clinic", "appointment", "source").get(pk=item_id)
        newest = MappedEvent.objects.filter(appointment=item.appointment_id).order_by("-order_key")
        event = newest.only("source_at", "received_at").first()
        lag = round((event.received_at - event.source_at).total_seconds()) if event is not None else None
        detail: dict[str, object] = {"act": intent.act.value, "code": refusal.code, "feed_lag": lag}
        if refusal.until is not None:
            detail["until"] = refusal.until.isoformat()
        ItemEvent.objects.create(
            item=item, kind=ItemEventKind.REFUSED, at=now, actor=actor, reason=refusal.code[:40], detail=detail
        )
        record(
            AuditAction.DENIED,
            actor=actor,
            subject_kind=SUBJECT,
            subjects=[item_id],
            clinic=item.clinic_id,
            detail=detail,
            now=now,
            request_id=request_id,
        )
