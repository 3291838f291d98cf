"""Merge a batch's statements into patient records, and tell what changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from scheduling.digestion.patient_history import append_consents, append_history
from scheduling.digestion.patient_rows import lock_known, write_edges, write_records
from scheduling.digestion.patient_work import PatientWork, statement_of
from scheduling.digestion.reading import PatientKey, ReadMessage, patient_key, patients_of
from scheduling.facts import PatientFact
from scheduling.folding.change import PatientChange
from scheduling.patients.merge import Statement, absorb, merge_edge
from scheduling.patients.state import PatientState
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import MessageKind, Outcome

_PATIENT, _APPLIED, _SUPERSEDED = MessageKind.PATIENT, Outcome.APPLIED, Outcome.SUPERSEDED
_key_of = attrgetter("key")


def digest_patients(
    cursor: Cursor, messages: Sequence[ReadMessage], *, now: datetime
) -> tuple[dict[PatientKey, int], list[PatientChange]]:
    """Merge and write every patient statement of the batch.

    Returns the row id of each patient named by a message (a patient only referred to gets an empty record), and what
    changed. Records are locked in id order, before any appointment (DESIGN section 3).
    """
    works = _gather(messages)
    pending = list(works.values())
    while pending:
        lock_known(cursor, works, pending)
        for work in pending:
            _merge_statements(work)
        pending = write_records(cursor, pending)
    _merge_edges(cursor, works, messages)
    append_history(cursor, works.values(), now)
    append_consents(cursor, works, messages, now)
    changes = [
        PatientChange(w.id, w.key[0], w.before, w.state, tuple(m.claimed.message_id for m in w.messages))
        for w in works.values()
        if w.messages or (w.before is not None and w.state.merged_into != w.before.merged_into)
    ]
    return {key: work.id for key, work in works.items()}, changes


def _gather(messages: Iterable[ReadMessage]) -> dict[PatientKey, PatientWork]:
    works: dict[PatientKey, PatientWork] = {}
    for message in messages:
        reading = message.reading
        if reading is None:
            continue
        source_id, named = message.feed.source_id, None
        if (patient := reading.patient) is not None and patient.mrn:
            named = (patient.authority, patient.mrn)
            _state(works, message, patient)
            for further in reading.further_patients:
                _state(works, message, further)
        for fact in reading.appointments:
            if fact.patient is not None and fact.patient != named:
                _work_of(works, (source_id, *fact.patient))
    return works


def _state(works: dict[PatientKey, PatientWork], message: ReadMessage, fact: PatientFact) -> None:
    source_id = message.feed.source_id
    _work_of(works, (source_id, fact.authority, fact.mrn)).messages.append(message)
    for retired in fact.merged_from:
        _work_of(works, (source_id, *retired))


def _work_of(works: dict[PatientKey, PatientWork], key: PatientKey) -> PatientWork:
    work = works.get(key)
    if work is None:
        work = works[key] = PatientWork(key)
    return work


def _merge_statements(work: PatientWork) -> None:
    """Fold the batch's statements into the locked record; may run again after a lost insert.

    Where one message repeats the statement of the one before, only the newest of the run moves ``as_of``.
    """
    state = work.state = work.before.copy() if work.before is not None else PatientState()
    work.versions.clear()
    work.is_changed = work.has_new_phones = False
    if len(work.messages) > 1:
        work.messages.sort(key=_key_of)
    statement: Statement | None = None
    last: Statement | None = None
    last_fact: PatientFact | None = None
    last_key = unmoved_to = b""
    for message in work.messages:
        fact = _fact_about(work, message)
        if fact is None:
            continue
        if statement is None or (fact is not last_fact and fact != last_fact):
            statement, last_fact = statement_of(fact), fact
        key = message.key
        changed: tuple[str, ...] = ()
        if statement is last and key > last_key:
            unmoved_to = key
        else:
            if last is not None and unmoved_to:
                absorb(state, last, unmoved_to)
            changed, outdated = absorb(state, statement, key)
            last, unmoved_to = None if outdated else statement, b""
            if changed or outdated:
                _note_versions(work, message, statement.values, changed, outdated)
        last_key = key
        if message.kind == _PATIENT:
            message.outcome = _APPLIED if changed or fact.merged_from or _is_merge(message) else _SUPERSEDED
    if last is not None and unmoved_to:
        absorb(state, last, unmoved_to)


def _fact_about(work: PatientWork, message: ReadMessage) -> PatientFact | None:
    """What a message states about the record."""
    reading = message.reading
    if reading is None or not reading.further_patients:
        return reading.patient if reading is not None else None
    return next((fact for _, fact in patients_of((message,)) if patient_key(message, fact) == work.key), None)


def _is_merge(message: ReadMessage) -> bool:
    """Whether any of several patients survives somebody; one that states nothing new is not the whole message."""
    further = message.reading.further_patients if message.reading is not None else ()
    return bool(further) and any(fact.merged_from for _, fact in patients_of((message,)))


def _note_versions(
    work: PatientWork,
    message: ReadMessage,
    values: Mapping[str, Any],
    changed: Iterable[str],
    outdated: Iterable[str],
) -> None:
    message_id = message.claimed.message_id
    if changed:
        work.is_changed = True
        work.versions.append(({aspect: values[aspect] for aspect in changed}, message.key, True, message_id))
        work.has_new_phones = work.has_new_phones or "phones_home" in changed or "phones_work" in changed
    if outdated:
        work.versions.append(({aspect: values[aspect] for aspect in outdated}, message.key, False, message_id))


def _merge_edges(cursor: Cursor, works: Mapping[PatientKey, PatientWork], messages: Iterable[ReadMessage]) -> None:
    """Store one alias edge for each merge (I3); a record is never merged into itself."""
    changed: dict[PatientKey, PatientWork] = {}
    for message, fact in patients_of(messages):
        if not fact.merged_from:
            continue
        survivor = works[patient_key(message, fact)]
        for retired in fact.merged_from:
            work = works[(message.feed.source_id, *retired)]
            if work is not survivor:
                edged = merge_edge(work.state, survivor.id, message.key)
                if edged is not work.state:
                    work.state = edged
                    changed[work.key] = work
    if changed:
        write_edges(cursor, changed.values())
