"""Calls: begun through the guard, ended with an outcome that forces a next step."""

from dataclasses import replace
from datetime import datetime

from django.db.models import F

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.contacting.owners import number_owner, person_owner
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, ContactMark, ItemEvent, QueueItem
from recovery.outcomes import FARTHEST, NEEDS_MOMENT, Follows, follows_of
from recovery.services.claims import LEASE
from recovery.services.guard import SUBJECT, Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.services.next_steps import Told, move_on, seen
from recovery.services.replan import replan_people
from recovery.services.spoken_answer import Answered, answer_spoken, find_asked
from recovery.vocabulary import Act, AttemptOutcome, Family, ItemEventKind, OutreachChannel
from scheduling.models import Consent


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

    A yes or a no to a freed slot answers its offer in the same transaction; a yes makes one where none was out. Where
    the slot cannot be had any more the outcome is kept all the same, and GuardRefusedError is raised after the commit,
    for whoever is on the phone to be told. Raises InvalidActError when the step does not follow from the outcome or
    something is missing, GuardRefusedError too when the attempt is another person's or has an outcome already.
    """
    attempt = Attempt.objects.select_related("item").get(pk=attempt_id)
    if attempt.item is None:
        raise InvalidActError("This attempt belongs to no item.")
    follows = follows_of(told.outcome, Family(attempt.item.family))
    _check(told, follows, now)

    asked = find_asked(attempt, attempt.item, told.outcome, now)

    def end(found: Guarded) -> tuple[Attempt, GuardRefusedError | None]:
        ended = _end(found.item, attempt_id, told, follows, actor, now)
        answered = answer_spoken(asked, ended, actor=actor, now=now, request_id=request_id)
        _go_on(found.item, ended, told, follows, answered, now)
        return ended, answered.refusal

    intent = Intent(Act.OUTCOME, patient_id=attempt.patient_id, visit_id=asked.visit_id)
    ended, refusal = guarded(attempt.item.pk, intent, end, actor=actor, now=now, request_id=request_id)
    if refusal is not None:
        raise refusal
    return ended


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
    return attempt


def _go_on(item: QueueItem, attempt: Attempt, told: Told, follows: Follows, answered: Answered, now: datetime) -> None:
    """Write what follows on the item, unless the answer to an offer has done so, and the line of history."""
    step = answered.step or told.next_step
    if answered.keeps_item:
        QueueItem.objects.filter(pk=item.pk).update(tries=F("tries") + int(follows.is_try), version=F("version") + 1)
    else:
        item.refresh_from_db()
        step = move_on(item, replace(told, next_step=step), follows, now)
    if step != attempt.next_step:
        attempt.next_step = step
        attempt.save(update_fields=["next_step"])
    detail = {"attempt": attempt.pk, "next": step}
    ItemEvent.objects.create(
        item=item, kind=ItemEventKind.OUTCOME, at=now, actor_id=attempt.actor_id, reason=told.outcome, detail=detail
    )
    if told.outcome == AttemptOutcome.NO_CALLS:
        replan_people([attempt.patient_id], now=now)


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
