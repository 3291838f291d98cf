"""Between opening a visit to confirm and pressing call it changes: each call is refused with its own sentence (I5)."""

from datetime import timedelta
from typing import Any

import pytest

from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, QueueItem
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.claims import LEASE, claim_item
from recovery.services.next_steps import Told
from recovery.services.open_confirms import open_confirms
from recovery.vocabulary import AttemptOutcome, NextStep
from scheduling.models import Consent
from tests.recovery.worked import MINUTE, VISIT_AT, make_asked
from tests.support.desk import DAY, HOUR, NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture
from tests.support.messages import adt, siu
from tests.support.risk import decide

LATER = NOW + MINUTE
AT: dict[str, Any] = {"visit": "V1", "at": NOW}


@pytest.fixture
def claimed(desk):
    """Ruth has taken the item and has its page open."""
    made = make_asked(desk)
    claim_item(made.item.pk, actor=made.ruth, version=made.item.version, now=NOW)
    return made


def call(asked, *, now=LATER, item=None):
    item = item or asked.item
    return begin_call(item.pk, actor=asked.ruth, version=item.version, now=now)


def refused(asked, *, now=LATER):
    """The code and sentence with which a call is refused; nothing was dialled."""
    with pytest.raises(GuardRefusedError) as refusal:
        call(asked, now=now)
    assert Attempt.objects.filter(at=now).count() == 0
    return refusal.value.code, str(refusal.value)


def test_a_call_goes_through_when_nothing_changed(claimed):
    attempt = call(claimed)

    assert (attempt.decision, attempt.value, attempt.verdict["codes"]) == ("confirm", "3125550142", ["no_mobile"])


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        (siu("S14", **AT, starts_at=VISIT_AT, status="Confirmed"), "closed_confirmed", "The visit is confirmed"),
        (siu("S15", **AT, starts_at=VISIT_AT, status="Cancelled"), "closed_called_off", "The visit was called off"),
        (siu("S15", **AT, starts_at=VISIT_AT, status="Bumped"), "closed_called_off", "The visit was called off"),
        (siu("S13", **AT, starts_at=VISIT_AT + DAY), "closed_moved", "The visit was moved"),
        (siu("S14", **AT, starts_at=VISIT_AT, status="Arrived"), "closed_arrived", "The patient has arrived"),
        (siu("S14", **AT, starts_at=VISIT_AT, status="Noshow"), "closed_over", "The visit is over"),
        (adt("A08", at=NOW, died_at=NOW - DAY), "closed_unwanted", "Outreach is not wanted"),
    ],
    ids=["confirmed", "cancelled", "bumped", "moved", "arrived", "missed", "died"],
)
def test_the_visit_changed(claimed, body, code, sentence):
    claimed.hear(body, now=LATER)

    assert refused(claimed) == (code, f"{sentence}, known since 09:42 CST.")


def test_a_message_about_it_waits_to_be_read(claimed):
    claimed.desk.receive(siu("S14", **AT, starts_at=VISIT_AT, status="Confirmed"), now=LATER)

    assert refused(claimed)[0] == "unread"


def test_a_status_without_a_meaning_holds_it(claimed):
    claimed.hear(siu("S14", **AT, starts_at=VISIT_AT, status="ZZ9"), now=LATER)

    assert claimed.item.level == 2
    with pytest.raises(GuardRefusedError, match="Status S14 ZZ9 has no meaning yet"):
        call(claimed)


def test_the_patient_refused_calls_before_visits(claimed):
    Consent.objects.create(
        patient=claimed.patient, channel="call", topic="confirm", is_allowed=False, valid_from=NOW, recorded_at=NOW
    )

    assert refused(claimed) == ("opted_out_partly", "Call: refused by the patient.")


@pytest.mark.parametrize(
    ("age", "code"), [(48 * HOUR, None), (48 * HOUR + MINUTE, "freshness")], ids=["at the limit", "past it"]
)
def test_the_data_is_too_old(claimed, age, code):
    QueueItem.objects.update(claimed_until=NOW + age + LEASE)

    if code is None:
        assert call(claimed, now=NOW + age).pk
    else:
        found, sentence = refused(claimed, now=NOW + age)
        assert (found, sentence.split(";")[1]) == ("freshness", " this action needs 48 h. Owner: nobody yet.")


def test_too_late_to_find_somebody_else(claimed):
    late = VISIT_AT - 2 * HOUR
    claimed.hear(adt("A08", at=late, patient="N-77"), now=late)
    QueueItem.objects.update(claimed_until=late + LEASE)

    assert refused(claimed, now=late)[0] == "too_late"


def test_one_call_for_a_visit_then_its_other_way_then_nothing(claimed):
    attempt = call(claimed)
    told = Told(AttemptOutcome.NO_ANSWER, NextStep.OTHER_CHANNEL)
    record_outcome(attempt.pk, told, actor=claimed.ruth, now=LATER)
    item = claimed.item
    claim_item(item.pk, actor=claimed.ruth, version=None, now=NOW + 2 * HOUR)

    assert (item.tries, item.next_step) == (1, NextStep.OTHER_CHANNEL)
    assert refused(claimed, now=NOW + 2 * HOUR) == ("asked_already", "Called about this visit already.")


def test_the_call_back_that_was_promised_may_be_made(claimed):
    attempt = call(claimed)
    at = NOW + 3 * HOUR
    told = Told(AttemptOutcome.CALL_BACK, NextStep.CALL_BACK, at=at)
    record_outcome(attempt.pk, told, actor=claimed.ruth, now=LATER)
    claim_item(claimed.item.pk, actor=claimed.ruth, version=None, now=at)

    assert call(claimed, now=at).pk


def test_the_clinic_rests_sixty_days_after_it_asked_about_another_visit(claimed):
    record_outcome(
        call(claimed).pk, Told(AttemptOutcome.CONFIRMED, NextStep.WAIT_FOR_EHR), actor=claimed.ruth, now=LATER
    )
    claimed.hear(siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT + DAY), now=LATER)
    visit = claimed.desk.visit("V2")
    decide(visit)
    open_confirms([visit.pk], now=LATER)
    other = QueueItem.objects.get(appointment=visit)
    item = claim_item(other.pk, actor=claimed.ruth, version=None, now=LATER)

    with pytest.raises(GuardRefusedError) as refusal:
        call(claimed, item=item)
    assert (refusal.value.code, str(refusal.value)) == (
        "asked_lately", "Asked about another visit here; the clinic rests for 60 days.",
    )  # fmt: skip


def test_somebody_who_will_come_is_left_in_peace_until_the_ehr_says_so(claimed):
    record_outcome(
        call(claimed).pk, Told(AttemptOutcome.CONFIRMED, NextStep.WAIT_FOR_EHR), actor=claimed.ruth, now=LATER
    )
    settled = claimed.item

    claimed.hear(siu("S14", **AT, starts_at=VISIT_AT, status="Confirmed"), now=LATER + MINUTE)

    assert (settled.state, settled.next_step, settled.claimed_by) == ("open", NextStep.WAIT_FOR_EHR, None)
    assert (claimed.item.state, claimed.item.close_reason) == ("closed", "confirmed")


@pytest.mark.parametrize("step", [NextStep.TRY_AGAIN, NextStep.NEXT_PERSON])
def test_a_visit_at_risk_is_not_called_about_again(claimed, step):
    attempt = call(claimed)

    with pytest.raises(InvalidActError, match="what happens next"):
        record_outcome(attempt.pk, Told(AttemptOutcome.NO_ANSWER, step), actor=claimed.ruth, now=LATER)


def test_a_visit_of_the_night_the_clocks_go_back_ends_two_real_hours_before_it(desk):
    starts_at, now = NOW.replace(month=11, day=1, hour=9, minute=0), NOW - timedelta(days=24)
    made = make_asked(desk)
    made.hear(siu("S12", visit="V9", at=now - DAY, starts_at=starts_at), now=now)
    decide(desk.visit("V9"), at=now)
    open_confirms([desk.visit("V9").pk], now=now)

    item = QueueItem.objects.get(appointment__external_id="V9")
    assert item.useful_until == starts_at - 2 * HOUR
