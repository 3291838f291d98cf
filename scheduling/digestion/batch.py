"""The facts floor of one batch, in the order in which rows are locked: patients, appointments, owner rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduling.digestion.aliases import load_aliases, troubled_by_merge
from scheduling.digestion.appointments import AppointmentWork, add_refolds, fold_appointments
from scheduling.digestion.arriving import arrived_events, distant_messages
from scheduling.digestion.claim import Claimed
from scheduling.digestion.context import FeedContext, load_feeds
from scheduling.digestion.envelopes import envelope_facts
from scheduling.digestion.outcomes import write_copies, write_events, write_receipts
from scheduling.digestion.patients import digest_patients
from scheduling.digestion.places import horizon, touched_days, write_template, write_vacancies
from scheduling.digestion.reading import (
    AppointmentKey,
    PatientKey,
    ReadMessage,
    appointment_key,
    arrival_facts,
    map_facts,
    patient_key,
    patients_of,
    read_messages,
)
from scheduling.digestion.remapping import remapper, write_remapped
from scheduling.digestion.resource_days import Days, own_days
from scheduling.digestion.unnamed import lock_unnamed
from scheduling.folding.change import AppointmentChange, BatchChanges, PatientChange
from scheduling.sql.cursors import Cursor


@dataclass(slots=True)
class Facts:
    """What the stages of one batch pass on."""

    now: datetime
    feeds: dict[int, FeedContext]
    messages: list[ReadMessage]
    patient_ids: dict[PatientKey, int] = field(default_factory=dict)
    patients: list[PatientChange] = field(default_factory=list)
    works: dict[AppointmentKey, AppointmentWork] = field(default_factory=dict)


def read(cursor: Cursor, claimed: Sequence[Claimed], refolds: Sequence[int], *, now: datetime) -> Facts:
    """Read what was claimed; nothing is written yet."""
    feeds = load_feeds(cursor, {item.feed_id for item in claimed}, of_appointments=refolds)
    return Facts(now, feeds, read_messages(claimed, feeds))


def merge_patients(cursor: Cursor, facts: Facts, refolds: Sequence[int]) -> None:
    """Merge what the messages state about patients; every patient the batch concerns is locked after this."""
    facts.patient_ids, facts.patients = digest_patients(cursor, facts.messages, now=facts.now)
    lock_unnamed(cursor, facts.messages, refolds)


def map_and_fold(cursor: Cursor, facts: Facts, refolds: Sequence[int]) -> Days:
    """Map every appointment fact and fold it; writes appointments and their events."""
    for message in facts.messages:
        map_facts(message, facts.patient_ids)
        for mapped in message.mapped:
            key = appointment_key(message, mapped.fact)
            work = facts.works.get(key)
            if work is None:
                work = facts.works[key] = AppointmentWork(key, message.feed.feed_id)
            work.facts.append(mapped)
    by_source = {feed.source_id: feed for feed in facts.feeds.values()}
    troubled = _troubled(cursor, facts)
    if refolds or troubled:
        add_refolds(cursor, facts.works, sorted({*refolds, *troubled}), by_source)
    days = Days({source_id: feed.reader.zone for source_id, feed in by_source.items()})
    remap = remapper(
        {source_id: feed.rules for source_id, feed in by_source.items()},
        {source_id: feed.clinic_ids for source_id, feed in by_source.items()},
    )
    if facts.works:
        fold_appointments(cursor, facts.works, days=days, remap=remap)
        write_events(cursor, facts.works.values())
        write_copies(cursor, facts.works.values())
        write_remapped(cursor, (old for work in facts.works.values() for old in work.remapped))
    return days


def _troubled(cursor: Cursor, facts: Facts) -> list[int]:
    """Appointments that a merge of this batch may free of "one id, two patients", or that it brings into it."""
    united = {
        facts.patient_ids[patient_key(message, patient)]
        for message, patient in patients_of(facts.messages)
        if patient.merged_from
    }
    parted = {
        patient_id
        for change in facts.patients
        if change.before is not None and change.before.merged_into not in (None, change.after.merged_into)
        for patient_id in (change.patient_id, change.before.merged_into)
    }
    aliases = load_aliases(cursor, united | parted)
    everyone = united | set(aliases) | set(aliases.values())
    return troubled_by_merge(cursor, everyone, everyone | parted if parted else ())


def settle(cursor: Cursor, facts: Facts, days: Days) -> BatchChanges:
    """Lock the owner rows of every slot concerned, write vacancies, templates and receipts; say what changed."""
    changes = BatchChanges(facts.now, patients=facts.patients)
    changes.appointments = [
        AppointmentChange(
            work.id,
            work.key[0],
            work.feed_id,
            work.before,
            work.after,
            tuple([fact.message.claimed.message_id for fact in work.facts]),
            work.late,
            arrived_events(work),
        )
        for work in facts.works.values()
        if work.is_changed
    ]
    touched = touched_days(changes.appointments, days, horizon(facts.now))
    own_days(cursor, days, touched)
    write_vacancies(cursor, changes.appointments, days)
    changes.resource_days = touched | write_template(cursor, facts.messages, days)
    changes.arrivals = arrival_facts(facts.messages) + envelope_facts(cursor)
    changes.distant = distant_messages(cursor, facts.messages)
    write_receipts(cursor, facts.messages, facts.patient_ids)
    return changes
