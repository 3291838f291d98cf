"""A mapping's way through the whole pipeline: what it holds, what it releases, cures and opens, and the way back."""

from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from accounts.vocabulary import Role
from config.digesting import Digester, something_waits
from config.pipeline import digest_batch, refold_these
from exceptions.models import History, IntegrationException, Spell
from exceptions.services.move_exception import Order, move_exception
from exceptions.vocabulary import State, Verb
from recovery.models import ItemEvent, QueueItem
from recovery.selectors.decisions import decision_lines
from recovery.selectors.trusts import clinic_trusts
from scheduling.digestion.replaying import PUBLISHING
from scheduling.mapping.errors import NotAllowedError
from scheduling.mapping.rules import Rule
from scheduling.mapping.vocabulary import ReplayState
from scheduling.models import MappedEvent, RefoldRequest, Replay
from scheduling.services.mapping import add_rule, approve, publish, start_draft, submit
from scheduling.services.replays import finish_replays
from scheduling.vocabulary import PATIENT_FACING, Initiator, Status
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

MINUTE = timedelta(minutes=1)
ZZ9 = Rule(0, filler_status="ZZ9", status=Status.CANCELLED, initiator=Initiator.PATIENT)
BACK = NOW - 30 * DAY


def cancelled(visit, status="ZZ9", **said):
    said = {"reason": "ILL"} | said  # nothing else is wrong with it
    return siu("S15", visit=visit, at=NOW - HOUR, starts_at=NOW + 3 * HOUR, status=status, **said)


@pytest.fixture
def held(desk):
    """A visit in three hours whose cancellation came with a code that nobody knows."""
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + 3 * HOUR))
    desk.take(cancelled("V1"))
    return desk


def exception():
    return IntegrationException.objects.get(check_id="unmapped_status")


def history():
    rows = History.objects.order_by("pk")
    return list(rows.values_list("verb", "from_state", "to_state", "actor", "reason", "replay"))


def item_history():
    return list(ItemEvent.objects.order_by("pk").values_list("kind", "reason", "replay"))


def meanings():
    return list(MappedEvent.objects.order_by("source_at", "pk").values_list("mapping", "kind", "status", "initiator"))


@pytest.mark.parametrize("status", [None, "Cancelled"], ids=["nothing else known", "cancelled before"])
def test_unmapped_cancellation_holds_its_visit_and_every_decision(desk, person, status):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + 3 * HOUR))
    if status:
        desk.take(siu("S15", visit="V1", at=NOW - 2 * HOUR, starts_at=NOW + 3 * HOUR, status=status))

    desk.take(cancelled("V1"))

    visit = desk.visit("V1")
    assert (visit.is_uncertain, desk.troubles("V1")) == (True, [("unmapped_status", "S15 ZZ9")])
    assert (exception().live_count, exception().blocks) == (1, list(PATIENT_FACING))
    items = QueueItem.objects.open()
    trusts = {trust.clinic_id: trust for trust in clinic_trusts(person(Role.ACCESS, source=desk.source), NOW)}
    lines = decision_lines(visit, items, trusts, NOW)
    assert lines != []
    for line in lines:
        assert (line.tone, "unmapped_status" in {reason.code for reason in line.reasons}) == ("held", True)


def test_code_gets_its_meaning_from_two_people_and_everything_follows_within_one_replay(held):
    ada, ben = held.people
    draft = start_draft(held.source, title="ZZ9", actor=ada, now=NOW, based_on=held.published[-1])
    add_rule(draft, ZZ9, actor=ada, now=NOW)
    draft.refresh_from_db()
    submit(draft, actor=ada, now=NOW)
    with pytest.raises(NotAllowedError):
        approve(draft, actor=ada, now=NOW)
    approve(draft, actor=ben, now=NOW)
    publication = publish(draft, effective_from=BACK, actor=ada, now=NOW)
    replay = publication.replay

    digest_batch(now=NOW + MINUTE)
    finish_replays(now=NOW + MINUTE)

    replay.refresh_from_db()
    assert (replay.state, replay.total) == (ReplayState.DONE, 1)
    assert (held.visit("V1").status, held.troubles("V1"), held.live()) == ("cancelled", [], [])
    assert held.open_items() == [("refill", "V1")]
    assert (exception().state, exception().resolved_at, exception().version) == (State.RESOLVED, NOW + MINUTE, 2)
    assert history() == [
        ("opened", "", "open", None, "", None),
        ("cured", "open", "resolved", None, "Desk EHR: revision 2, publication 2.", replay.pk),
    ]
    assert item_history() == [("opened", "", replay.pk)]
    assert list(Spell.objects.values_list("no", "cleared_at", "closed_at")) == [(1, None, NOW + MINUTE)]


def test_previous_revision_brings_back_states_and_meanings_while_work_and_history_stay(held):
    before, before_meanings, older = held.picture(), meanings(), held.published[-1]
    held.publish(ZZ9, effective_from=BACK)
    held.digest()
    item = QueueItem.objects.get()
    released = Replay.objects.latest("pk")
    assert meanings() != before_meanings

    publish(older, effective_from=BACK, actor=held.people[1], now=NOW)
    back = Replay.objects.latest("pk")
    digest_batch(now=NOW + MINUTE)

    assert (held.picture(), meanings()) == (before, before_meanings)
    assert (held.visit("V1").status, [kind for kind, _ in held.troubles("V1")]) == ("booked", ["unmapped_status"])
    assert (held.open_items(), held.live()) == ([], [("unmapped_status", "S15 ZZ9", 1)])
    item.refresh_from_db()
    assert (item.state, item.closed_at, item.close_reason) == ("closed", NOW + MINUTE, "booked")
    assert item_history() == [("opened", "", released.pk), ("closed", "booked", back.pk)]
    assert exception().state == State.REOPENED
    assert history() == [
        ("opened", "", "open", None, "", None),
        ("cured", "open", "resolved", None, "Desk EHR: revision 2, publication 2.", released.pk),
        ("regressed", "resolved", "reopened", None, "Desk EHR: revision 1, publication 3.", back.pk),
    ]
    assert list(Spell.objects.order_by("no").values_list("no", "closed_at")) == [(1, NOW), (2, None)]


def test_work_of_people_outlives_both_directions(held):
    ada, _ = held.people
    move_exception(exception(), Verb.TAKE, actor=ada, now=NOW)
    move_exception(exception(), Verb.COMMENT, Order(reason="Asked the vendor"), actor=ada, now=NOW)
    older = held.published[-1]

    held.publish(ZZ9, effective_from=BACK)
    held.digest()
    assert (exception().state, exception().owner) == (State.RESOLVED, ada)
    item = QueueItem.objects.get()
    publish(older, effective_from=BACK, actor=ada, now=NOW)
    held.digest()
    publish(held.published[-1], effective_from=BACK, actor=ada, now=NOW)
    held.digest()

    assert [(verb, actor) for verb, _, _, actor, *_ in history()] == [
        ("opened", None), ("take", ada.pk), ("comment", ada.pk), ("cured", None), ("regressed", None), ("cured", None),
    ]  # fmt: skip
    assert list(QueueItem.objects.order_by("pk").values_list("state", flat=True)) == ["closed", "open"]
    assert [kind for kind, *_ in item_history()] == ["opened", "closed", "opened"]
    assert QueueItem.objects.order_by("pk").first() == item


def test_what_clears_by_a_message_waits_for_a_person_even_beside_a_replay(held):
    held.take(siu("S12", visit="V2", at=NOW - DAY, starts_at=NOW + DAY, clinic="NEW"))
    held.publish(ZZ9)
    held.receive(siu("S14", visit="V2", at=NOW - HOUR, starts_at=NOW + DAY, clinic="CARD"))

    held.digest()

    states = IntegrationException.objects.order_by("check_id").values_list("check_id", "state")
    assert list(states) == [("unknown_clinic", State.CLEARED_UNSEEN), ("unmapped_status", State.RESOLVED)]


def test_exception_of_many_visits_is_closed_by_the_batch_that_takes_the_last(held):
    held.take(cancelled("V2"), cancelled("V3"))
    held.publish(ZZ9)
    asked = list(RefoldRequest.objects.order_by("position", "pk").values_list("pk", flat=True))

    seen = []
    for appointment_id in asked:
        refold_these([appointment_id], now=NOW)
        seen.append((exception().live_count, exception().state))

    assert seen == [(2, State.OPEN), (1, State.OPEN), (0, State.RESOLVED)]


def test_digester_works_a_replay_off_and_finishes_it(held):
    held.publish(ZZ9)
    replay = Replay.objects.latest("pk")

    Digester().step()

    replay.refresh_from_db()
    assert replay.state == ReplayState.DONE
    assert not something_waits()


def test_new_messages_go_before_a_replay_in_every_batch(desk):
    desk.take(*(cancelled(f"V{number}") for number in range(120)))
    desk.publish(ZZ9)
    replay = Replay.objects.latest("pk")
    fresh = desk.receive(*(siu("S12", visit=f"W{number}", at=NOW, starts_at=NOW + DAY) for number in range(60)))

    digested = digest_batch(now=NOW, limit=60)

    assert (sorted(digested.message_ids), digested.refolds) == (fresh, 50)  # a full batch, and a few of the replay
    assert replay.requests.count() == 70


def test_batch_of_a_replay_alone_takes_no_more_than_a_batch_of_messages_would(desk):
    desk.take(*(cancelled(f"V{number}") for number in range(120)))
    desk.publish(ZZ9)

    assert [digest_batch(now=NOW, limit=60).refolds for _ in range(3)] == [60, 60, 0]


def other_session():
    params = connection.get_connection_params()
    wanted = {name: params[name] for name in ("host", "port", "user", "password", "dbname") if params.get(name)}
    return psycopg.connect(**wanted)


@pytest.mark.django_db(transaction=True)
def test_what_is_mapped_during_a_publication_is_mapped_again(held):
    held.take(cancelled("V2"))
    held.publish(ZZ9)
    left = list(RefoldRequest.objects.order_by("pk").values_list("pk", flat=True))
    with other_session() as publisher:  # of the next revision, which nobody else can see yet
        publisher.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PUBLISHING, held.source.pk])
        held.receive(cancelled("V3"))
        digested = digest_batch(now=NOW)

    again = held.visit("V3").pk
    assert (len(digested.message_ids), digested.refolds) == (1, 0)
    assert list(RefoldRequest.objects.order_by("pk").values_list("pk", flat=True)) == [*left, again]
    request = RefoldRequest.objects.get(pk=again)
    assert (request.replay, request.position) == (None, 0)
    assert digest_batch(now=NOW).refolds == 3


def test_what_is_mapped_for_another_source_meanwhile_is_not(held):
    with other_session() as publisher:
        publisher.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PUBLISHING, held.source.pk + 1])
        held.take(cancelled("V3"))

    assert not RefoldRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publication_waits_for_the_batches_at_work(held):
    with other_session() as worker:
        worker.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [PUBLISHING, held.source.pk])

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            with pytest.raises(OperationalError):
                held.publish(ZZ9)
        worker.rollback()

    held.publish(ZZ9)
    assert Replay.objects.latest("pk").total == 1
