"""What became of visits at risk, what clinics do about them, what a visit's own page says."""

from typing import Any

import pytest

from accounts.models import AuditEntry
from accounts.vocabulary import AuditAction, Role
from recovery.models import Attempt, QueueItem, RiskPolicy, RiskSeed
from recovery.risk.baseline import NAME, Count, CountTable, Traits
from recovery.risk_places import READERS
from recovery.selectors.risk_report import Band, reliability, risk_groups, shadow_count
from recovery.selectors.risk_trial import baseline_trial, trial_bands
from recovery.vocabulary import Family, RiskArm
from scheduling.models import Appointment, Patient
from scheduling.vocabulary import Decision, LaunchMode, SetBy, Status
from tests.recovery.risk.conftest import MODEL
from tests.support.desk import DAY, HOUR, NOW
from tests.support.risk import decide

REPORT, POLICIES = "/recovery/risk/", "/recovery/risk/clinics/"


def ended(visit, status, **more):
    """The visit as it stands in the end."""
    Appointment.objects.filter(pk=visit.pk).update(status=status, **more)


# The report


@pytest.fixture
def outcomes(risky):
    """Decided visits of every end: (arm, status)."""
    ends: list[tuple[RiskArm, dict[str, Any]]] = [
        (RiskArm.CONTACT, {"status": Status.COMPLETED}),
        (RiskArm.CONTACT, {"status": Status.LEFT_UNSEEN}),
        (RiskArm.CONTACT, {"status": Status.MISSED, "set_by": SetBy.PERSON}),
        (RiskArm.CONTACT, {"status": Status.MISSED, "set_by": SetBy.TIMER}),
        (RiskArm.CONTACT, {"status": Status.CHECKED_IN}),
        (RiskArm.CONTACT, {"status": Status.MISSED, "troubles": [["unmapped_status", "Z", None]]}),
        (RiskArm.HOLDOUT, {"status": Status.MISSED}),
        (RiskArm.HOLDOUT, {"status": Status.BUMPED}),
        (RiskArm.HOLDOUT, {"status": Status.CANCELLED}),
        (RiskArm.HOLDOUT, {"status": Status.BOOKED}),
    ]
    for number, (arm, end) in enumerate(ends):
        visit = risky.book(f"V{number}")
        decide(visit, arm=arm)
        ended(visit, **end)
    return risky


def lines_of(group):
    return [(one.arm, one.decided, one.tried, one.came, one.missed, one.cancelled, one.unknown) for one in group.arms]


def test_arms_are_told_by_how_their_visits_ended(outcomes):
    [group] = risk_groups([outcomes.clinic], "", NOW)

    assert (group.model, group.clinic) == ("vendor-7", "Card")
    assert lines_of(group) == [(RiskArm.CONTACT, 6, 0, 2, 1, 0, 3), (RiskArm.HOLDOUT, 4, 0, 0, 1, 2, 1)]
    assert [one.share for one in group.arms] == ["1 of 3", "1 of 1"]
    assert group.sentence == "Too early to say: each arm needs 100 visits with a known end; 3 and 1 are known."


def test_who_was_tried_is_told_apart_from_who_was_to_be(risky):
    visit = risky.at_risk()
    risky.decide()
    item = QueueItem.objects.get(family=Family.CONFIRM)
    for is_counted in (True, True, False):
        Attempt.objects.create(
            item=item, patient=visit.patient, clinic=risky.clinic, decision=Decision.CONFIRM, channel="call",
            value="+1", person_owner=1, number_owner=2, at=NOW, is_counted=is_counted,
        )  # fmt: skip

    assert [line[:3] for line in lines_of(risk_groups([risky.clinic], MODEL, NOW)[0])] == [
        (RiskArm.CONTACT, 1, 1), (RiskArm.HOLDOUT, 0, 0),
    ]  # fmt: skip


def test_several_clinics_of_one_model_are_told_together_too(risky):
    for visit, clinic in (("V1", "CARD"), ("V2", "DERM"), ("V3", "DERM")):
        decide(risky.book(visit, clinic=clinic))

    groups = risk_groups([*risky.desk.clinics.values()], "", NOW)

    assert [(group.clinic, group.arms[0].decided) for group in groups] == [
        ("All these clinics", 3), ("Card", 1), ("Derm", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "is_told"),
    [({}, True), ({"mode": LaunchMode.SHADOW}, False), ({"at": NOW - 366 * DAY}, False)],
    ids=["live", "shadow", "long ago"],
)
def test_only_decisions_that_could_be_acted_on_count(risky, fields, is_told):
    decide(risky.book(), **fields)

    assert bool(risk_groups([risky.clinic], "", NOW)) is is_told
    assert shadow_count([risky.clinic], NOW) == (1 if "mode" in fields else 0)


def test_scores_are_held_against_what_happened(risky):
    past = [risky.book(f"V{number}", after=-DAY, at=NOW - 9 * DAY) for number in range(6)]
    for visit, score in zip(past, (0.02, 0.12, 0.13, 0.5, 0.5, 0.5), strict=True):
        risky.score(visit, score, at=NOW - 3 * DAY)
    risky.score(past[0], 0.9, at=NOW - DAY - HOUR)  # later than a day before its start
    for visit, status in zip(past, ("missed", "completed", "missed", "missed", "cancelled", "booked"), strict=True):
        ended(visit, status)
    decide(past[3])  # somebody was to call: it says nothing about the score

    assert reliability([risky.clinic], MODEL, NOW) == [
        Band(0.0, 0.05, 1, 0.02, 0, 1, 0), Band(0.1, 0.15, 2, 0.125, 1, 1, 0), Band(0.5, 1.0, 2, 0.5, 0, 0, 1),
    ]  # fmt: skip


def test_band_is_told_in_words():
    band = Band(0.1, 0.15, 40, 0.125, 30, 5, 3)

    assert (band.label, band.expected_words, band.observed, band.unknown) == ("10 to 15 %", "12 %", "14 % (6 to 29)", 2)


def test_report_shows_both_and_narrows_to_clinic_and_model(outcomes, person, signed_in):
    client = signed_in(person(Role.SUPERVISOR, source=outcomes.desk.source))

    text = client.get(REPORT).content.decode()
    derm = client.get(f"{REPORT}?clinic={outcomes.desk.clinics['DERM'].pk}&model={NAME}").content.decode()

    assert "Too early to say: each arm needs 100 visits with a known end; 3 and 1 are known." in text
    assert "Nothing was decided yet." in derm


def test_another_clinics_figures_are_not_seen(outcomes, person, signed_in):
    client = signed_in(person(Role.SUPERVISOR, clinic=outcomes.desk.clinics["DERM"]))

    for url in (REPORT, f"{REPORT}?clinic={outcomes.clinic.pk}"):
        assert client.get(url).context["groups"] == []
    assert [row.clinic.key for row, _ in client.get(POLICIES).context["rows"]] == ["derm"]


@pytest.mark.parametrize("role", list(Role))
def test_who_may_read(risky, person, signed_in, role):
    client = signed_in(person(role, clinic=risky.clinic))

    status = 200 if role in READERS else 403
    assert [client.get(url).status_code for url in (REPORT, POLICIES)] == [status, status]


def test_queries_of_the_report_do_not_grow(risky, person, signed_in, django_assert_max_num_queries):
    client = signed_in(person(Role.SUPERVISOR, source=risky.desk.source))
    for number, clinic in enumerate(("CARD", "DERM", "CARD", "DERM")):
        decide(risky.book(f"V{number}", clinic=clinic))

    for url in (REPORT, POLICIES):
        client.get(url)
        with django_assert_max_num_queries(10):
            client.get(url)


# What clinics do


def said(clinic, **more):
    base = {"clinic": clinic.pk, "switch": "on", "model": MODEL, "threshold": 25, "days_ahead": 5, "holdout": 10}
    return base | {"base": RiskPolicy.objects.get(clinic=clinic).pk} | more


@pytest.fixture
def client(risky, person, signed_in):
    return signed_in(person(Role.SUPERVISOR, clinic=risky.clinic))


def test_change_is_a_new_version_under_the_same_secret(risky, client):
    secret = bytes(RiskSeed.objects.get().secret)

    assert client.post(POLICIES, said(risky.clinic)).status_code == 302

    rows = list(RiskPolicy.objects.order_by("pk").values_list("threshold", "days_ahead", "holdout"))
    assert rows == [(0.2, 3, 0), (0.25, 5, 10)]
    assert bytes(RiskSeed.objects.get().secret) == secret
    audited = AuditEntry.objects.filter(subject_kind="recovery.riskpolicy").latest("pk")
    assert (audited.action, audited.clinic_id) == (AuditAction.CHANGED, risky.clinic.pk)


def test_page_says_how_many_visits_a_policy_means_now(risky, client):
    risky.at_risk("V1")
    risky.score(risky.book("V2"), 0.1)
    risky.book("V3")

    text = client.get(POLICIES).content.decode()

    assert "1 of 3 visits" in text
    assert "2 scored" in text
    assert "from 20 in 100" in text


def test_whoever_saw_an_older_version_is_told(risky, client):
    older = said(risky.clinic)
    client.post(POLICIES, older)

    assert client.post(POLICIES, older).status_code == 409
    assert RiskPolicy.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"threshold": 0}, {"threshold": 101}, {"days_ahead": 15}, {"days_ahead": 0}, {"holdout": 21}, {"model": "a b"}],
    ids=str,
)
def test_values_out_of_bounds_are_a_422(risky, client, wrong):
    assert client.post(POLICIES, said(risky.clinic, **wrong)).status_code == 422
    assert RiskPolicy.objects.count() == 1


@pytest.mark.parametrize("role", [Role.ACCESS, Role.AUDITOR])
def test_readers_may_not_change(risky, person, signed_in, role):
    client = signed_in(person(role, clinic=risky.clinic))

    assert client.post(POLICIES, said(risky.clinic)).status_code == 403


def test_another_clinics_policy_is_not_changed(risky, client):
    answer = client.post(POLICIES, said(risky.clinic) | {"clinic": risky.desk.clinics["DERM"].pk})

    assert answer.status_code == 422


# A visit's own page


def visit_page(client, visit):
    return client.get(f"/appointments/{visit.pk}/").content.decode()


def test_visit_says_that_it_was_left_uncontacted_on_purpose(risky, client):
    visit = risky.book()
    risky.score(visit, 0.34)
    decide(visit, arm=RiskArm.HOLDOUT)

    text = visit_page(client, visit)

    assert "Left uncontacted on purpose" in text
    assert "by a score of 34 in 100 (vendor-7). Card calls from 20 in 100 on." in text
    assert "acme-3 expects 34 of 100 such visits to be missed." in text


def test_visit_that_is_to_be_contacted_says_so(risky, client):
    visit = risky.at_risk()
    risky.decide()

    assert "To be contacted" in visit_page(client, visit)


@pytest.mark.parametrize("protection", ["", "Y"], ids=["open", "restricted"])
def test_reason_of_a_restricted_patients_score_is_not_shown(risky, client, protection):
    visit = risky.book()
    risky.score(visit, reason="Missed 2 of 5")
    Patient.objects.filter(pk=visit.patient_id).update(protection=protection)

    assert ("Missed 2 of 5" in visit_page(client, visit)) is not bool(protection)


def test_visit_without_a_score_says_nothing_about_risk(risky, client):
    assert "Risk that it is missed" not in visit_page(client, risky.book())


# The baseline, tried on the past


def test_baseline_is_tried_on_visits_it_had_not_counted():
    counts = {(): Count(1000, 100), (7,): Count(1000, 100), (7, "more"): Count(1000, 400)}
    ended = [
        (Traits(7, "none", "week", "ECHO"), Count(40, 3)),
        (Traits(7, "none", "day", "ECHO"), Count(10, 1)),
        (Traits(7, "more", "day", "ECHO"), Count(5, 2)),
    ]

    bands = trial_bands(CountTable(counts), ended)

    assert [(one.label, one.visits, one.expected_words, one.came, one.missed) for one in bands] == [
        ("10 to 15 %", 50, "10 %", 46, 4), ("30 to 50 %", 5, "39 %", 3, 2),
    ]  # fmt: skip


def test_trial_counts_before_and_looks_after(risky):
    patients = [Patient(source=risky.desk.source, authority="A", mrn=f"M{n}", as_of=b"") for n in range(230)]
    Appointment.objects.bulk_create(
        Appointment(
            source=risky.desk.source, namespace="", external_id=f"H{number}", occurrence="", clinic=risky.clinic,
            status=Status.MISSED if number % 10 == 0 else Status.COMPLETED, patient=patient, said_at=NOW, heard_at=NOW,
            starts_at=NOW - (40 if number < 200 else 10) * DAY, visit_type="ECHO", order_key=b"", events=1,
        )
        for number, patient in enumerate(Patient.objects.bulk_create(patients))
    )  # fmt: skip
    contacted = Appointment.objects.get(external_id="H201")
    decide(contacted)

    assert baseline_trial([risky.clinic], NOW) == [Band(0.1, 0.15, 29, 0.1, 26, 3, 0)]
    assert baseline_trial([risky.desk.clinics["DERM"]], NOW) == []


def test_trial_is_made_when_it_is_asked_for(risky, client):
    assert "Try it on the last 28 days" in client.get(REPORT).content.decode()
    assert "It cannot be tried" in client.get(f"{REPORT}?trial=1").content.decode()
