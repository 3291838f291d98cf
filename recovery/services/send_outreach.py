"""Write a text or e-mail: attempt, message and history in one transaction, through the guard (I5)."""

from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple
from uuid import uuid4

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.contacting.owners import number_owner, person_owner
from recovery.contacting.scripts import Script, ScriptError
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, ItemEvent, MessageTemplate, Outbound, QueueItem
from recovery.outcomes import OUTCOMES
from recovery.outreach.gateways import is_switched_on
from recovery.selectors.wordings import script_facts, script_of, wordings_for
from recovery.services.guard import SUBJECT, Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.services.guard_send import ACTS, refuse_unanswered
from recovery.services.next_steps import Told, move_on, seen
from recovery.services.read_contact import TOPICS, policy_in_force
from recovery.services.read_policies import read_tries_in_force
from recovery.vocabulary import AttemptOutcome, Family, ItemEventKind, NextStep, OutreachChannel, Topic
from scheduling.models import Patient

MOST_OF_SUBJECT = 120


class Words(NamedTuple):
    """An approved wording, and what it says here."""

    template: MessageTemplate
    script: Script


def send_message(
    item_id: int,
    channel: OutreachChannel,
    *,
    actor: User,
    version: int | None,
    now: datetime,
    words: Collection[str] = (),
    request_id: str = "",
) -> Attempt:
    """Write a text or e-mail about an item; it leaves within seconds, guarded once more.

    ``words`` are the keys of the words that the person read before (``words_key``): no others leave. Raises
    GuardRefusedError when anything does not hold, InvalidActError where messages of the channel are switched off.
    """
    act = ACTS[channel]

    def send(found: Guarded) -> Attempt:
        attempt = write_message(found, channel, actor=actor, now=now, read=words)
        told = Told(AttemptOutcome.SENT, NextStep.OTHER_CHANNEL)
        move_on(found.item, told, OUTCOMES[AttemptOutcome.SENT], now)
        record(
            AuditAction.CHANGED,
            actor=actor,
            subject_kind=SUBJECT,
            subjects=[found.item.pk],
            patients=[attempt.patient_id],
            clinic=found.item.clinic_id,
            detail={"verb": str(act), "attempt": attempt.pk},
            now=now,
            request_id=request_id,
        )
        return attempt

    return guarded(item_id, Intent(act, version), send, actor=actor, now=now, request_id=request_id)


def write_message(
    found: Guarded,
    channel: OutreachChannel,
    *,
    actor: User,
    now: datetime,
    until: datetime | None = None,
    read: Collection[str] = (),
) -> Attempt:
    """Write attempt and message about what was guarded, inside its transaction; ``until`` ends an offer.

    For whoever passes the guard with an act of their own (an offer): the item's next step is theirs to write. ``read``
    are the keys of the words that were read before. Raises GuardRefusedError without a wording, a number, with other
    words than those, or with a reply of theirs unanswered.
    """
    if found.person is None or found.records is None or found.answer is None:
        raise InvalidActError("Nobody is named whom to write to.")
    if not is_switched_on(channel):
        raise InvalidActError(f"{channel.label} messages are switched off at this desk.")
    point = found.answer.way(channel).point
    if point is None:
        raise GuardRefusedError("no_point", "No number or address on file.")
    refuse_unanswered(point.value)
    item, deadline = found.item, min(found.item.useful_until, until or found.item.useful_until)
    words = find_words(item, found.person.patient_id, TOPICS[Family(item.family)], channel, found.person.language, now)
    if read and words_key(words) not in read:
        raise GuardRefusedError("words_changed", "The words changed meanwhile. Read them again.")
    attempt = Attempt.objects.create(
        item=item,
        patient_id=found.person.patient_id,
        clinic_id=item.clinic_id,
        decision=found.verdict.decision,
        channel=channel,
        value=point.value,
        person_owner=person_owner(found.records.root),
        number_owner=number_owner(point.value),
        actor=actor,
        at=now,
        verdict=seen(found, now),
        outcome=AttemptOutcome.SENT,
        outcome_at=now,
        next_step=NextStep.OTHER_CHANNEL,
        next_at=until or now + read_tries_in_force(item.clinic_id, Family(item.family), now).rest,
        language=found.person.language[:16],
    )
    queue_outbound(attempt, words, now=now, deadline=deadline)
    ItemEvent.objects.create(
        item=item,
        kind=ItemEventKind.OUTCOME,
        at=now,
        actor=actor,
        reason=AttemptOutcome.SENT,
        detail={"attempt": attempt.pk, "channel": str(channel), "next": str(NextStep.OTHER_CHANNEL)},
    )
    return attempt


def queue_outbound(attempt: Attempt, words: Words, *, now: datetime, deadline: datetime) -> Outbound:
    """Put a message into the outbox; its key goes along with every try."""
    return Outbound.objects.create(
        attempt=attempt,
        key=uuid4().hex,
        template=words.template,
        subject=words.script.subject[:MOST_OF_SUBJECT],
        body=words.script.body,
        send_after=now,
        deadline_at=deadline,
    )


def words_key(words: Words) -> str:
    """Name words by what they say, so that what was read is what leaves."""
    said = f"{words.template.pk}\n{words.script.subject}\n{words.script.body}"
    return blake2b(said.encode(), digest_size=12).hexdigest()


def find_words(
    item: QueueItem, patient_id: int, topic: Topic, channel: OutreachChannel, language: str, now: datetime
) -> Words:
    """The approved wording in a language with its gaps filled in (English where none is stated).

    Raises GuardRefusedError where there is none, or a value for a gap is not known.
    """
    template = wordings_for(topic, language, now).get(channel)
    if template is None or item.clinic is None:
        raise GuardRefusedError("no_template", "No approved wording in the patient's language.")
    patient = Patient.objects.get(pk=patient_id)
    facts = script_facts(item, patient, item.clinic, policy_in_force(item.clinic, now), language)
    try:
        return Words(template, script_of(template, facts))
    except ScriptError as error:
        raise GuardRefusedError("wording", str(error)) from error
