"""May this person be contacted for this, then, how, and why: the one question put to the database, for any moment."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Clinic, User
from recovery.contacting.answer import Answer, can_contact
from recovery.contacting.facts import Ask, Person, Tries
from recovery.models import QueueItem
from recovery.selectors.trusts import trusts_of
from recovery.services.past_contact import message_age_then, records_then
from recovery.services.read_contact import read_ask, read_ask_about
from recovery.services.read_people import Records, read_person, records_of
from recovery.trust import ClinicTrust
from recovery.vocabulary import Topic

UNTRIED = Tries(most=None, rest=timedelta())  # no item, no tries: only the limits of the person count


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer with everything it rests on; ``zone`` is where the person is, the clinic's where nobody says."""

    person: Person
    ask: Ask
    answer: Answer
    records: Records
    at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Whose clock decides."""
        return self.person.zone or self.ask.clinic_zone


def explain_item(
    item: QueueItem, patient_id: int, *, clinic: Clinic, trust: ClinicTrust | None, actor: User | None, now: datetime
) -> Explained:
    """Answer for an item at this moment, as the guard will see it."""
    ask = read_ask(item, clinic=clinic, trust=trust, actor=actor, at=now)
    return _explained(patient_id, _records_now(patient_id), ask, actor, now)


def explain_for(
    patient_id: int, now: datetime, *, item: QueueItem | None, topic: Topic, clinic: Clinic, actor: User | None
) -> Explained:
    """Answer for this moment; ``topic`` counts where there is no item."""
    ask = _ask(item, topic, clinic, actor, now)
    return _explained(patient_id, _records_now(patient_id), ask, actor, now)


def explain_at(
    patient_id: int, at: datetime, *, item: QueueItem | None, topic: Topic, clinic: Clinic, actor: User | None
) -> Explained:
    """Answer for a past moment by what was known then.

    How current our knowledge was is told by the messages that had come: heartbeats of the past are not kept.
    """
    ask = replace(_ask(item, topic, clinic, actor, at), consent_age=message_age_then(clinic.source_id, at))
    with transaction.atomic():
        records = records_then(patient_id, at)
    return _explained(patient_id, records, ask, actor, at)


def _ask(item: QueueItem | None, topic: Topic, clinic: Clinic, actor: User | None, at: datetime) -> Ask:
    trust = next(iter(trusts_of(Clinic.objects.filter(pk=clinic.pk), at)), None)
    if item is not None:
        return read_ask(item, clinic=clinic, trust=trust, actor=actor, at=at)
    return read_ask_about(topic, UNTRIED, clinic=clinic, trust=trust, actor=actor, at=at)


def _records_now(patient_id: int) -> Records:
    with transaction.atomic():
        return records_of(patient_id)


def _explained(patient_id: int, records: Records, ask: Ask, actor: User | None, at: datetime) -> Explained:
    person = read_person(patient_id, records, actor=actor, at=at)
    return Explained(person, ask, can_contact(person, ask, at), records, at)
