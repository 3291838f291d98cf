"""Between opening an item and pressing call the world changes: each act is refused with its own sentence (I5)."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry
from accounts.vocabulary import AuditAction
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, ItemEvent, QueueItem
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.claims import LEASE, MOST_HELD, claim_item, claim_next, end_claims, hand_over, release_item
from recovery.services.next_steps import Told
from recovery.vocabulary import AttemptOutcome, ItemEventKind, NextStep
from scheduling.models import Consent
from tests.recovery.worked import MINUTE, VISIT_AT, make_worked
from tests.support.desk import DAY, HOUR, NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture
from tests.support.messages import adt, merge, siu

LATER = NOW + MINUTE


@pytest.fixture
def worked(desk):
    return make_worked(desk)


@pytest.fixture
def claimed(worked):
    """Ruth has taken the item and has its page open."""
    claim_item(worked.item.pk, actor=worked.ruth, version=worked.item.version, now=NOW)
    return worked


def call(worked, *, now=LATER, actor=None, version=None):
    return begin_call(worked.item.pk, actor=actor or worked.ruth, version=version or worked.item.version, now=now)


def refused(worked, *, now=LATER, version=None, actor=None):
    """The code and sentence with which a call is refused; nothing was dialled."""
    with pytest.raises(GuardRefusedError) as refusal:
        call(worked, now=now, version=version, actor=actor)
    assert Attempt.objects.count() == 0
    return refusal.value.code, str(refusal.value)


def test_a_call_goes_through_when_nothing_changed(claimed):
    attempt = call(claimed)

    assert (attempt.value, attempt.actor, attempt.is_counted) == ("3125550142", claimed.ruth, True)
    assert claimed.item.claimed_until == LATER + LEASE
    assert AuditEntry.objects.filter(action=AuditAction.REVEALED).count() == 1


def test_visit_was_booked_again(claimed):
    claimed.hear(siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT + DAY), now=LATER)

    assert refused(claimed) == ("closed_rebooked", "The patient has another visit, known since 09:42 CST.")


def test_visit_stands_again(claimed):
    claimed.hear(siu("S14", visit="V1", at=NOW, starts_at=VISIT_AT, status="Confirmed"), now=LATER)

    code, _ = refused(claimed)
    assert code.startswith("closed_")


def test_patient_died(claimed):
    claimed.hear(adt("A08", at=NOW, died_at=NOW - DAY), now=LATER)

    assert refused(claimed) == ("closed_unwanted", "Outreach is not wanted, known since 09:42 CST.")


def test_patient_was_merged(claimed):
    claimed.hear(merge(at=NOW, survivor="N-9", retired="N-1"), now=LATER)

    code, sentence = refused(claimed, version=claimed.item.version - 1)
    assert (code, sentence) == ("merged", "The record was merged with another, 09:42 CST. Look at it again.")


def test_patient_opted_out(claimed):
    Consent.objects.create(patient=claimed.patient, channel="call", is_allowed=False, valid_from=NOW, recorded_at=NOW)

    assert refused(claimed) == ("opted_out_partly", "Call: refused by the patient.")


def test_feed_went_stale(claimed):
    late = NOW + 25 * HOUR
    QueueItem.objects.filter(pk=claimed.item.pk).update(claimed_until=late + LEASE)

    code, sentence = refused(claimed, now=late)
    assert (code, sentence.split(";")[1]) == ("freshness", " this action needs 24 h. Owner: nobody yet.")


def test_colleague_took_it(worked):
    claim_item(worked.item.pk, actor=worked.omar, version=None, now=NOW)

    assert refused(worked) == ("taken", "Omar works on it since 09:41 CST.")


def test_claim_ran_out(claimed):
    assert refused(claimed, now=NOW + LEASE) == ("not_claimed", "Your claim ran out. Take it again.")


def test_page_was_stale(claimed):
    seen = claimed.item.version
    claimed.hear(siu("S15", visit="V1", at=NOW - MINUTE, starts_at=VISIT_AT, status="Bumped", minutes=45), now=LATER)

    assert refused(claimed, version=seen)[0] == "changed"


@pytest.mark.parametrize(
    ("body", "age", "is_refused"),
    [
        (adt("A08", at=NOW, phone="3125550199"), timedelta(0), True),
        (merge(at=NOW, survivor="N-9", retired="N-1"), timedelta(0), True),
        (adt("A08", at=NOW, patient="N-77"), timedelta(0), False),
        (adt("A08", at=NOW, patient="N-77"), timedelta(seconds=1), False),
        (adt("A08", at=NOW, patient="N-77"), timedelta(seconds=1, microseconds=1), True),
    ],
    ids=["this patient's", "a merge of this patient", "somebody else's", "a second old", "older than a second"],
)
def test_messages_that_wait_count_as_known(claimed, body, age, is_refused):
    claimed.desk.receive(body, now=LATER - age)

    if is_refused:
        assert refused(claimed) == ("unread", "New messages are waiting to be read. Try again in a moment.")
    else:
        assert call(claimed).pk


def test_refusal_is_written_with_the_lag_of_the_feed_and_survives(claimed):
    claimed.hear(siu("S12", visit="V2", at=NOW - HOUR, starts_at=VISIT_AT + DAY), now=LATER)

    refused(claimed)

    event = ItemEvent.objects.get(kind=ItemEventKind.REFUSED)
    assert (event.reason, event.actor) == ("closed_rebooked", claimed.ruth)
    assert event.detail["act"] == "call"
    assert event.detail["feed_lag"] == 3600
    assert AuditEntry.objects.filter(action=AuditAction.DENIED, actor=claimed.ruth).count() == 1


def test_a_call_needs_an_outcome_before_the_next(claimed):
    call(claimed)
    at = VISIT_AT + HOUR
    claimed.hear(siu("S12", visit="V7", at=NOW - DAY, starts_at=at, patient="N-7", phone="3125550177"))
    claimed.hear(siu("S15", visit="V7", at=NOW - HOUR, starts_at=at, patient="N-7", status="Bumped"))
    other = QueueItem.objects.get(family="rebook_bumped", appointment__external_id="V7")
    claim_item(other.pk, actor=claimed.ruth, version=None, now=LATER)

    with pytest.raises(InvalidActError, match="how your last call went"):
        begin_call(other.pk, actor=claimed.ruth, version=None, now=LATER)
    with pytest.raises(InvalidActError, match="how the call went"):
        release_item(claimed.item.pk, actor=claimed.ruth, now=LATER)


def test_what_a_colleague_recorded_while_we_waited_for_the_locks_counts(claimed):
    """Our moment was read before theirs, and the locks became ours after."""
    meanwhile = LATER + timedelta(seconds=2)
    Consent.objects.create(
        patient=claimed.patient, channel="call", is_allowed=False, valid_from=meanwhile, recorded_at=meanwhile
    )

    assert refused(claimed) == ("opted_out_partly", "Call: refused by the patient.")


def test_no_answer_rests_and_counts_and_frees_the_item(claimed):
    attempt = call(claimed)

    told = Told(AttemptOutcome.NO_ANSWER, NextStep.TRY_AGAIN)
    record_outcome(attempt.pk, told, actor=claimed.ruth, now=LATER)

    item = claimed.item
    assert (item.tries, item.next_step, item.not_before) == (1, NextStep.TRY_AGAIN, LATER + 4 * HOUR)
    assert (item.claimed_by, item.claimed_until) == (None, None)


def test_outcome_is_kept_when_the_item_closed_meanwhile(claimed):
    attempt = call(claimed)
    claimed.hear(siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT + DAY), now=LATER + MINUTE)

    told = Told(AttemptOutcome.BOOKED, NextStep.WAIT_FOR_EHR)
    record_outcome(attempt.pk, told, actor=claimed.ruth, now=LATER + 2 * MINUTE)

    assert Attempt.objects.get().outcome == AttemptOutcome.BOOKED


def test_wrong_number_is_wrong_everywhere(claimed):
    attempt = call(claimed)
    told = Told(AttemptOutcome.WRONG_NUMBER, NextStep.FIX_CONTACT)
    record_outcome(attempt.pk, told, actor=claimed.ruth, now=LATER)
    claim_item(claimed.item.pk, actor=claimed.ruth, version=None, now=LATER + 5 * HOUR)

    with pytest.raises(GuardRefusedError, match=r"Every number is wrong\."):
        call(claimed, now=LATER + 5 * HOUR)


def test_spoken_opt_out_is_a_line_of_the_ledger(claimed):
    attempt = call(claimed)
    record_outcome(attempt.pk, Told(AttemptOutcome.NO_CALLS, NextStep.CONSENT), actor=claimed.ruth, now=LATER)

    line = Consent.objects.get()
    assert (line.channel, line.is_allowed, line.recorded_by, line.valid_from) == ("call", False, claimed.ruth, LATER)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(AttemptOutcome.NO_ANSWER, NextStep.CLOSE), "what happens next"),
        (Told(AttemptOutcome.CALL_BACK, NextStep.CALL_BACK), "when to call back"),
        (Told(AttemptOutcome.CALL_BACK, NextStep.CALL_BACK, at=NOW), "within 30 days"),
        (Told(AttemptOutcome.CALL_BACK, NextStep.CALL_BACK, at=NOW + 31 * DAY), "within 30 days"),
        (Told(AttemptOutcome.BARRIER, NextStep.SUPERVISOR), "few words"),
    ],
    ids=["a step that does not follow", "no moment", "a moment that is over", "too far", "no note"],
)
def test_every_outcome_forces_a_next_step(claimed, told, words):
    attempt = call(claimed)

    with pytest.raises(InvalidActError, match=words):
        record_outcome(attempt.pk, told, actor=claimed.ruth, now=LATER)


def test_nobody_holds_more_than_three(worked):
    for number in range(MOST_HELD):
        at = NOW + (number + 5) * DAY
        worked.hear(
            siu(
                "S12", visit=f"X{number}", at=NOW - DAY, starts_at=at, patient=f"P-{number}", phone=f"312555020{number}"
            )
        )
        worked.hear(siu("S15", visit=f"X{number}", at=NOW - HOUR, starts_at=at, status="Bumped", patient=f"P-{number}"))
    items = list(QueueItem.objects.filter(family="rebook_bumped").order_by("pk"))
    for item in items[:MOST_HELD]:
        claim_item(item.pk, actor=worked.ruth, version=None, now=NOW)

    with pytest.raises(InvalidActError, match="3 items are held"):
        claim_item(items[MOST_HELD].pk, actor=worked.ruth, version=None, now=NOW)
    claim_item(items[MOST_HELD].pk, actor=worked.omar, version=None, now=NOW)
    with pytest.raises(InvalidActError, match="3 items are held"):
        hand_over(items[MOST_HELD].pk, actor=worked.omar, to=worked.ruth, version=None, now=NOW)


def test_next_best_passes_over_what_a_colleague_has(claimed):
    found = claim_next(QueueItem.objects.filter(pk=claimed.item.pk), actor=claimed.omar, now=LATER)

    assert found is None
    assert ItemEvent.objects.filter(kind=ItemEventKind.REFUSED).count() == 0


def test_claims_run_out_by_themselves_and_twice_changes_nothing(claimed):
    assert end_claims(NOW + LEASE - MINUTE) == 0
    assert end_claims(NOW + LEASE) == 1
    assert end_claims(NOW + LEASE) == 0

    assert claimed.item.claimed_by is None
    assert ItemEvent.objects.get(kind=ItemEventKind.LEASE_ENDED).detail == {"from": claimed.ruth.pk}


def test_whoever_takes_up_what_ran_out_leaves_a_whole_history(claimed):
    later = NOW + LEASE
    claimed.hear(adt("A08", at=later, patient="N-77"), now=later)

    claim_item(claimed.item.pk, actor=claimed.omar, version=claimed.item.version, now=later)

    kinds = (ItemEventKind.CLAIMED, ItemEventKind.LEASE_ENDED)
    events = ItemEvent.objects.filter(item=claimed.item, kind__in=kinds).order_by("pk")
    assert list(events.values_list("kind", "actor__first_name")) == [
        ("claimed", "Ruth"), ("lease_ended", None), ("claimed", "Omar"),
    ]  # fmt: skip
    assert end_claims(later) == 0


def test_supervisor_frees_an_item_with_a_reason(claimed):
    with pytest.raises(GuardRefusedError, match="Ruth works on it"):
        release_item(claimed.item.pk, actor=claimed.omar, now=LATER)
    with pytest.raises(InvalidActError):
        release_item(claimed.item.pk, actor=claimed.omar, now=LATER, by_supervisor=True)

    release_item(claimed.item.pk, actor=claimed.omar, now=LATER, reason="On leave", by_supervisor=True)

    assert claimed.item.claimed_by is None


def test_hand_over_gives_the_claim(claimed):
    hand_over(claimed.item.pk, actor=claimed.ruth, to=claimed.omar, version=claimed.item.version, now=LATER)

    assert (claimed.item.claimed_by, claimed.item.claimed_until) == (claimed.omar, LATER + LEASE)
