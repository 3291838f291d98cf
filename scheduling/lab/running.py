"""One message through the pipeline's own functions, read only: what the batch would do with it, and nothing done.

Reading, mapping, explaining and folding are those of digestion. What differs is where the rows come from: nothing is
locked, and only appointments in the person's scope are looked at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import Clinic
from scheduling.digestion.aliases import load_aliases
from scheduling.digestion.appointments import AppointmentWork, fold_one, load_refolds, rivals
from scheduling.digestion.claim import Claimed
from scheduling.digestion.context import FeedContext, load_feeds
from scheduling.digestion.history import StoredEvent, load_history
from scheduling.digestion.reading import (
    MappedFact,
    ReadMessage,
    appointment_key,
    map_facts,
    read_messages,
)
from scheduling.folding.fold import fold
from scheduling.folding.state import AppointmentState
from scheduling.lab.bodies import Body, open_body, stored_body
from scheduling.lab.records import is_restricted, patients_of
from scheduling.lab.tracing import Trace, trace
from scheduling.mapping.explain import explain
from scheduling.mapping.loading import PublishedRevision, SourceRules, compile_revisions
from scheduling.mapping.rules import MappingContext, Resolution, RuleSet
from scheduling.models import Appointment, Feed, MappingRevision, Message, Patient
from scheduling.services.intake import control_hash
from scheduling.sql.cursors import Cursor, server_cursor
from scheduling.vocabulary import Outcome

MOST_VISITS = 5  # one message may name several
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: ``data`` as given or, of a stored message, its bytes; ``revision`` None means what is in force.

    ``received_at`` is when the message is taken to be heard, ``now`` when the verdicts are asked for; both UTC.
    """

    feed: Feed
    data: bytes
    user: Any
    now: datetime
    received_at: datetime
    number: int = 1
    stored: Message | None = None
    revision: MappingRevision | None = None


@dataclass(slots=True)
class LabVisit:
    """One appointment that the message names, before and after it.

    ``before`` is None where there is none in the person's sight; of a stored message it is the picture without it.
    ``work`` carries the fold's own answer; its id is 0 where no appointment is known.
    """

    mapped: MappedFact
    work: AppointmentWork
    resolution: Resolution
    rules: RuleSet
    revision_id: int | None
    patient: Patient | None = None
    is_new_patient: bool = False
    is_restricted: bool = False

    @property
    def before(self) -> AppointmentState | None:
        """The picture before."""
        return self.work.before

    @property
    def after(self) -> AppointmentState:
        """The picture after."""
        return self.work.after

    @property
    def outcome(self) -> Outcome:
        """What the event would end as."""
        return Outcome(self.mapped.event.outcome)


@dataclass(slots=True)
class LabRun:
    """Everything that stages tell of. ``message`` is None where the body holds none that could be read.

    ``repeats`` are messages in the person's sight that this one repeats, ``reused`` those with its control id and
    another body, both oldest first.
    """

    asked: Request
    context: FeedContext
    body: Body
    message: ReadMessage | None = None
    trace: Trace = field(default_factory=Trace)
    visits: list[LabVisit] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    reused: list[int] = field(default_factory=list)
    clinics: dict[int, Clinic] = field(default_factory=dict)

    @property
    def message_id(self) -> int:
        """The stored message's id; 0 for one that was only shown."""
        return self.asked.stored.pk if self.asked.stored else 0


@contextmanager
def read_only() -> Iterator[Cursor]:
    """A transaction in which PostgreSQL itself refuses every write and every lock on a row."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        with server_cursor() as cursor:
            yield cursor


def run_lab(cursor: Cursor, asked: Request) -> LabRun:
    """Take one message through every stage of this floor; call it within ``read_only``. No body raises anything."""
    context = _context(cursor, asked)
    if asked.stored is not None:
        body = stored_body(asked.data, context)
    else:
        body = open_body(asked.data, context, number=asked.number, now=asked.received_at)
    run = LabRun(asked, context, body)
    if body.fault and not body.message:
        return run
    run.message = message = _read(run)
    _find_copies(run)
    if message.reading is None:
        return run
    run.trace = trace(body.message, context.format, context.reader, message.reading)
    patients, known = patients_of(message, context.source_id)
    map_facts(message, known)
    run.visits = [_visit(cursor, run, mapped, patients) for mapped in message.mapped[:MOST_VISITS]]
    run.clinics = _clinics(run)
    return run


def _context(cursor: Cursor, asked: Request) -> FeedContext:
    """The feed as digestion sees it, with the chosen revision as if it had always been the one in force."""
    context = load_feeds(cursor, [asked.feed.pk])[asked.feed.pk]
    if asked.revision is None:
        return context
    rules = compile_revisions([asked.revision.pk])[asked.revision.pk]
    published = (PublishedRevision(asked.revision.pk, _EVER, rules),)
    return replace(context, rules=SourceRules(context.source_id, published))


def _read(run: LabRun) -> ReadMessage:
    body, asked = run.body, run.asked
    claimed = Claimed(
        run.message_id,
        run.context.feed_id,
        asked.received_at,
        asked.stored.control_id if asked.stored else body.control_id,
        asked.stored.control_hash if asked.stored else control_hash(body.control_id),
        bytes(asked.stored.digest) if asked.stored else body.digest,
        body.message,
        None,
    )
    return read_messages([claimed], {run.context.feed_id: run.context})[0]


def _find_copies(run: LabRun) -> None:
    """Stored messages with the same control id, as a batch tells them apart: by their bytes (I2)."""
    if run.message is None or not run.message.claimed.control_hash:
        return
    claimed = run.message.claimed
    same = Message.objects.filter(feed_id=claimed.feed_id, control_hash=claimed.control_hash)
    if run.asked.stored is not None:
        same = same.exclude(pk=run.message_id).filter(received_at__lte=claimed.received_at)
    rows = same.visible_to(run.asked.user).order_by("received_at", "pk").values_list("pk", "digest")[:20]
    for pk, digest in rows:
        (run.repeats if bytes(digest) == claimed.digest else run.reused).append(pk)
    if run.reused and not run.repeats:
        run.message.claimed = claimed._replace(repeats=False)


def _visit(cursor: Cursor, run: LabRun, mapped: MappedFact, patients: dict[int, Patient]) -> LabVisit:
    work = _work(cursor, run, mapped)
    stored = _history(cursor, run, work)
    aliases = load_aliases(cursor, {pk for pk in rivals([work], {work.id: stored}) if pk > 0})
    if run.asked.stored is not None and work.id:
        # What the picture was without it, so that the message is seen to do what it did.
        rest = [old.event for old in stored]
        work.before = fold(rest, work.base, floor=work.floor, aliases=aliases) if rest or work.base else None
    fold_one(work, stored, aliases, _keep_meanings)
    rules, revision_id = run.context.rules.at(mapped.event.source_at)
    context = MappingContext(run.context.source_id, mapped.event.clinic_id)
    patient_id = mapped.event.patient_id or work.after.patient_id
    patient = patients.get(patient_id) if patient_id else None
    if patient is None and patient_id and patient_id > 0:
        patient = Patient.objects.filter(pk=patient_id).first()
    visible = patient is not None and Patient.objects.visible_to(run.asked.user).filter(pk=patient.pk).exists()
    return LabVisit(
        mapped,
        work,
        explain(mapped.fact.signals, context, rules),
        rules,
        revision_id,
        patient if visible else None,
        is_new_patient=patient_id is not None and patient_id < 0,
        is_restricted=is_restricted(mapped.message, patient),
    )


def _work(cursor: Cursor, run: LabRun, mapped: MappedFact) -> AppointmentWork:
    """The appointment as ``fold_one`` takes it; a blank one where the person sees none of that name."""
    key = appointment_key(mapped.message, mapped.fact)
    named = dict(zip(("source_id", "namespace", "external_id", "occurrence"), key, strict=True))
    ids = list(Appointment.objects.visible_to(run.asked.user).filter(**named).values_list("pk", flat=True))
    works = load_refolds(cursor, ids, feed_id=run.context.feed_id) if ids else []
    work = works[0] if works else AppointmentWork(key, run.context.feed_id)
    work.is_refold, work.needs_history = False, bool(ids)
    work.facts = [mapped]
    return work


def _history(cursor: Cursor, run: LabRun, work: AppointmentWork) -> list[StoredEvent]:
    """The appointment's stored events, those of the stored message itself left out."""
    stored = load_history(cursor, [work.id]).get(work.id, []) if work.id else []
    own = run.message_id
    return [old for old in stored if not own or old.message_id != own]


def _keep_meanings(source_id: int, stored: list[StoredEvent]) -> list[StoredEvent]:
    """Earlier events keep the meaning they have, whatever revision is tried on this one."""
    return []


def _clinics(run: LabRun) -> dict[int, Clinic]:
    ids = {
        state.clinic_id
        for visit in run.visits
        for state in (visit.before, visit.after)
        if state is not None and state.clinic_id is not None
    }
    return Clinic.objects.in_bulk(ids)
