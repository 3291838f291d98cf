"""What became of freed slots and why they stayed empty, each through the real pipeline and the real services."""

from datetime import timedelta

import pytest

from accounts.models import ClinicLaunchMode
from recovery.errors import GuardRefusedError
from recovery.metrics.causes import Cause, Flag, cause_of
from recovery.metrics.measures import Chain, Ratio, Share, Spread
from recovery.selectors.results import Behind, behind, read_results
from recovery.selectors.results_slots import count_slots, days_sooner
from recovery.services.answer_offer import accept_offer, decline_offer
from recovery.services.attempts import begin_call, record_outcome
from recovery.services.close_item import close_item
from recovery.services.expire_items import expire_items
from recovery.services.expire_offers import expire_offers
from recovery.services.next_steps import Told
from recovery.vocabulary import AttemptOutcome, Family, HandReason, NextStep
from scheduling.models import Consent, Patient
from tests.recovery.refills import SLOT_AT, make_refill
from tests.support.desk import DAY, HOUR, LONG_AGO, NOW
from tests.support.messages import siu, slot

MINUTE = timedelta(minutes=1)
OVER = SLOT_AT + DAY  # the slot has started, its chance has ended
ENDED = SLOT_AT - 30 * MINUTE


def freed_late(refill, *, said=ENDED, heard=ENDED):
    """Another slot of the same day is given back just before its start."""
    starts_at = SLOT_AT
    refill.hear(siu("S12", visit="L1", at=NOW, starts_at=starts_at, provider="LIU"))
    refill.hear(siu("S15", visit="L1", at=said, starts_at=starts_at, provider="LIU", status="Cancelled"), now=heard)


def nothing(refill):
    """Nobody does anything."""


def template(refill):
    refill.hear(slot("S23", at=NOW + MINUTE, starts_at=SLOT_AT), now=NOW + MINUTE)


def observing(refill):
    clinic = refill.desk.clinics["CARD"]
    ClinicLaunchMode.objects.create(
        clinic=clinic, decision="refill_24h", mode="shadow", valid_from=NOW, recorded_at=NOW
    )


def not_booked(refill):
    refill.claim()
    accept_offer(refill.offer("C1").pk, actor=refill.ruth, now=NOW)


def no_answer(refill):
    refill.claim()
    refill.offer("C1")
    expire_offers(NOW + DAY)


def declined(refill):
    refill.claim()
    decline_offer(refill.offer("C1").pk, actor=refill.ruth, now=NOW)


def declined_after_no_answer(refill):
    no_answer(refill)
    refill.hear(siu("S14", visit="C2", at=NOW + DAY, starts_at=SLOT_AT + 12 * DAY, patient="P-2"), now=NOW + DAY)
    refill.claim(now=NOW + DAY)
    decline_offer(refill.offer("C2", now=NOW + DAY).pk, actor=refill.ruth, now=NOW + DAY)


def called(refill, outcome, step):
    refill.claim()
    visit = refill.desk.visit("C1")
    attempt = begin_call(
        refill.item.pk, actor=refill.ruth, version=None, now=NOW, patient_id=visit.patient_id, visit_id=visit.pk
    )
    record_outcome(attempt.pk, Told(outcome, step), actor=refill.ruth, now=NOW + MINUTE)


def wrong_number(refill):
    called(refill, AttemptOutcome.WRONG_NUMBER, NextStep.NEXT_PERSON)


def voicemail(refill):
    called(refill, AttemptOutcome.VOICEMAIL, NextStep.TRY_AGAIN)


def wants_no_contact(refill):
    refill.claim()
    patient = refill.patient("C1")
    Consent.objects.create(
        patient=patient, channel="call", topic="", is_allowed=False, valid_from=LONG_AGO, recorded_at=LONG_AGO
    )
    with pytest.raises(GuardRefusedError):
        called(refill, AttemptOutcome.VOICEMAIL, NextStep.TRY_AGAIN)


def stale(refill):
    """A day later no message has come: claiming is refused."""
    with pytest.raises(GuardRefusedError, match="old; this action needs"):
        refill.claim(now=NOW + DAY)


def doubtful(refill):
    refill.hear(siu("S15", visit="S1", at=NOW, starts_at=SLOT_AT, status="ZZ9"), now=NOW)


WORLDS = {
    nothing: Cause.NOT_WORKED, template: Cause.TEMPLATE, observing: Cause.NOT_LIVE, not_booked: Cause.NOT_BOOKED,
    no_answer: Cause.NO_ANSWER, voicemail: Cause.NO_ANSWER, declined: Cause.DECLINED,
    declined_after_no_answer: Cause.NO_ANSWER, wrong_number: Cause.UNREACHABLE,
    wants_no_contact: Cause.UNREACHABLE, stale: Cause.STALE_DATA, doubtful: Cause.BLOCKED,
}  # fmt: skip


def causes(scope):
    return sorted(str(cause_of(group.flags)) for group in count_slots(scope).groups for _ in range(group.slots))


@pytest.mark.parametrize(("happened", "cause"), WORLDS.items(), ids=[world.__name__ for world in WORLDS])
def test_slot_that_stayed_empty_has_its_cause(desk, scope, happened, cause):
    happened(make_refill(desk))
    expire_items(ENDED)

    assert causes(scope(now=OVER)) == [cause]


def test_slot_that_nobody_could_be_asked_for(desk, scope):
    make_refill(desk, people=0)

    assert causes(scope(now=OVER)) == [Cause.NOBODY_FITS]


def test_slot_given_back_when_nobody_could_come_any_more(desk, scope):
    freed_late(make_refill(desk))

    assert causes(scope(now=OVER)) == [Cause.NOT_WORKED, Cause.TOO_LATE]


def test_slot_of_which_we_heard_too_late(desk, scope):
    freed_late(make_refill(desk), said=SLOT_AT - 5 * HOUR)

    assert causes(scope(now=OVER)) == [Cause.HEARD_LATE, Cause.NOT_WORKED]


@pytest.mark.parametrize(
    ("said", "cause"),
    [(SLOT_AT - 35 * MINUTE, Cause.NOBODY_FITS), (SLOT_AT - 34 * MINUTE, Cause.TOO_LATE)],
    ids=["just in time", "a minute late"],
)
def test_least_notice_is_the_queues_own(desk, scope, said, cause):
    freed_late(make_refill(desk, people=0), said=said, heard=said)

    assert cause in causes(scope(now=OVER))


def test_slot_that_was_closed_by_hand(desk, scope):
    refill = make_refill(desk)
    close_item(refill.item.pk, HandReason.CLINIC_KEEPS, actor=refill.ruth, version=None, now=NOW)

    assert causes(scope(now=OVER)) == [Cause.BY_HAND]


@pytest.mark.parametrize(
    ("status", "flags"),
    [
        ("Complete", Flag.COMPLETED), ("Noshow", Flag.MISSED), ("Booked", Flag.STANDING), ("Arrived", Flag.STANDING),
        ("ZZ9", Flag.STANDING),
    ],
    ids=["completed", "missed", "booked", "arrived", "not understood"],
)  # fmt: skip
def test_slot_that_somebody_took_is_what_became_of_their_visit(desk, scope, status, flags):
    refill = make_refill(desk, people=0)
    refill.book("B1", patient="P-9", now=NOW + HOUR)
    refill.hear(siu("S14", visit="B1", at=OVER, starts_at=SLOT_AT, patient="P-9", status=status), now=OVER)

    taken = Flag.COMPLETED | Flag.MISSED | Flag.STANDING
    assert [group.flags & taken for group in count_slots(scope(now=OVER)).groups] == [flags]


def test_slot_freed_twice_counts_once_by_the_last_time(desk, scope):
    refill = make_refill(desk, people=0)
    refill.book("B1", patient="P-9", now=NOW + HOUR)
    refill.hear(siu("S15", visit="B1", at=ENDED, starts_at=SLOT_AT, patient="P-9", status="Cancelled"), now=ENDED)

    assert [
        (group.slots, group.flags & (Flag.LATE | Flag.NOTICED)) for group in count_slots(scope(now=OVER)).groups
    ] == [(1, Flag.LATE)]


def test_cancellation_taken_back_frees_no_slot(desk, scope):
    refill = make_refill(desk, people=0)
    refill.hear(siu("S14", visit="S1", at=NOW + HOUR, starts_at=SLOT_AT), now=NOW + HOUR)

    assert count_slots(scope(now=OVER)).groups == []


def test_only_slots_that_have_started_of_days_and_clinics_asked_for_count(desk, scope):
    make_refill(desk, people=0)

    def counted(**more):
        return sum(group.slots for group in count_slots(scope(**more)).groups)

    assert counted(now=SLOT_AT) == 1
    assert counted(now=SLOT_AT - MINUTE) == 0
    assert counted(now=OVER, first=SLOT_AT, last=SLOT_AT) == 1
    assert counted(now=OVER, first=SLOT_AT + DAY) == 0
    assert counted(now=OVER, last=SLOT_AT - DAY) == 0
    desk.clinics.pop("CARD")
    assert counted(now=OVER) == 0


def test_day_of_a_slot_is_that_of_its_clinic(desk, scope):
    """19:30 in Chicago is the next day in UTC."""
    evening = SLOT_AT.replace(hour=1, minute=30) + DAY
    desk.take(siu("S12", visit="E1", at=NOW - DAY, starts_at=evening))
    desk.take(siu("S15", visit="E1", at=NOW - HOUR, starts_at=evening, status="Cancelled"))

    assert [
        sum(group.slots for group in count_slots(scope(now=OVER, first=day, last=day)).groups)
        for day in (evening - DAY, evening)
    ] == [1, 0]


@pytest.mark.parametrize(("notice", "noticed"), [(49, True), (50, False)], ids=["enough", "too little"])
def test_notice_is_measured_by_the_sources_clock(desk, scope, hours, notice, noticed):
    """The slot was given back 49 hours before its start."""
    make_refill(desk, people=0)

    [group] = count_slots(scope(now=OVER, notice=hours(notice))).groups

    assert bool(group.flags & Flag.NOTICED) is noticed


def test_slots_of_before_the_source_was_connected_do_not_count(desk, scope):
    make_refill(desk, people=0)
    desk.source.created_at = NOW
    desk.source.save()
    assert count_slots(scope(now=OVER)).groups == []

    desk.source.created_at = LONG_AGO
    desk.source.save()
    assert len(count_slots(scope(now=OVER)).groups) == 1


def booked(refill, *, moved):
    """Ruth calls C1, who takes it an hour later; the EHR books and in the end completes it."""
    refill.claim()
    offer = refill.offer("C1")
    accept_offer(offer.pk, actor=refill.ruth, now=NOW + 5 * MINUTE)
    own = refill.desk.visit("C1").starts_at
    at = NOW + 10 * MINUTE
    if moved:
        refill.hear(siu("S13", visit="C1", at=at, starts_at=SLOT_AT, patient="P-1"), now=at)
        kept = "C1"
    else:
        refill.book("B1", patient="P-1", now=at)
        refill.hear(siu("S15", visit="C1", at=at, starts_at=own, patient="P-1", status="Cancelled"), now=at)
        kept = "B1"
    refill.hear(siu("S14", visit=kept, at=OVER, starts_at=SLOT_AT, patient="P-1", status="Complete"), now=OVER)


@pytest.mark.parametrize("moved", [True, False], ids=["own visit moved", "booked anew, own visit cancelled"])
def test_slot_filled_through_an_offer(desk, scope, moved):
    refill = make_refill(desk)
    booked(refill, moved=moved)
    asked = scope(now=OVER)

    found = read_results(asked).figures
    assert refill.states() == [("C1", "booked")]
    assert found["slots_completed"].measure == Share(1, 1)
    assert found["slots_lost"].measure == Share(0, 1)
    assert found["yield_refill"].measure == Chain(1, 1, 1)
    assert found["contacts_refill"].measure == Ratio(0, 1)
    assert days_sooner(asked) == Spread(1, 10, 10, 10, in_days=True)
    hour, five = 3600.0, 300.0
    assert count_slots(asked).times == {
        "time_to_fill": Spread(1, hour + five, hour + five, hour + five),
        "time_feed_lag": Spread(1, hour, hour, hour),
        "time_own": Spread(1, five, five, five),
    }


def test_slot_that_the_ehr_filled_by_itself_is_filled_when_it_was_booked(desk, scope):
    refill = make_refill(desk)
    refill.hear(siu("S12", visit="B1", at=NOW + HOUR, starts_at=SLOT_AT, patient="P-9"), now=NOW + 3 * HOUR)

    lag = Spread(1, 3600, 3600, 3600)
    assert count_slots(scope(now=OVER)).times == {
        "time_to_fill": Spread(1, 7200, 7200, 7200), "time_feed_lag": lag, "time_own": lag,
    }  # fmt: skip


def test_contacts_of_a_slot_are_its_tries(desk, scope):
    voicemail(make_refill(desk))

    found = read_results(scope(now=OVER)).figures

    assert found["contacts_refill"].measure == Ratio(1, 0)
    assert found["yield_refill"].measure == Chain(1, 1, 0)


def test_slots_behind_a_figure_are_named_by_item(desk, scope):
    refill = make_refill(desk)
    expire_items(ENDED)
    found = read_results(scope(now=OVER))
    row = Behind(refill.item.pk, Family.REFILL, "Card", SLOT_AT.date(), "Not worked in time")

    assert behind(found, "lost_not_worked", 5) == [row]
    assert behind(found, None, 5) == [row]
    assert [behind(found, figure, 5) for figure in ("lost_no_answer", "slots_taken", "missed_7")] == [[], [], []]


@pytest.mark.parametrize("mark", [{"protection": "Y"}, {"vip": "VIP"}], ids=["protected", "VIP"])
def test_slots_that_restricted_patients_left_are_counted_and_not_listed(desk, scope, mark):
    make_refill(desk)
    Patient.objects.filter(mrn="N-1").update(**mark)
    found = read_results(scope(now=OVER))

    assert found.figures["slots_lost"].measure == Share(1, 1)
    assert behind(found, "slots_lost", 5) == []
