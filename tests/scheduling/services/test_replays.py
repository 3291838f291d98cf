"""A replay from its publication to its end: its order, stop and resume, two at once, and how far it has come."""

import threading
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from config.digesting import something_waits
from config.pipeline import digest_batch
from scheduling.digestion.claim import claim_refolds
from scheduling.mapping.errors import InvalidMappingError, StaleReplayError
from scheduling.mapping.rules import Rule
from scheduling.mapping.vocabulary import MappingVerb, ReplayState
from scheduling.models import MappingHistory, RefoldRequest, Replay, ReplayStep
from scheduling.selectors.replay_pages import replay_progress, unfinished_replays
from scheduling.services.mapping import publish
from scheduling.services.refolds import request_clinic_refolds
from scheduling.services.replays import BUSY, cancel_replay, finish_replays, resume_replay
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import Initiator, Status
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

SECOND = timedelta(seconds=1)
ZZ9 = Rule(0, filler_status="ZZ9", status=Status.CONFIRMED)
ZZ8 = Rule(0, filler_status="ZZ8", status=Status.CANCELLED, initiator=Initiator.PATIENT)


@pytest.fixture
def held(desk):
    """Three visits whose status nobody knows, told of in the opposite order of their ids."""
    for number in (1, 2, 3):
        desk.take(siu("S12", visit=f"V{number}", at=NOW - number * HOUR, starts_at=NOW + DAY, status="ZZ9"))
    return desk


def newest():
    return Replay.objects.latest("pk")


def asked(**like):
    """External ids of what is asked for, in the order in which workers take it."""
    rows = RefoldRequest.objects.filter(**like).order_by("position", "appointment_id")
    return list(rows.values_list("appointment__external_id", flat=True))


def statuses(desk):
    return [desk.visit(f"V{number}").status for number in (1, 2, 3)]


def digest_one(desk, visit):
    """Digest what is asked for one visit alone."""
    others = RefoldRequest.objects.exclude(appointment=desk.visit(visit))
    aside = list(others.filter(is_parked=False).values_list("pk", flat=True))
    RefoldRequest.objects.filter(pk__in=aside).update(is_parked=True)
    digest_batch(now=NOW)
    RefoldRequest.objects.filter(pk__in=aside).update(is_parked=False)


def row(replay):
    replay.refresh_from_db()
    return (replay.state, replay.total, replay.passed_on, replay.requests.count())


def test_publication_begins_its_replay_in_source_order(held):
    revision = held.published[-1]
    held.publish(ZZ9)

    replay = newest()
    assert row(replay) == (ReplayState.RUNNING, 3, 0, 3)
    assert (replay.publication.number, replay.source, replay.started_at) == (2, held.source, NOW)
    assert asked(replay=replay) == ["V3", "V2", "V1"]
    assert asked(position=int((NOW - HOUR).timestamp() * 1_000_000)) == ["V1"]
    assert Replay.objects.get(publication__revision=revision).state == ReplayState.DONE  # it had nothing to do


def test_publication_that_changes_nothing_is_done_at_once(desk):
    desk.publish(ZZ9)

    replay = newest()
    assert (*row(replay), replay.finished_at) == (ReplayState.DONE, 0, 0, 0, NOW)


def test_publication_that_is_rolled_back_asks_for_nothing(held):
    with transaction.atomic():
        held.publish(ZZ9)
        transaction.set_rollback(True)

    assert (Replay.objects.count(), asked()) == (1, [])


def test_workers_take_a_replay_in_the_order_of_the_source(held):
    held.publish(ZZ9)

    with transaction.atomic(), server_cursor() as cursor:
        taken = [claim_refolds(cursor, limit=1)[0] for _ in range(3)]

    assert [refold.appointment_id for refold in taken] == [held.visit(f"V{number}").pk for number in (3, 2, 1)]
    assert {refold.replay_id for refold in taken} == {newest().pk}


def test_position_is_the_oldest_event_that_may_change(held):
    held.take(siu("S13", visit="V3", at=NOW - HOUR / 2, starts_at=NOW + 2 * DAY, status="Booked"))
    publish(held.published[-1], effective_from=NOW - HOUR * 3 / 4, actor=held.people[1], now=NOW)

    # V3 has a held event, so it is concerned from there on, though only its newer one lies in the time asked for.
    assert asked() == ["V3", "V2", "V1"]


def test_changed_clinic_code_goes_before_every_replay(held):
    held.publish(ZZ9)
    held.take(siu("S12", visit="V4", at=NOW - 9 * HOUR, starts_at=NOW + DAY, clinic="NEW"))

    assert request_clinic_refolds(held.source.pk, "NEW", now=NOW) == 1
    assert asked() == ["V4", "V3", "V2", "V1"]
    assert asked(replay=None) == ["V4"]


def test_visit_asked_for_by_replay_and_clinic_code_goes_first_and_counts_for_the_replay(held):
    held.take(siu("S12", visit="V4", at=NOW - HOUR / 2, starts_at=NOW + DAY, status="ZZ9", clinic="NEW"))
    held.publish(ZZ9)

    assert request_clinic_refolds(held.source.pk, "NEW", now=NOW) == 1
    assert request_clinic_refolds(held.source.pk, "NEW", now=NOW) == 0
    assert asked(replay=newest()) == ["V4", "V3", "V2", "V1"]


def test_replay_is_done_when_nothing_of_it_remains(held):
    held.publish(ZZ9)
    replay = newest()
    assert finish_replays(now=NOW) == 0

    held.digest()

    assert (finish_replays(now=NOW + SECOND), finish_replays(now=NOW + HOUR)) == (1, 0)
    assert row(replay) == (ReplayState.DONE, 3, 0, 0)
    assert replay.finished_at == NOW + SECOND
    assert statuses(held) == ["confirmed"] * 3
    steps = ReplayStep.objects.values_list("replay", "at", "appointments", "changed")
    assert list(steps) == [(replay.pk, NOW, 3, 3)]


def test_stopped_replay_keeps_old_meanings_until_it_is_resumed(held):
    held.publish(ZZ9)
    replay = newest()
    digest_one(held, "V2")

    assert cancel_replay(replay, actor=held.people[0], reason="Wrong code", now=NOW + SECOND) == 2
    held.digest()
    assert finish_replays(now=NOW + HOUR) == 0

    assert row(replay) == (ReplayState.CANCELLED, 3, 0, 2)
    assert (replay.cancelled_at, replay.cancelled_by) == (NOW + SECOND, held.people[0])
    assert statuses(held) == [None, "confirmed", None]
    assert not something_waits()

    assert resume_replay(replay, actor=held.people[1], reason="It was right", now=NOW + 2 * SECOND) == 2
    assert (row(replay), replay.resumed_at, replay.cancelled_by) == (
        (ReplayState.RUNNING, 3, 0, 2), NOW + 2 * SECOND, None,
    )  # fmt: skip
    assert asked() == ["V3", "V1"]
    held.digest()
    finish_replays(now=NOW)

    assert (row(replay), statuses(held)) == ((ReplayState.DONE, 3, 0, 0), ["confirmed"] * 3)


def test_stopping_and_resuming_are_told_in_history_and_audit(held):
    ada, ben = held.people
    held.publish(ZZ9)
    replay = newest()
    cancel_replay(replay, actor=ada, reason=" Wrong code ", now=NOW, request_id="r-1")
    resume_replay(replay, actor=ben, reason="It was right", now=NOW)

    details = {"replay": replay.pk, "publication": 2, "appointments": 3}
    told = MappingHistory.objects.filter(details__replay=replay.pk).exclude(verb=MappingVerb.PUBLISH)
    assert list(told.values_list("verb", "actor", "reason", "details")) == [
        ("cancel_replay", ada.pk, "Wrong code", details),
        ("resume_replay", ben.pk, "It was right", details),
    ]
    audited = AuditEntry.objects.filter(subject_kind="scheduling.replay").order_by("pk")
    assert list(audited.values_list("action", "actor", "subjects", "detail", "request_id")) == [
        ("changed", ada.pk, [replay.pk], {"verb": "cancel_replay", **details}, "r-1"),
        ("changed", ben.pk, [replay.pk], {"verb": "resume_replay", **details}, ""),
    ]


@pytest.mark.parametrize("verb", [cancel_replay, resume_replay])
def test_stopping_and_resuming_take_a_reason(held, verb):
    held.publish(ZZ9)

    with pytest.raises(InvalidMappingError, match="Write a few words"):
        verb(newest(), actor=held.people[0], reason=" ", now=NOW)


@pytest.mark.parametrize(
    ("verb", "state"),
    [(cancel_replay, "cancelled"), (cancel_replay, "done"), (resume_replay, "running"), (resume_replay, "done")],
)
def test_replay_that_moved_on_is_stale(held, verb, state):
    held.publish(ZZ9)
    if state == "cancelled":
        cancel_replay(newest(), actor=held.people[0], reason="Wrong", now=NOW)
    elif state == "done":
        held.digest()
        finish_replays(now=NOW)
    before = row(newest())

    with pytest.raises(StaleReplayError):
        verb(newest(), actor=held.people[1], reason="Late", now=NOW)

    assert row(newest()) == before


def test_replay_whose_last_batch_is_over_cannot_be_stopped(held):
    held.publish(ZZ9)
    held.digest()

    with pytest.raises(StaleReplayError, match="Nothing of this replay is left"):
        cancel_replay(newest(), actor=held.people[0], reason="Wrong", now=NOW)

    assert row(newest()) == (ReplayState.RUNNING, 3, 0, 0)  # the next look finishes it


def test_stopping_leaves_what_a_clinic_code_asked_for(held):
    held.publish(ZZ9)
    request_clinic_refolds(held.source.pk, "CARD", now=NOW)
    RefoldRequest.objects.filter(appointment=held.visit("V1")).update(position=1)

    assert cancel_replay(newest(), actor=held.people[0], reason="Wrong", now=NOW) == 1
    held.digest()

    assert statuses(held) == [None, "confirmed", "confirmed"]


def test_newer_publication_takes_over_what_a_running_replay_has_left(held):
    held.publish(ZZ9)
    first = newest()
    digest_one(held, "V3")
    held.publish(ZZ8)
    second = newest()

    assert row(first) == (ReplayState.DONE, 3, 2, 0)
    assert row(second) == (ReplayState.RUNNING, 3, 0, 3)
    assert asked(replay=second) == ["V3", "V2", "V1"]

    held.digest()
    finish_replays(now=NOW)

    assert row(second) == (ReplayState.DONE, 3, 0, 0)
    assert statuses(held) == ["confirmed"] * 3


def test_newer_publication_takes_over_even_what_it_does_not_change_itself(held):
    held.publish(ZZ9)
    held.digest()
    publish(held.published[0], effective_from=NOW - 9 * DAY, actor=held.people[1], now=NOW)
    first = newest()
    publish(held.published[1], effective_from=NOW, actor=held.people[1], now=NOW)

    assert row(first) == (ReplayState.DONE, 3, 3, 0)
    assert row(newest()) == (ReplayState.RUNNING, 3, 0, 3)


def test_newer_publication_takes_from_a_stopped_replay_only_what_it_may_change(held):
    held.publish(ZZ9)
    held.digest()
    finish_replays(now=NOW)
    publish(held.published[0], effective_from=NOW - 9 * DAY, actor=held.people[1], now=NOW)
    first = newest()
    cancel_replay(first, actor=held.people[0], reason="Wrong", now=NOW)
    publish(held.published[1], effective_from=NOW - 2 * HOUR, actor=held.people[1], now=NOW)

    assert row(first) == (ReplayState.CANCELLED, 3, 2, 1)
    assert asked(replay=first, is_parked=True) == ["V3"]
    assert asked(replay=newest(), is_parked=False) == ["V2", "V1"]


def test_resuming_what_went_on_elsewhere_is_done_at_once(held):
    held.publish(ZZ9)
    first = newest()
    cancel_replay(first, actor=held.people[0], reason="Wrong", now=NOW)
    held.publish(ZZ8)

    assert row(first) == (ReplayState.CANCELLED, 3, 3, 0)
    assert resume_replay(first, actor=held.people[0], reason="Again", now=NOW) == 0
    assert row(first) == (ReplayState.DONE, 3, 3, 0)


def test_progress_is_counted_from_rows(held):
    held.publish(ZZ9)
    replay = newest()
    ReplayStep.objects.create(replay=replay, at=NOW + SECOND, appointments=40, changed=3)
    ReplayStep.objects.create(replay=replay, at=NOW + 90 * SECOND, appointments=120, changed=3)
    Replay.objects.filter(pk=replay.pk).update(total=163)
    replay.refresh_from_db()

    progress = replay_progress(replay, now=NOW + 100 * SECOND)

    assert (progress.total, progress.done, progress.remaining, progress.percent) == (163, 160, 3, 98)
    assert (progress.rate, progress.seconds_left, progress.filled) == (2.0, 2, "392")
    assert replay_progress(replay, now=NOW + 10 * SECOND).rate == 4.0  # since it began
    assert replay_progress(replay, now=NOW + HOUR).rate is None
    assert replay_progress(replay, now=NOW + HOUR).seconds_left is None


def test_progress_leaves_out_what_went_on_elsewhere(held):
    held.publish(ZZ9)
    first = newest()
    digest_one(held, "V3")
    held.publish(ZZ8)
    first.refresh_from_db()

    progress = replay_progress(first, now=NOW)

    assert (progress.total, progress.done, progress.percent, progress.seconds_left) == (1, 1, 100, None)


def test_unfinished_replays_are_listed_in_scope(held, person, other_clinic):
    held.publish(ZZ9)
    inside, outside = person(Role.MAPPING, source=held.source), person(Role.MAPPING, source=other_clinic.source)

    assert [(line.replay, line.done, line.total) for line in unfinished_replays(inside)] == [(newest(), 0, 3)]
    assert unfinished_replays(outside) == []

    cancel_replay(newest(), actor=held.people[0], reason="Wrong", now=NOW)
    assert [line.replay for line in unfinished_replays(inside)] == [newest()]

    held.publish(ZZ8)  # takes over everything
    assert [line.replay for line in unfinished_replays(inside)] == [newest()]


def other_session():
    params = connection.get_connection_params()
    wanted = {name: params[name] for name in ("host", "port", "user", "password", "dbname") if params.get(name)}
    return psycopg.connect(**wanted)


@pytest.mark.django_db(transaction=True)
def test_batch_at_work_still_counts_as_remaining(held):
    held.publish(ZZ9)
    with other_session() as worker:
        worker.execute("DELETE FROM scheduling_refoldrequest")

        assert finish_replays(now=NOW) == 0
        worker.commit()

    assert finish_replays(now=NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_stopping_does_not_wait_for_busy_rows_for_long(held):
    held.publish(ZZ9)
    with other_session() as worker:
        worker.execute("SELECT 1 FROM scheduling_refoldrequest FOR UPDATE")

        with pytest.raises(StaleReplayError, match=BUSY):
            cancel_replay(newest(), actor=held.people[0], reason="Wrong", now=NOW)

    assert row(newest()) == (ReplayState.RUNNING, 3, 0, 3)


@pytest.mark.django_db(transaction=True)
def test_two_workers_finish_one_replay_once(held):
    held.publish(ZZ9)
    held.digest()
    finished = []

    def finish():
        try:
            finished.append(finish_replays(now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=finish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(finished) == [0, 0, 0, 1]
