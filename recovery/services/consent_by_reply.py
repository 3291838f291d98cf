"""What a reply says of consent, for everybody who has the number: written at once, with what follows from it."""

from datetime import datetime, timedelta

from recovery.contacting.owners import number_owner, person_owner
from recovery.errors import GuardRefusedError
from recovery.models import Attempt, Outbound, Reply
from recovery.outreach.claiming import free_q
from recovery.outreach.numbers import is_address
from recovery.services.read_people import records_of
from recovery.services.replan import replan_people
from recovery.services.send_outreach import find_words, queue_outbound
from recovery.services.settle_outbound import Ending, end_outbound
from recovery.services.take_reply import ways_of
from recovery.vocabulary import AttemptOutcome, NextStep, OutboundState, OutreachChannel, Topic
from scheduling.models import Consent, ContactPoint, Patient
from scheduling.vocabulary import Decision

# One message may say that no more come, within five minutes (47 CFR 64.1200(a)(12)).
CONFIRMED_WITHIN = timedelta(minutes=5)
# Whoever says it again is not told again.
TOLD_LATELY = timedelta(days=1)
WANTS_NONE = "The patient asked for no more messages."
MOST_PEOPLE = 200


def stop_messages(reply: Reply, *, now: datetime) -> str:
    """Refuse the reply's channel for everybody who has the number; stop what waits; say in words what was done.

    Call it inside ``transaction.atomic``; patients are locked first, so that no message is guarded meanwhile.
    """
    number = _state(reply, is_allowed=False, now=now)
    stopped = _stop_waiting(reply, now)
    told = _confirm(reply, now)
    people = "1 person" if number == 1 else f"{number} people"
    parts = [f"No more messages to {people}"]
    if stopped:
        parts.append(f"{stopped} stopped on the way")
    if told:
        parts.append("a confirmation goes out")
    return f"{'; '.join(parts)}."


def start_messages(reply: Reply, *, now: datetime) -> str:
    """Allow the reply's channel again for everybody who has the number; say in words what was done."""
    number = _state(reply, is_allowed=True, now=now)
    return f"Messages again, to {'1 person' if number == 1 else f'{number} people'}."


def channel_of(value: str) -> OutreachChannel:
    """By which way somebody wrote."""
    return OutreachChannel.EMAIL if is_address(value) else OutreachChannel.TEXT


def _state(reply: Reply, *, is_allowed: bool, now: datetime) -> int:
    """Write one line of the ledger for each person, whose open items say so at once; return for how many."""
    roots = _people(reply)
    list(Patient.objects.filter(pk__in=roots).order_by("pk").select_for_update().values_list("pk", flat=True))
    Consent.objects.bulk_create(
        Consent(
            patient_id=pk,
            channel=str(channel_of(reply.value)),
            topic="",
            is_allowed=is_allowed,
            valid_from=reply.received_at,
            recorded_at=now,
        )
        for pk in roots
    )
    replan_people(roots, now=now)
    return len(roots)


def _people(reply: Reply) -> list[int]:
    """Everybody who has the number, and whom the answered message went to: the records that survived merges."""
    having = ContactPoint.objects.filter(value__in=ways_of(reply.value)).values_list("patient", flat=True)
    found = set(having[:MOST_PEOPLE])
    if reply.outbound is not None:
        found.add(reply.outbound.attempt.patient_id)
    return sorted({records_of(pk).root for pk in found})


def _stop_waiting(reply: Reply, now: datetime) -> int:
    ending = Ending(OutboundState.REFUSED, WANTS_NONE, NextStep.OTHER_CHANNEL, "opted_out_partly", has_left=False)
    to_them = Outbound.objects.filter(
        free_q(now), attempt__number_owner__in=[number_owner(one) for one in ways_of(reply.value)]
    )
    # The confirmation of an earlier stop is the one message that may still go.
    to_them = to_them.exclude(attempt__decision=Decision.STOP_OUTREACH)
    rows = list(to_them.select_related("attempt").order_by("pk").select_for_update(of=("self",)))
    for row in rows:
        end_outbound(row, ending, now)
    return len(rows)


def _confirm(reply: Reply, now: datetime) -> bool:
    """Write the one message that may follow; False where there is no wording, or they were told a short while ago."""
    if reply.outbound is None:
        return False
    answered = reply.outbound.attempt
    channel = channel_of(reply.value)
    deadline = reply.received_at + CONFIRMED_WITHIN
    stops = Attempt.objects.filter(number_owner=answered.number_owner, decision=Decision.STOP_OUTREACH)
    if deadline <= now or stops.filter(at__gt=now - TOLD_LATELY).exists():
        return False
    if answered.item is None or channel != answered.channel:
        return False
    try:
        words = find_words(answered.item, answered.patient_id, Topic.STOP, channel, answered.language, now)
    except GuardRefusedError:  # without words for it the refusal stands all the same
        return False
    confirmation = Attempt.objects.create(
        item=None,
        patient_id=answered.patient_id,
        clinic_id=answered.clinic_id,
        decision=Decision.STOP_OUTREACH,
        channel=channel,
        value=answered.value,
        person_owner=person_owner(records_of(answered.patient_id).root),
        number_owner=answered.number_owner,
        actor=None,
        at=now,
        outcome=AttemptOutcome.SENT,
        outcome_at=now,
        next_step=NextStep.CLOSE,
        language=answered.language,
        is_counted=False,
    )
    queue_outbound(confirmation, words, now=now, deadline=deadline)
    return True
