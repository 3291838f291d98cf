"""The page of a visit to confirm: why, what to do, how a call about it can go."""

import pytest

from recovery.forms import OutcomeForm
from recovery.models import QueueItem
from recovery.outcomes import OUTCOMES, outcomes_of
from recovery.selectors.decisions import decision_lines
from recovery.services.claims import claim_item
from recovery.vocabulary import AttemptOutcome, Family, NextStep, RiskArm
from scheduling.vocabulary import Decision
from tests.recovery.worked import VISIT_AT, make_asked
from tests.support.desk import HOUR, NOW
from tests.support.messages import siu
from tests.support.risk import decide


@pytest.fixture
def worked(desk):
    """The fixtures of this folder work a visit to confirm."""
    return make_asked(desk)


@pytest.fixture
def shown(worked, clock, signed_in):
    """The item's page as Ruth sees it, its white space made single."""

    def get(address=""):
        return " ".join(signed_in(worked.ruth).get(address or worked.item.get_absolute_url()).content.decode().split())

    return get


def test_the_page_says_why_and_that_it_is_a_guess(shown):
    page = shown()

    assert "Echocardiogram Fri 09:41 may be missed: high risk." in page
    assert "Missed 2 of 5 earlier visits. vendor-7 expects 34 of 100 such visits to be missed." in page
    assert "It is a guess about visits alike, not about this person. The clinic asks from 20 of 100 on." in page
    assert "Ask whether they will come." in page
    assert "2 h before the visit; later nobody else could take the time." in page
    assert "Ends within 3 days; high risk; reachable by phone." in page
    assert "Opened for its risk of a miss." in page


def test_the_list_names_the_risk_and_has_a_split_of_its_own(shown, worked):
    page = shown("/recovery/?split=confirm")

    assert "May be missed" in page
    assert "High risk" in page
    assert f"item={worked.item.pk}" in page
    assert f"item={worked.item.pk}" not in shown("/recovery/?split=missed")


def test_a_restricted_patient_is_masked(shown, worked):
    patient = worked.patient
    patient.vip = "Y"
    patient.save()

    page = shown()

    assert "Quill" not in page
    assert "Visit Fri 09:41 may be missed: high risk." in page


@pytest.mark.parametrize("family", list(Family))
def test_every_kind_of_call_has_its_own_outcomes(family):
    of = set(outcomes_of(family))

    assert AttemptOutcome.SENT not in of
    assert (AttemptOutcome.CONFIRMED in of, AttemptOutcome.CANCELLED in of) == (family == Family.CONFIRM,) * 2
    assert (AttemptOutcome.ACCEPTED in of) == (family == Family.REFILL)
    assert (AttemptOutcome.BOOKED in of) == (family != Family.REFILL)
    assert set(OUTCOMES) - of <= {
        AttemptOutcome.SENT, AttemptOutcome.CONFIRMED, AttemptOutcome.CANCELLED, AttemptOutcome.ACCEPTED,
        AttemptOutcome.BOOKED, AttemptOutcome.DECLINED,
    }  # fmt: skip


def test_the_form_offers_what_a_call_about_a_visit_can_end_with(worked):
    form = OutcomeForm(worked.item, worked.item.zone)

    assert [option.choice_label for option in form["outcome"].subwidgets][:4] == [
        "Choose…", "Will come", "Booked a visit", "No answer",
    ]  # fmt: skip
    assert form.follows[AttemptOutcome.NO_ANSWER] == [NextStep.OTHER_CHANNEL, NextStep.CLOSE]


def test_will_come_is_recorded_through_the_page(page, worked):
    claim_item(worked.item.pk, actor=worked.ruth, version=None, now=NOW)
    assert page("call").status_code == 200
    attempt = worked.item.attempts.get()

    answer = page(f"calls/{attempt.pk}/outcome", outcome="confirmed", next_step="wait_for_ehr")

    assert answer.status_code == 200
    assert (worked.item.next_step, worked.item.tries) == (NextStep.WAIT_FOR_EHR, 1)


def test_today_counts_what_is_to_be_confirmed(shown):
    assert "Visits to confirm" in shown("/")


def test_the_visits_own_page_tells_of_it_once(worked):
    visit, items = worked.desk.visit("V1"), list(QueueItem.objects.all())

    lines = decision_lines(visit, items, {}, NOW)

    assert [(line.label, line.item) for line in lines] == [(Decision.CONFIRM.label, worked.item)]


def test_a_visit_held_out_says_so_on_its_own_page(worked):
    worked.hear(siu("S12", visit="V2", at=NOW, starts_at=VISIT_AT, patient="N-2"))
    visit = worked.desk.visit("V2")
    decide(visit, arm=RiskArm.HOLDOUT)

    (line,) = decision_lines(visit, [], {}, NOW)

    assert (line.word, line.note) == ("Left uncontacted", "On purpose, so that the worth of asking can be known.")


def test_a_moved_visit_closes_it_and_the_page_says_so(shown, worked):
    worked.hear(siu("S13", visit="V1", at=NOW, starts_at=VISIT_AT + HOUR))

    assert "The visit was moved." in shown()
