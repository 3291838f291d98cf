"""Which visits are decided, into which arm, and that a decision stays what it was."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from recovery.models import QueueItem, RiskDecision, RiskPolicy, RiskSeed
from recovery.risk.arms import arm_of
from recovery.services.decide_risks import Decided
from recovery.vocabulary import Family, RiskArm
from scheduling.models import Patient
from scheduling.vocabulary import LaunchMode
from tests.recovery.risk.conftest import MINUTE, MODEL
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, merge, siu


def decided():
    return list(RiskDecision.objects.order_by("appointment").values_list("appointment__external_id", "arm"))


def asked_about():
    return list(QueueItem.objects.open().filter(family=Family.CONFIRM).values_list("subject", flat=True))


def test_decision_freezes_what_it_was_made_by(risky):
    visit = risky.book()
    risky.score(visit, 0.31, reason="Missed 2 of 5")

    assert risky.decide() == Decided(contact=1)

    row = RiskDecision.objects.get()
    assert (row.policy, row.model, row.score, row.reason, row.threshold) == (
        RiskPolicy.objects.get(), MODEL, 0.31, "Missed 2 of 5", 0.2,
    )  # fmt: skip
    assert (row.appointment, row.arm, row.mode, row.starts_at, row.at) == (
        visit, RiskArm.CONTACT, LaunchMode.LIVE, visit.starts_at, NOW,
    )  # fmt: skip


def test_visit_to_be_contacted_is_put_into_the_queue_at_once(risky):
    visit = risky.at_risk()

    risky.decide()

    assert asked_about() == [str(visit.pk)]


def test_deciding_again_changes_nothing(risky):
    visit = risky.at_risk()
    risky.decide()
    before = list(RiskDecision.objects.values_list())
    risky.score(visit, 0.9, at=NOW)
    risky.policy(threshold=0.05, holdout=20, now=NOW)

    assert risky.decide(NOW + HOUR) == Decided()
    assert list(RiskDecision.objects.values_list()) == before


@pytest.mark.parametrize(
    ("score", "is_decided"), [(0.199, False), (0.2, True)], ids=["below the threshold", "at the threshold"]
)
def test_threshold_decides(risky, score, is_decided):
    risky.score(risky.book(), score)

    assert (risky.decide() == Decided(contact=1)) is is_decided


@pytest.mark.parametrize(
    ("after", "is_decided"),
    [(4 * HOUR, False), (4 * HOUR + MINUTE, True), (3 * DAY, True), (3 * DAY + MINUTE, False)],
    ids=["too near", "just in time", "end of the window", "too far"],
)
def test_window_decides(risky, after, is_decided):
    risky.at_risk(after=after)

    assert (risky.decide() == Decided(contact=1)) is is_decided


@pytest.mark.parametrize(
    ("age", "is_decided"), [(7 * DAY, False), (7 * DAY - MINUTE, True)], ids=["a week old", "near miss"]
)
def test_old_score_says_nothing(risky, age, is_decided):
    risky.score(risky.book(), at=NOW - age)

    assert (risky.decide() == Decided(contact=1)) is is_decided


def test_newest_score_counts(risky):
    visit = risky.book()
    risky.score(visit, 0.6, at=NOW - 3 * HOUR)
    risky.score(visit, 0.1, at=NOW - 2 * HOUR)

    assert risky.decide() == Decided()


def test_only_the_clinics_model_counts(risky):
    risky.score(risky.book(), model="other")

    assert risky.decide() == Decided()


@pytest.mark.parametrize(
    "change",
    [
        lambda risky: risky.desk.take(siu("S15", visit="V1", patient="P-V1", at=NOW - HOUR, status="Cancelled")),
        lambda risky: risky.desk.take(siu("S14", visit="V1", patient="P-V1", at=NOW - HOUR, status="Confirmed")),
        lambda risky: risky.desk.take(siu("S14", visit="V1", patient="P-V1", at=NOW - HOUR, status="Perhaps")),
        lambda risky: risky.desk.take(adt("A08", at=NOW - HOUR, patient="P-V1", died_at=NOW - 2 * HOUR)),
        lambda risky: risky.policy(is_on=False),
        lambda risky: risky.launch(LaunchMode.OBSERVING),
    ],
    ids=["cancelled", "confirmed", "uncertain", "died", "switched off", "observing"],
)
def test_visit_that_nobody_should_call_about_is_not_decided(risky, change):
    risky.at_risk()

    change(risky)

    assert risky.decide() == Decided()
    assert asked_about() == []


def test_clinic_without_a_policy_decides_nothing(risky):
    risky.launch(clinic=risky.desk.clinics["DERM"])
    risky.at_risk(clinic="DERM")

    assert risky.decide() == Decided()


def test_shadow_decides_and_says_so(risky):
    risky.launch(LaunchMode.SHADOW)
    risky.at_risk()

    risky.decide()

    assert list(RiskDecision.objects.values_list("mode", flat=True)) == [LaunchMode.SHADOW]


def test_of_one_persons_visits_only_the_next_is_decided(risky):
    risky.at_risk("V1", after=3 * DAY - HOUR, patient="P-1")
    risky.at_risk("V2", after=2 * DAY, patient="P-1")

    assert [risky.decide(), risky.decide(NOW + HOUR)] == [Decided(contact=1), Decided()]
    assert decided() == [("V2", RiskArm.CONTACT)]


def test_merged_records_are_one_person(risky):
    risky.at_risk("V1", patient="P-1")
    risky.at_risk("V2", after=DAY, patient="P-2")
    risky.desk.take(merge(at=NOW - HOUR, survivor="P-1", retired="P-2"))

    assert risky.decide() == Decided(contact=1)
    assert decided() == [("V2", RiskArm.CONTACT)]


@pytest.mark.parametrize("days", [60, 61], ids=["within the rest", "after it"])
@pytest.mark.parametrize("holdout", [0, 20], ids=["contacted", "whatever the arm"])
def test_person_rests_for_60_days_in_either_arm(risky, days, holdout):
    risky.policy(holdout=holdout)
    risky.at_risk("V1", patient="P-1")
    risky.decide()
    later = NOW + days * DAY - MINUTE
    second = risky.book("V2", after=days * DAY + DAY, patient="P-1")
    risky.score(second, at=later - HOUR)

    assert sum(risky.decide(later)) == (0 if days == 60 else 1)


def test_holdout_is_drawn_by_the_clinics_secret_and_never_queued(risky):
    risky.policy(holdout=20)
    visits = [risky.at_risk(f"V{number}") for number in range(30)]
    secret = bytes(RiskSeed.objects.get().secret)

    found = risky.decide()

    arms = {visit.external_id: arm_of(secret, visit.pk, 20) for visit in visits}
    assert dict(decided()) == arms
    assert found == Decided(
        sum(arm == RiskArm.CONTACT for arm in arms.values()), sum(arm == RiskArm.HOLDOUT for arm in arms.values())
    )
    kept = {str(visit.pk) for visit in visits if arms[visit.external_id] == RiskArm.CONTACT}
    assert set(asked_about()) == kept


def test_messages_never_put_a_held_out_visit_into_the_queue(risky):
    visit = risky.at_risk()
    RiskDecision.objects.create(
        appointment=visit, policy=RiskPolicy.objects.get(), model=MODEL, score=0.5, threshold=0.2,
        arm=RiskArm.HOLDOUT, mode=LaunchMode.LIVE, starts_at=visit.starts_at, at=NOW - HOUR,
    )  # fmt: skip

    risky.desk.take(siu("S14", visit="V1", patient="P-V1", at=NOW - MINUTE, starts_at=visit.starts_at, minutes=45))

    assert (risky.decide(), asked_about()) == (Decided(), [])


def test_more_than_one_chunk_is_decided_in_one_sweep(risky, monkeypatch):
    monkeypatch.setattr("recovery.services.decide_risks.CHUNK", 2)
    for number in range(5):
        risky.at_risk(f"V{number}")

    assert risky.decide() == Decided(contact=5)
    assert len(asked_about()) == 5


@pytest.mark.parametrize("table", ["score", "policy", "seed", "decision"])
def test_database_refuses_a_change(risky, table):
    risky.at_risk()
    risky.decide()
    from_table = {
        "score": "recovery_riskscore SET score = 0", "policy": "recovery_riskpolicy SET holdout = 1",
        "seed": "recovery_riskseed SET made_at = now()", "decision": "recovery_riskdecision SET arm = 'holdout'",
    }  # fmt: skip

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Patient.objects.raw(f"UPDATE {from_table[table]} RETURNING 1 AS id").iterator().__next__()


def test_number_of_statements_does_not_grow(risky, django_assert_max_num_queries):
    for number in range(12):
        risky.at_risk(f"V{number}", after=2 * DAY + number * timedelta(minutes=30))

    with django_assert_max_num_queries(20):
        assert risky.decide() == Decided(contact=12)
