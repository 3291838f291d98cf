"""Limits and rests are the clinic's, wherever they count: next steps, the guard, next best, the page's own words."""

from datetime import timedelta

import pytest
import time_machine

from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, AttemptPolicy, ItemEvent, QueueItem
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.change_rules import By, StaleSettingError, TriesValues, change_tries
from recovery.services.claims import claim_item, claim_next, release_item
from recovery.services.next_steps import Told
from recovery.vocabulary import AttemptOutcome, Family, ItemEventKind, NextStep
from scheduling.models import Consent
from tests.recovery.worked import MINUTE, VISIT_AT, make_worked
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, siu

LATER = NOW + MINUTE
NO_ANSWER = Told(AttemptOutcome.NO_ANSWER, NextStep.TRY_AGAIN)


@pytest.fixture
def worked(desk):
    return make_worked(desk)


@pytest.fixture
def policy(worked):
    """Decide how often bumped visits are tried at the clinic."""

    def decide(most, rest, *, base=None, now=NOW):
        values = TriesValues(Family.REBOOK_BUMPED, most, rest, None)
        return change_tries(worked.desk.clinics["CARD"], values, By(worked.ruth, now, base))

    return decide


def tried(worked, told=NO_ANSWER, *, now=LATER):
    """Take, call, record; the feed is alive."""
    worked.hear(adt("A08", at=now, patient="N-77"), now=now)
    claim_item(worked.item.pk, actor=worked.ruth, version=None, now=now)
    attempt = begin_call(worked.item.pk, actor=worked.ruth, version=None, now=now)
    return record_outcome(attempt.pk, told, actor=worked.ruth, now=now)


def next_for(worked, person, now):
    found = claim_next(
        QueueItem.objects.open().filter(family=Family.REBOOK_BUMPED).order_by("pk"), actor=person, now=now
    )
    return found.pk if found is not None else None


def test_rest_of_the_clinic_counts_for_the_item_and_for_the_guard(worked, policy):
    policy(None, 2 * HOUR)
    tried(worked)

    assert worked.item.not_before == LATER + 2 * HOUR
    with pytest.raises(GuardRefusedError, match="Tried a short while ago"):
        tried(worked, now=LATER + 2 * HOUR - MINUTE)


def test_past_the_clinics_limit_a_letter_follows_instead_of_another_try(worked, policy):
    policy(2, HOUR)

    first, second = tried(worked), tried(worked, now=LATER + HOUR)

    assert (first.next_step, second.next_step) == (NextStep.TRY_AGAIN, NextStep.LETTER)
    assert (worked.item.next_step, worked.item.tries) == (NextStep.LETTER, 2)
    with pytest.raises(GuardRefusedError, match=r"Tried 2 times, of 2\."):
        tried(worked, now=LATER + 24 * HOUR)


def test_change_counts_from_when_it_was_made_and_a_stale_page_is_told(worked, policy):
    first = policy(2, HOUR)
    policy(5, 3 * HOUR, base=first.pk, now=NOW + 1 * MINUTE)

    with pytest.raises(StaleSettingError):
        policy(1, HOUR, base=first.pk)
    assert AttemptPolicy.objects.count() == 2
    tried(worked, now=LATER)
    assert worked.item.not_before == LATER + 3 * HOUR


@pytest.mark.parametrize(
    ("most", "rest", "first"),
    [
        (0, HOUR, None),
        (21, HOUR, None),
        (3, timedelta(minutes=4), None),
        (3, 61 * DAY, None),
        (3, HOUR, 31 * DAY),
        (3, HOUR, timedelta()),
    ],
    ids=["no try", "too many", "no rest", "too long a rest", "a first try too late", "no time for it"],
)
def test_values_out_of_bounds_are_kept_nowhere(worked, most, rest, first):
    values = TriesValues(Family.REBOOK_MISSED, most, rest, first)

    with pytest.raises(InvalidActError):
        change_tries(worked.desk.clinics["CARD"], values, By(worked.ruth, NOW, None))
    assert AttemptPolicy.objects.count() == 0


def test_a_promised_call_back_waits_for_no_rest_and_is_no_try_too_many(worked, policy):
    policy(1, 4 * HOUR)
    at = LATER + 30 * MINUTE
    tried(worked, Told(AttemptOutcome.CALL_BACK, NextStep.CALL_BACK, at=at))

    with pytest.raises(GuardRefusedError, match="Tried 1 times, of 1"):
        tried(worked, now=at - MINUTE)
    assert tried(worked, now=at).outcome == AttemptOutcome.NO_ANSWER


def test_a_call_back_that_somebody_else_named_is_a_try_like_any_other(worked, policy):
    policy(1, 4 * HOUR)
    at = LATER + 30 * MINUTE
    tried(worked, Told(AttemptOutcome.THIRD_PARTY, NextStep.CALL_BACK, at=at))

    with pytest.raises(GuardRefusedError, match="Tried 1 times, of 1"):
        tried(worked, now=at)


def test_next_best_hands_nobody_again_what_the_guard_just_refused_them(worked):
    Consent.objects.create(patient=worked.patient, channel="call", is_allowed=False, valid_from=NOW, recorded_at=NOW)
    assert next_for(worked, worked.ruth, LATER) == worked.item.pk
    with pytest.raises(GuardRefusedError, match="refused by the patient"):
        begin_call(worked.item.pk, actor=worked.ruth, version=None, now=LATER)
    release_item(worked.item.pk, actor=worked.ruth, now=LATER)

    assert next_for(worked, worked.ruth, LATER + MINUTE) is None
    assert next_for(worked, worked.omar, LATER + MINUTE) == worked.item.pk


def refused_by_the_clock(worked):
    """Ruth may not call now; the guard says until when, and she lets go."""
    evening = NOW.replace(hour=2) + DAY  # 20:00 in Chicago
    worked.hear(adt("A08", at=evening, patient="N-77"), now=evening)
    claim_item(worked.item.pk, actor=worked.ruth, version=None, now=evening)
    with pytest.raises(GuardRefusedError) as refusal:
        begin_call(worked.item.pk, actor=worked.ruth, version=None, now=evening)
    QueueItem.objects.update(claimed_by=None, claimed_at=None, claimed_until=None)
    return refusal.value.until


def test_what_the_clock_stops_is_kept_until_the_clock_lifts_it(worked):
    until = refused_by_the_clock(worked)
    assert until == NOW.replace(hour=15, minute=0) + DAY  # 09:00 in Chicago

    for moment in (until - MINUTE, until):
        worked.hear(adt("A08", at=moment, patient="N-77"), now=moment)
    assert next_for(worked, worked.ruth, until - MINUTE) is None
    assert next_for(worked, worked.ruth, until) == worked.item.pk


def test_anything_new_about_an_item_hands_it_to_everybody_again(worked):
    claim_item(worked.item.pk, actor=worked.ruth, version=None, now=NOW)
    release_item(worked.item.pk, actor=worked.ruth, now=NOW)
    assert next_for(worked, worked.ruth, LATER) is None

    worked.hear(siu("S15", visit="V1", at=NOW - HOUR, starts_at=VISIT_AT, status="Bumped", minutes=45), now=LATER)
    worked.hear(adt("A08", at=LATER, phone=""), adt("A08", at=LATER + MINUTE, phone="3125550199^PRN^CP"), now=LATER)

    changed = ItemEvent.objects.filter(kind=ItemEventKind.CHANGED).exists()
    assert (next_for(worked, worked.ruth, LATER + 2 * MINUTE) == worked.item.pk) == changed


def test_what_somebody_put_back_rests_for_them_as_long_as_a_try(worked, policy):
    policy(None, 2 * HOUR)
    claim_item(worked.item.pk, actor=worked.ruth, version=None, now=NOW)
    release_item(worked.item.pk, actor=worked.ruth, now=NOW)

    assert next_for(worked, worked.ruth, NOW + 2 * HOUR - MINUTE) is None
    assert next_for(worked, worked.ruth, NOW + 2 * HOUR) == worked.item.pk


def test_a_spoken_refusal_changes_the_open_items_of_the_person_at_once(worked):
    at = VISIT_AT - DAY
    worked.hear(siu("S12", visit="V3", at=NOW - 2 * DAY, starts_at=at, visit_type="XRAY"))
    worked.hear(siu("S15", visit="V3", at=NOW - HOUR, starts_at=at, visit_type="XRAY", status="Bumped"))
    other = QueueItem.objects.exclude(pk=worked.item.pk).get(family=Family.REBOOK_BUMPED)

    tried(worked, Told(AttemptOutcome.NO_CALLS, NextStep.CONSENT))

    other.refresh_from_db()
    codes = [[code for code, _, raw in item.reasons if raw == "call"] for item in (worked.item, other)]
    assert codes == [["opted_out_partly"]] * 2
    assert (worked.item.next_step, Attempt.objects.count()) == (NextStep.CONSENT, 1)
    seen = worked.item.version
    worked.hear(adt("A08", at=LATER, patient="N-1", phone="3125550142"), now=LATER + MINUTE)
    assert worked.item.version == seen  # the next message finds nothing to change


@pytest.mark.parametrize(
    ("now", "promise", "is_overdue"),
    [
        (NOW, "First try by 10:41", False),
        (NOW + 2 * HOUR, "First try was due 10:41", True),
    ],
    ids=["still to come", "late"],
)
def test_first_try_is_due_as_the_clinic_promised_until_it_was_made(worked, signed_in, now, promise, is_overdue):
    values = TriesValues(Family.REBOOK_BUMPED, None, 2 * HOUR, HOUR)
    change_tries(worked.desk.clinics["CARD"], values, By(worked.ruth, NOW, None))

    def shown():
        with time_machine.travel(now, tick=False):
            rows = signed_in(worked.ruth).get("/recovery/").context["rows"]
        return next((row.promise, row.is_overdue) for row in rows if row.item.pk == worked.item.pk)

    before = shown()
    tried(worked)

    assert [before, shown()] == [(promise, is_overdue), ("", False)]
