"""One batch: what it takes, what it leaves to others, and that it commits as a whole or not at all."""

import pytest
from django.db import OperationalError

from config.digesting import Digester
from config.pipeline import BatchFailedError, Digested, digest_batch, digest_these, refold_these
from scheduling.mapping.rules import Rule
from scheduling.models import Appointment, FeedProof, LaneLink, RefoldRequest, Waiting
from scheduling.vocabulary import Status
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, siu
from tests.support.sessions import busy_lane, on_insert

# Tables of every floor and stage, the last one written among them.
WRITTEN = [
    "scheduling_patient",
    "scheduling_appointment",
    "scheduling_mappedevent",
    "scheduling_vacancy",
    "scheduling_receipt",
    "recovery_queueitem",
    "exceptions_integrationexception",
    "scheduling_feedproof",
]


def booking(visit, **said):
    return siu("S12", visit=visit, at=NOW - DAY, **{"starts_at": NOW + DAY} | said)


def bodies_for_every_stage():
    """A slot to refill, a visit in doubt, a patient's facts."""
    return [
        booking("V1"),
        siu("S15", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, status="Cancelled", reason="PT01"),
        booking("V2", status="ZZ9", starts_at=NOW + 2 * DAY),
        adt("A08", at=NOW, patient="N-2"),
    ]


def refuse(table, code="P0001"):
    """From now on the database refuses every row of a table."""
    on_insert(table, f"RAISE EXCEPTION 'No row.' USING ERRCODE = '{code}';")


def put_in_lanes(ids, lanes):
    for message_id, lane in zip(ids, lanes, strict=True):
        Waiting.objects.filter(pk=message_id).update(lane=lane)


def waiting():
    return sorted(Waiting.objects.values_list("message_id", flat=True))


def test_batch_commits_facts_exceptions_and_items_together(desk):
    ids = desk.receive(*bodies_for_every_stage())

    digested = digest_batch(now=NOW)

    assert (sorted(digested.message_ids), digested.refolds, digested.is_idle) == (ids, 0, False)
    assert (desk.visit("V1").status, desk.open_items()) == ("cancelled", [("refill", "V1")])
    assert [check for check, *_ in desk.live()] == ["unmapped_status"]
    assert desk.ledger() == {"received": 4, "applied": 3, "held": 1}
    assert FeedProof.objects.get().digested_to == NOW


@pytest.mark.parametrize("table", WRITTEN)
def test_batch_that_fails_at_any_stage_leaves_nothing_and_everything_waits(desk, table):
    before = desk.picture()
    ids = desk.receive(*bodies_for_every_stage())
    refuse(table)

    with pytest.raises(BatchFailedError) as failed:
        digest_batch(now=NOW)

    assert (sorted(failed.value.message_ids), failed.value.refolds) == (ids, ())
    assert waiting() == ids
    assert desk.picture() == before
    assert desk.ledger() == {"received": 4, "waiting": 4}


def test_batch_that_fails_asks_for_its_refolds_again(desk):
    desk.take(booking("V1", status="ZZ9"))
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED))
    asked = list(RefoldRequest.objects.values_list("appointment_id", flat=True))
    refuse("scheduling_appointment")

    with pytest.raises(BatchFailedError) as failed:
        digest_batch(now=NOW)

    assert (failed.value.message_ids, list(failed.value.refolds)) == ((), asked)
    assert list(RefoldRequest.objects.values_list("appointment_id", flat=True)) == asked
    assert desk.visit("V1").status is None


@pytest.mark.parametrize("code", ["40P01", "55P03", "57P01"], ids=["deadlock", "lock not available", "shutdown"])
def test_trouble_of_the_database_is_no_failure_of_the_batch(desk, code):
    ids = desk.receive(booking("V1"))
    refuse("scheduling_appointment", code)

    with pytest.raises(OperationalError):
        digest_batch(now=NOW)

    assert waiting() == ids


def test_empty_inbox_is_an_idle_batch(desk):
    digested = digest_batch(now=NOW)

    assert digested == Digested((), 0, None)
    assert digested.is_idle
    assert not FeedProof.objects.exists()


def test_limit_takes_the_oldest_and_leaves_the_rest(desk):
    ids = desk.receive(*(booking(f"V{number}") for number in range(5)))

    digested = digest_batch(now=NOW, limit=2)

    assert sorted(digested.message_ids) == ids[:2]
    assert waiting() == ids[2:]


def test_lane_of_another_worker_is_left_alone(desk):
    ids = desk.receive(*(booking(f"V{number}") for number in range(3)))
    put_in_lanes(ids, [5, 6, 7])

    with busy_lane(6):
        digested = digest_batch(now=NOW)
        left = waiting()

    assert (sorted(digested.message_ids), left) == ([ids[0], ids[2]], [ids[1]])
    assert digest_batch(now=NOW).message_ids == (ids[1],)


def test_share_skips_a_busy_lane_and_takes_the_next_free_one(desk):
    ids = desk.receive(*(booking(f"V{number}") for number in range(3)))
    put_in_lanes(ids, [5, 6, 7])

    with busy_lane(5):
        digested = digest_batch(now=NOW, lane=5, share=1)

    assert digested.message_ids == (ids[1],)


@pytest.mark.parametrize(
    ("lane", "share", "taken"),
    [(62, 1, []), (63, 1, [0]), (63, 2, [0, 1]), (0, 1, [1]), (1, 63, [0, 2]), (0, 64, [0, 1, 2])],
    ids=["before", "one", "round the end", "the first", "all but the first", "all"],
)
def test_share_of_lanes_begins_at_its_own_and_goes_round(desk, lane, share, taken):
    ids = desk.receive(*(booking(f"V{number}") for number in range(3)))
    put_in_lanes(ids, [63, 0, 1])

    digested = digest_batch(now=NOW, lane=lane, share=share)

    assert sorted(digested.message_ids) == [ids[place] for place in taken]


@pytest.fixture
def merged(desk):
    """Messages of three patients in lanes 5, 6 and 7; the second was merged into the third, intake says."""
    ids = desk.receive(*(booking(f"V{number}", patient=f"N-{number}") for number in range(3)))
    put_in_lanes(ids, [5, 6, 7])
    LaneLink.objects.create(patient_hash=Waiting.objects.get(pk=ids[1]).patient_hash, survivor_hash=64 + 7)
    return ids


def test_message_of_a_merged_record_is_left_to_the_lane_of_its_survivor(desk, merged):
    hashed = Waiting.objects.get(pk=merged[1]).patient_hash

    digested = digest_batch(now=NOW, lane=5, share=2)

    assert digested.message_ids == (merged[0],)
    assert list(Waiting.objects.order_by("pk").values_list("pk", "lane")) == [(merged[1], 7), (merged[2], 7)]
    assert Waiting.objects.get(pk=merged[1]).patient_hash == hashed
    assert sorted(digest_batch(now=NOW, lane=7, share=1).message_ids) == merged[1:]


def test_message_of_a_merged_record_is_taken_with_both_lanes(merged):
    assert sorted(digest_batch(now=NOW, lane=6, share=2).message_ids) == merged[1:]


def test_message_of_records_merged_in_a_circle_is_moved_once(merged):
    hashes = dict(Waiting.objects.values_list("pk", "patient_hash"))
    LaneLink.objects.update(survivor_hash=hashes[merged[2]])
    LaneLink.objects.create(patient_hash=hashes[merged[2]], survivor_hash=hashes[merged[1]])
    put_in_lanes(merged, [0, *(hashes[each] % 64 for each in merged[1:])])
    lanes = {hashes[each] % 64 for each in merged[1:]}
    assert len(lanes) == 2

    taken = [digest_batch(now=NOW, lane=lane, share=1).message_ids for lane in sorted(lanes) * 2]

    assert sorted(each for ids in taken for each in ids) == merged[1:]


@pytest.mark.parametrize("number", [0, 1])
def test_drain_finds_what_was_moved_to_a_lane_it_had_looked_into(desk, merged, number):
    put_in_lanes(merged, [0, 63, 63])
    LaneLink.objects.update(survivor_hash=0)

    assert Digester(number=number, workers=2).drain() == 3


def test_named_messages_are_digested_once(desk):
    ids = desk.receive(booking("V1"), booking("V2"), booking("V3"))

    first, again = digest_these(ids[:2], now=NOW), digest_these(ids[:2], now=NOW)

    assert (sorted(first.message_ids), again) == (ids[:2], Digested())
    assert (waiting(), Appointment.objects.count()) == (ids[2:], 2)
    assert desk.ledger() == {"received": 3, "applied": 2, "waiting": 1}


def test_named_visits_are_folded_anew_once_and_only_where_it_is_asked_for(desk):
    desk.take(booking("V1", status="ZZ9"), booking("V2", status="ZZ9"), booking("V3"))
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED))
    one, other, unasked = (desk.visit(name).pk for name in ("V1", "V2", "V3"))

    RefoldRequest.objects.filter(appointment=unasked).delete()

    first, again = refold_these([one, unasked], now=NOW), refold_these([one, unasked], now=NOW)

    assert (first, again) == (Digested(refolds=1), Digested())
    assert [desk.visit(name).status for name in ("V1", "V2", "V3")] == ["confirmed", None, "booked"]
    assert list(RefoldRequest.objects.values_list("appointment_id", flat=True)) == [other]
