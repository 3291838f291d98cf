"""A code gets its meaning: held visits are released by themselves, and held again when it is taken back (I4)."""

import pytest

from scheduling.mapping.rules import Rule
from scheduling.models import MappedEvent, RefoldRequest
from scheduling.services.mapping import publish
from scheduling.vocabulary import Initiator, Status
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

ZZ9 = Rule(0, filler_status="ZZ9", status=Status.CANCELLED, initiator=Initiator.PATIENT)


@pytest.fixture
def held(desk):
    """A visit in three hours whose cancellation came with a code that nobody knows."""
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + 3 * HOUR))
    desk.take(siu("S15", visit="V1", at=NOW - HOUR, starts_at=NOW + 3 * HOUR, status="ZZ9", reason="ILL"))
    desk.take(siu("S12", visit="V2", at=NOW - DAY, starts_at=NOW + 2 * DAY))
    return desk


def test_published_meaning_releases_what_it_held(held):
    assert (held.visit("V1").status, len(held.troubles("V1")), held.open_items()) == ("booked", 1, [])

    held.publish(ZZ9)
    held.digest()

    assert (held.visit("V1").status, held.troubles("V1")) == ("cancelled", [])
    assert held.open_items() == [("refill", "V1")]
    assert held.live() == []
    assert held.ledger() == {"received": 3, "applied": 3}
    assert RefoldRequest.objects.count() == 0


def test_publishing_the_older_revision_takes_it_back(held):
    before = held.picture()
    older = held.published[-1]
    held.publish(ZZ9)
    held.digest()

    publish(older, effective_from=NOW - 9 * DAY, actor=held.people[1], now=NOW)
    held.digest()

    assert held.picture() == before
    assert held.ledger() == {"received": 3, "applied": 2, "held": 1}


def test_release_ends_where_knowing_the_code_all_along_would(held):
    held.publish(ZZ9)
    held.digest()
    released = held.picture()
    for event in MappedEvent.objects.all():
        assert event.revision == held.published[-1].pk

    held.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + 3 * HOUR))  # the same once more: nothing changes

    assert held.picture() == released


def test_meaning_from_later_on_releases_nothing_before(held):
    held.publish(ZZ9, effective_from=NOW)
    held.digest()

    assert [kind for kind, _ in held.troubles("V1")] == ["unmapped_status"]


def test_only_what_a_meaning_may_change_is_folded_anew(held):
    publish(held.published[-1], effective_from=NOW, actor=held.people[1], now=NOW)

    assert list(RefoldRequest.objects.values_list("appointment__external_id", flat=True)) == ["V1"]


def test_events_that_arrive_with_the_release_are_folded_too(held):
    held.publish(ZZ9)
    held.receive(siu("S12", visit="V1", at=NOW - HOUR / 2, starts_at=NOW + 3 * HOUR))

    held.digest()

    assert (held.visit("V1").status, held.troubles("V1"), held.open_items()) == ("booked", [], [])
    assert held.visit("V1").events == 3
