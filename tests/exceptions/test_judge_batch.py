"""What one batch writes, on a real database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from exceptions.judging import fingerprint
from exceptions.models import History, HourlyCount, IntegrationException, Membership, Spell
from exceptions.vocabulary import Severity, State, SubjectKind, Verb
from scheduling.folding.change import LateEvent

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZZ9 = ("unmapped_status", "S15 ZZ9")
HOUR = timedelta(hours=1)


def members():
    return list(Membership.objects.order_by("exception", "subject_id").values_list("subject_id", flat=True))


def verbs():
    return list(History.objects.order_by("id").values_list("verb", "from_state", "to_state", "version"))


def close(exception, *, at):
    IntegrationException.objects.filter(pk=exception.pk).update(state=State.RESOLVED, resolved_at=at)


def test_batch_without_findings_runs_no_statement(run, change, booked):
    assert run(change(1, booked())) == []


def test_first_finding_opens_an_exception_with_owner_history_and_spell(run, change, booked, only, place):
    run(change(11, booked(ZZ9), messages=(501, 502)))

    found = only()
    assert {
        "fingerprint": bytes(found.fingerprint),
        "check": found.check_id,
        "where": (found.source_id, found.feed_id, found.clinic_id, found.raw),
        "severity": found.severity,
        "state": (found.state, found.version, found.spell_no, found.resolved_at),
        "times": (found.opened_at, found.occurred_first, found.occurred_last),
        "counts": (found.live_count, found.occurrences),
        "samples": (found.first_samples, found.last_samples),
        "owner": (found.owner_team, found.owner),
    } == {
        "fingerprint": fingerprint("unmapped_status", place.lakeview.pk, place.imaging.pk, "S15 ZZ9"),
        "check": "unmapped_status",
        "where": (place.lakeview.pk, place.lakeview_feed.pk, place.imaging.pk, "S15 ZZ9"),
        "severity": Severity.BLOCKING,
        "state": (State.OPEN, 1, 1, None),
        "times": (NOON, NOON, NOON),
        "counts": (1, 1),
        "samples": ([502], [502]),
        "owner": (place.teams["mapping"], None),
    }
    assert verbs() == [(Verb.OPENED, "", State.OPEN, 1)]
    assert list(Spell.objects.values_list("no", "opened_at", "cleared_at", "closed_at")) == [(1, NOON, None, None)]
    assert list(HourlyCount.objects.values_list("hour", "count")) == [(NOON, 1)]
    assert list(Membership.objects.values_list("subject_kind", "subject_id", "decision", "since")) == [
        (SubjectKind.APPOINTMENT, 11, "", NOON)
    ]


def test_team_of_the_feed_owns_before_the_team_of_the_kind(run, arrival, only, place):
    run(arrival("unreadable_message", "no_msh"))

    assert only().owner_team == place.imaging_team


def test_catch_all_team_owns_what_no_team_is_named_for(run, change, booked, only, place):
    place.teams["mapping"].delete()

    run(change(1, booked(ZZ9)))

    assert only().owner_team.is_catch_all


def test_equal_findings_of_many_visits_are_one_exception(run, change, booked, only):
    run(*(change(number, booked(ZZ9), messages=(100 + number,)) for number in range(1, 51)))

    found = only()
    assert (found.live_count, found.occurrences) == (50, 50)
    assert found.first_samples == list(range(101, 121))
    assert found.last_samples == list(range(131, 151))
    assert len(members()) == 50


def test_samples_keep_the_first_and_the_last_twenty_over_batches(run, change, booked, only):
    for number in range(1, 31):
        run(change(number, booked(ZZ9), messages=(number,)))

    assert only().first_samples == list(range(1, 21))
    assert only().last_samples == list(range(11, 31))


def test_same_state_again_counts_once(run, change, booked, only):
    run(change(1, booked(ZZ9)))

    run(change(1, booked(ZZ9), before=booked(ZZ9)))
    run(change(1, booked(ZZ9)))  # a replay that does not know the state before

    assert (only().live_count, only().occurrences, only().version) == (1, 1, 1)


@pytest.mark.parametrize("size", [1, 3, 200])
def test_statements_do_not_grow_with_the_batch(run, change, booked, arrival, size):
    run(*(change(number, booked(ZZ9)) for number in range(size)))

    statements = run(
        *(change(number, booked(("ahead_of_receipt", "")), before=booked(ZZ9)) for number in range(size)),
        *(arrival("unreadable_message", f"reason {number}") for number in range(size)),
    )

    assert len(statements) == 9


def test_last_finding_gone_leaves_it_cleared_and_unseen(run, change, booked, only):
    run(change(1, booked(ZZ9)), change(2, booked(ZZ9)))

    run(change(1, booked(), before=booked(ZZ9)))
    assert (only().state, only().live_count) == (State.OPEN, 1)
    run(change(2, booked(), before=booked(ZZ9)), now=NOON + HOUR)

    found = only()
    assert (found.state, found.live_count, found.occurrences, found.version) == (State.CLEARED_UNSEEN, 0, 2, 2)
    assert members() == []
    assert verbs()[-1] == (Verb.CLEARED, State.OPEN, State.CLEARED_UNSEEN, 2)
    assert list(History.objects.values_list("actor", flat=True)) == [None, None]
    assert list(Spell.objects.values_list("cleared_at", flat=True)) == [NOON + HOUR]


def test_cleared_exception_comes_back_in_the_same_spell(run, change, booked, only):
    run(change(1, booked(ZZ9)))
    run(change(1, booked(), before=booked(ZZ9)))

    run(change(1, booked(ZZ9), before=booked()))

    assert (only().state, only().live_count, only().spell_no) == (State.REOPENED, 1, 1)
    assert verbs()[-1] == (Verb.CAME_BACK, State.CLEARED_UNSEEN, State.REOPENED, 3)
    assert list(Spell.objects.values_list("no", "cleared_at")) == [(1, None)]


def test_muted_exception_counts_on_and_stays_muted(run, change, booked, only):
    run(change(1, booked(ZZ9)))
    IntegrationException.objects.update(state=State.MUTED, muted_until=NOON + HOUR)

    run(change(2, booked(ZZ9)))

    assert (only().state, only().live_count, only().muted_until) == (State.MUTED, 2, NOON + HOUR)


def test_clearing_ends_the_mute(run, change, booked, only):
    run(change(1, booked(ZZ9)))
    IntegrationException.objects.update(state=State.MUTED, muted_until=NOON + HOUR)

    run(change(1, booked(), before=booked(ZZ9)))

    assert (only().state, only().muted_until) == (State.CLEARED_UNSEEN, None)


def test_new_hold_reopens_even_when_the_source_says_it_is_older(run, change, booked, only):
    run(change(1, booked(ZZ9)))
    run(change(1, booked(), before=booked(ZZ9)))
    close(only(), at=NOON + HOUR)

    run(change(2, booked(("unmapped_status", "S15 ZZ9", NOON - HOUR))), now=NOON + 2 * HOUR)

    found = only()
    assert (found.state, found.resolved_at, found.spell_no, found.live_count) == (State.REOPENED, None, 2, 1)
    assert found.occurred_first == NOON - HOUR
    assert list(Spell.objects.order_by("no").values_list("no", "opened_at")) == [(1, NOON), (2, NOON + 2 * HOUR)]


@pytest.mark.parametrize(
    ("at", "state", "spells"),
    [
        (NOON + HOUR - timedelta(microseconds=1), State.RESOLVED, 1),
        (NOON + HOUR, State.RESOLVED, 1),
        (NOON + HOUR + timedelta(microseconds=1), State.REOPENED, 2),
    ],
    ids=["older than the closing", "at the closing", "newer than the closing"],
)
def test_only_newer_source_time_reopens_what_is_no_hold(run, arrival, only, at, state, spells):
    run(arrival("unreadable_message", "no_msh"))
    close(only(), at=NOON + HOUR)

    run(arrival("unreadable_message", "no_msh", at=at, message=2), now=NOON + 9 * HOUR)

    found = only()
    assert (found.state, found.spell_no, Spell.objects.count()) == (state, spells, spells)
    assert (found.occurrences, found.last_samples) == (2, [1, 2])


def test_evidence_for_a_closed_exception_is_kept_and_can_vanish(run, change, booked, only):
    cancelled = booked(status="cancelled", visit_type=None, said_at=NOON)
    run(change(1, cancelled))
    close(only(), at=NOON + HOUR)

    run(change(2, cancelled))
    assert (only().state, only().live_count, members()) == (State.RESOLVED, 2, [1, 2])
    run(change(1, booked(status="cancelled"), before=cancelled))

    assert (only().state, only().live_count, members()) == (State.RESOLVED, 1, [2])


def test_arrivals_are_counted_and_never_clear_by_themselves(run, arrival, only):
    run(arrival("unreadable_message", "no_msh"), arrival("unreadable_message", "no_msh", at=NOON - 2 * HOUR, message=2))

    found = only()
    assert (found.live_count, found.occurrences, found.state) == (0, 2, State.OPEN)
    assert (found.occurred_first, found.occurred_last) == (NOON - 2 * HOUR, NOON)
    assert dict(HourlyCount.objects.values_list("hour", "count")) == {NOON: 1, NOON - 2 * HOUR: 1}


def test_problem_of_a_reader_is_counted_under_the_check_it_reads_as(run, arrival):
    run(arrival("bad_time", "SCH-11"), arrival("shifted_segment", "SCH"))

    assert sorted(IntegrationException.objects.values_list("check_id", "raw")) == [
        ("reader_problem", "shifted_segment SCH"),
        ("unreadable_value", "bad_time SCH-11"),
    ]


@pytest.mark.parametrize(("has_effect", "count"), [(True, 1), (False, 0)], ids=["with effect", "without effect"])
def test_late_event_is_found_only_with_an_effect(run, change, booked, has_effect, count):
    run(change(1, booked(), before=booked(), late=LateEvent(NOON - HOUR, has_effect, 77)))

    assert (
        list(IntegrationException.objects.values_list("check_id", "occurred_last", "first_samples"))
        == [("late_event", NOON - HOUR, [77])] * count
    )


def test_visit_that_moves_to_another_clinic_changes_its_exception(run, change, booked, place):
    run(change(1, booked(ZZ9)))

    run(change(1, booked(ZZ9, clinic_id=place.cardiology.pk), before=booked(ZZ9)))

    assert sorted(IntegrationException.objects.values_list("clinic__name", "state", "live_count")) == [
        ("Cardiology", State.OPEN, 1),
        ("Imaging", State.CLEARED_UNSEEN, 0),
    ]


def test_hour_ahead_of_now_is_counted_as_now(run, change, booked):
    run(change(1, booked(("ahead_of_receipt", "", NOON + 30 * HOUR))))

    assert list(HourlyCount.objects.values_list("hour", flat=True)) == [NOON]


def test_second_open_exception_of_a_fingerprint_is_refused(run, change, booked, only):
    run(change(1, booked(ZZ9)))
    twin = only()
    twin.pk = None

    with pytest.raises(IntegrityError, match="one_open_exception_per_fingerprint"), transaction.atomic():
        twin.save(force_insert=True)
