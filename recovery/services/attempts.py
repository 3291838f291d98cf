"""Calls: begun through the guard, ended with an outcome that forces a next step."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.contacting.owners import number_owner, person_owner
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, ContactMark, ItemEvent, QueueItem
from recovery.outcomes import FARTHEST, NEEDS_MOMENT, OUTCOMES, PASSED_ON, RESTS, SETTLED, Follows
from recovery.services.claims import LEASE
from recovery.services.guard import SUBJECT, Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.vocabulary import Act, AttemptOutcome, Family, ItemEventKind, NextStep, OutreachChannel
from scheduling.models import Consent


@dataclass(frozen=True, slots=True)
class Told:
    """How an attempt went, as the person says it. ``at`` is the moment of a call back or of the next try."""

    outcome: AttemptOutcome
    next_step: NextStep
    note: str = ""
    at: datetime | None = None
    with_whom: str = ""
    language: str = ""


def begin_call(
    item_id: int,
    *,
    actor: User,
    version: int | None,
    now: datetime,
    patient_id: int | None = None,
    visit_id: int | None = None,
    request_id: str = "",
) -> Attempt:
    """Open a call: the last moment at which everything is looked at again. The number stands on the attempt.

    ``patient_id`` and ``visit_id`` name a candidate for a freed slot and their own later visit. Raises
    GuardRefusedError when anything does not hold, InvalidActError while another call of the person has no outcome.
    """

    def begin(found: Guarded) -> Attempt:
        return _begin(found, actor, now, request_id)

    intent = Intent(Act.CALL, version, patient_id, visit_id)
    return guarded(item_id, intent, begin, actor=actor, now=now, request_id=request_id)


def record_outcome(attempt_id: int, told: Told, *, actor: User, now: datetime, request_id: str = "") -> Attempt:
    """End a call with its outcome and its next step. The item may have closed meanwhile: what was done is kept.

    Raises InvalidActError when the step does not follow from the outcome or something is missing, GuardRefusedError
    when the attempt is another person's or has an outcome already.
    """
    attempt = Attempt.objects.select_related("item").get(pk=attempt_id)
    follows = OUTCOMES[told.outcome]
    _check(told, follows, now)
    if attempt.item is None:
        raise InvalidActError("This attempt belongs to no item.")

    def end(found: Guarded) -> Attempt:
        return _end(found.item, attempt_id, told, follows, actor, now)

    return guarded(attempt.item.pk, Intent(Act.OUTCOME), end, actor=actor, now=now, request_id=request_id)


def _begin(found: Guarded, actor: User, now: datetime, request_id: str) -> Attempt:
    if found.person is None or found.records is None or found.answer is None:
        raise InvalidActError("Nobody is named whom to call.")
    if Attempt.objects.filter(actor=actor, outcome="").exists():
        raise InvalidActError("Say how your last call went first.")
    point = found.answer.way(OutreachChannel.CALL).point
    if point is None:
        raise GuardRefusedError("no_point", "No number on file.")
    item = found.item
    attempt = Attempt.objects.create(
        item=item,
        patient_id=found.person.patient_id,
        clinic_id=item.clinic_id,
        decision=found.verdict.decision,
        channel=OutreachChannel.CALL,
        value=point.value,
        person_owner=person_owner(found.records.root),
        number_owner=number_owner(point.value),
        actor=actor,
        at=now,
        verdict=seen(found, now),
    )
    QueueItem.objects.filter(pk=item.pk).update(claimed_until=now + LEASE, version=F("version") + 1)
    ItemEvent.objects.create(item=item, kind=ItemEventKind.CALLED, at=now, actor=actor, detail={"attempt": attempt.pk})
    record(
        AuditAction.REVEALED,
        actor=actor,
        subject_kind=SUBJECT,
        subjects=[item.pk],
        patients=[found.person.patient_id],
        clinic=item.clinic_id,
        detail={"what": "number", "attempt": attempt.pk},
        now=now,
        request_id=request_id,
    )
    return attempt


def seen(found: Guarded, now: datetime) -> dict[str, object]:
    """What the guard saw, to be kept with the attempt; codes and seconds, nothing about the patient."""
    age = found.trust.age(now) if found.trust is not None else None
    feed = found.trust.feed if found.trust is not None else None
    return {
        "level": int(found.verdict.level),
        "codes": [reason.code for reason in found.verdict.stops],
        "data_age": round(age.total_seconds()) if age is not None else None,
        "feed": feed.feed_id if feed is not None else None,
    }


def _check(told: Told, follows: Follows, now: datetime) -> None:
    if told.next_step not in follows.steps:
        raise InvalidActError("Choose what happens next.")
    if follows.needs_note and not told.note.strip():
        raise InvalidActError("Write a few words, so that the next person knows what to do.")
    if told.next_step in NEEDS_MOMENT and told.at is None:
        raise InvalidActError("Say when to call back.")
    if told.at is not None and not now < told.at <= now + FARTHEST:
        raise InvalidActError(f"Choose a moment within {FARTHEST.days} days.")


def _end(item: QueueItem, attempt_id: int, told: Told, follows: Follows, actor: User, now: datetime) -> Attempt:
    attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
    if attempt.outcome:
        raise GuardRefusedError("told_already", "How it went is recorded already.", changed_at=attempt.outcome_at)
    if attempt.actor_id != actor.pk:
        raise GuardRefusedError("taken", f"{attempt.actor} made this call.")
    attempt.outcome, attempt.outcome_at = told.outcome, now
    attempt.next_step, attempt.next_at = told.next_step, told.at
    attempt.note, attempt.with_whom, attempt.language = told.note.strip(), told.with_whom.strip(), told.language
    attempt.is_counted = follows.is_try
    attempt.save()
    _learn(attempt, follows, actor, now)
    move_on(item, attempt, told, follows, now)
    ItemEvent.objects.create(
        item=item,
        kind=ItemEventKind.OUTCOME,
        at=now,
        actor=actor,
        reason=told.outcome,
        detail={"attempt": attempt.pk, "next": told.next_step},
    )
    return attempt


def _learn(attempt: Attempt, follows: Follows, actor: User, now: datetime) -> None:
    """What the call told of the number, and a refusal that was spoken."""
    if follows.mark is not None:
        system = "email" if attempt.channel == OutreachChannel.EMAIL else "phone"
        ContactMark.objects.create(
            patient_id=attempt.patient_id, system=system, value=attempt.value, mark=follows.mark, at=now,
            recorded_by=actor,
        )  # fmt: skip
    if attempt.outcome == AttemptOutcome.NO_CALLS:
        Consent.objects.create(
            patient_id=attempt.patient_id, channel="call", topic="", is_allowed=False, valid_from=now,
            recorded_at=now, recorded_by=actor,
        )  # fmt: skip


def move_on(item: QueueItem, attempt: Attempt, told: Told, follows: Follows, now: datetime) -> None:
    """Write the next step on the item; whoever passes it on or has nothing more to do lets go of it."""
    rest = RESTS[Family(item.family)] if told.next_step in (NextStep.TRY_AGAIN, NextStep.OTHER_CHANNEL) else None
    item.next_step = told.next_step
    item.not_before = told.at or (now + rest if rest is not None else None)
    item.tries += follows.is_try
    item.version += 1
    if told.next_step in PASSED_ON | SETTLED or item.not_before is not None:
        item.claimed_by = item.claimed_at = item.claimed_until = None
    item.save(
        update_fields=[
            "next_step", "not_before", "tries", "version", "claimed_by", "claimed_at", "claimed_until",
        ]
    )  # fmt: skip
