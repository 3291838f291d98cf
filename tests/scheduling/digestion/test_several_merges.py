"""One message that merges several patients does what as many messages would."""

import pytest

from scheduling.models import Patient, PatientVersion, Receipt
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, merge, merges, siu

TWO_MERGES = merges(("N-1", "N-2"), ("N-3", "N-4"), at=NOW - HOUR)


def edges():
    """(retired, survivor) by id."""
    return sorted(Patient.objects.filter(merged_into__isnull=False).values_list("mrn", "merged_into__mrn"))


def test_every_survivor_gets_its_retired_record(desk):
    desk.take(TWO_MERGES)

    assert edges() == [("N-2", "N-1"), ("N-4", "N-3")]
    assert desk.ledger() == {"received": 1, "applied": 1}


@pytest.mark.parametrize("is_merge_first", [True, False], ids=["merge first", "merge last"])
@pytest.mark.parametrize(("one", "other"), [("N-1", "N-2"), ("N-3", "N-4")], ids=["first pair", "second pair"])
def test_visit_of_either_pair_is_no_reuse(desk, one, other, is_merge_first):
    visits = [
        siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY, patient=one),
        siu("S14", visit="V1", at=NOW - DAY + HOUR, starts_at=NOW + DAY, patient=other),
    ]

    for body in [TWO_MERGES, *visits] if is_merge_first else [*visits, TWO_MERGES]:
        desk.take(body)

    assert desk.troubles("V1") == []


def test_visit_across_the_pairs_is_still_a_reuse(desk):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY, patient="N-1"))
    desk.take(siu("S14", visit="V1", at=NOW - DAY + HOUR, starts_at=NOW + DAY, patient="N-4"))

    desk.take(TWO_MERGES)

    assert desk.troubles("V1") == [("reused_appointment_id", "")]


def test_each_patient_is_stated_by_its_own_segments(desk):
    desk.take(adt("A08", at=NOW - DAY, patient="N-3", family="Okafor"))

    desk.take(TWO_MERGES.replace(b"N-3^^^NSD^MR||Quill", b"N-3^^^NSD^MR||Lind"))

    assert dict(Patient.objects.filter(mrn__in=["N-1", "N-3"]).values_list("mrn", "family")) == {
        "N-1": "Quill", "N-3": "Lind",
    }  # fmt: skip
    assert PatientVersion.objects.filter(patient__mrn="N-3").count() == 2


def test_message_is_applied_though_its_last_patient_is_no_news(desk):
    desk.take(adt("A08", at=NOW - DAY, patient="N-3"))

    desk.take(TWO_MERGES.replace(b"MRG|N-4", b"ZMG|N-4"))

    assert edges() == [("N-2", "N-1")]
    assert desk.ledger() == {"received": 2, "applied": 2}


def test_receipt_keeps_the_first_patient(desk):
    desk.take(TWO_MERGES)

    assert list(Receipt.objects.values_list("patient__mrn", "outcome")) == [("N-1", "applied")]


def test_chain_in_one_message_ends_at_its_survivor(desk):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY, patient="N-1"))
    desk.take(siu("S14", visit="V1", at=NOW - DAY + HOUR, starts_at=NOW + DAY, patient="N-3"))

    desk.take(merges(("N-1", "N-2"), ("N-2", "N-3"), at=NOW - HOUR))

    assert edges() == [("N-2", "N-1"), ("N-3", "N-2")]
    assert desk.troubles("V1") == []


def test_newer_merge_of_the_second_pair_wins_whatever_comes_first(desk):
    corrected = merge(at=NOW - HOUR / 2, survivor="N-5", retired="N-4")

    desk.take(corrected)
    desk.take(TWO_MERGES)

    assert edges() == [("N-2", "N-1"), ("N-4", "N-5")]
