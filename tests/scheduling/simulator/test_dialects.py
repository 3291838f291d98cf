"""Every dialect can say what it claims to, tells different truths apart and covers its own clinics."""

from collections import Counter

import pytest

from scheduling.simulator.codes import ELM, HARBOR, NORTHSIDE
from scheduling.simulator.dialects import DIALECTS, EVIDENCE
from scheduling.simulator.reasons import REASONS
from scheduling.vocabulary import EventKind, Initiator, Status

VISIT_KINDS = set(EventKind) - {
    EventKind.SLOT_OPENED,
    EventKind.SLOT_BLOCKED,
    EventKind.PATIENT_CHANGED,
    EventKind.PATIENTS_MERGED,
    EventKind.PATIENT_DIED,
}
BEYOND_AN_EXTRACT = set(EventKind) - VISIT_KINDS | {EventKind.DELETED}


@pytest.mark.parametrize(
    ("source", "missing"),
    [(NORTHSIDE, set()), (HARBOR, set()), (ELM, BEYOND_AN_EXTRACT)],
    ids=[NORTHSIDE, HARBOR, ELM],
)
def test_a_dialect_has_words_for_every_kind_it_can_carry(source, missing):
    kinds = {code.kind for code in DIALECTS[source].codes}

    assert kinds == set(EventKind) - missing


@pytest.mark.parametrize("source", DIALECTS)
def test_every_true_reason_has_a_code_in_every_dialect(source):
    reasons = {code.reason for code in DIALECTS[source].codes if code.reason in REASONS}

    assert reasons == set(REASONS)


@pytest.mark.parametrize("source", DIALECTS)
def test_equal_signals_never_mean_two_statuses_at_one_clinic(source):
    meanings: dict[tuple[str, ...], set[Status | None]] = {}
    for code in DIALECTS[source].codes:
        if code.kind in VISIT_KINDS:
            signals = (code.trigger, code.filler_status, code.event_reason, code.resource_status)
            meanings.setdefault(signals, set()).add(code.status)

    assert [signals for signals, statuses in meanings.items() if len(statuses) > 1] == []


@pytest.mark.parametrize("source", DIALECTS)
def test_unknown_codes_are_in_no_row(source):
    dialect = DIALECTS[source]
    known = {(code.filler_status, code.event_reason) for code in dialect.codes}

    assert [odd for odd in dialect.unknown if (odd.filler_status, odd.event_reason) in known] == []


@pytest.mark.parametrize("source", DIALECTS)
def test_bumps_are_the_clinics_and_cancellations_are_not(source):
    initiators = Counter(
        (code.status, code.initiator)
        for code in DIALECTS[source].codes
        if code.status in {Status.BUMPED, Status.CANCELLED}
    )

    assert set(initiators) == {
        (Status.BUMPED, Initiator.CLINIC),
        (Status.CANCELLED, Initiator.PATIENT),
        (Status.CANCELLED, Initiator.SYSTEM),
    }


def test_evidence_names_one_signal_beside_the_trigger():
    for code in EVIDENCE:
        assert [bool(code.filler_status), bool(code.event_reason) != bool(code.resource_status)] == [False, True]
