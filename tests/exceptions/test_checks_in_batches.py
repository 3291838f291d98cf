"""Each check that a batch judges fires from real messages through the real pipeline, and goes as it should.

What can be seen on the folded visit goes by itself when a later message puts it right; what is counted stays,
whatever comes, until a person closes it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from config.digesting import conclude_extracts
from exceptions.catalogue import CATALOGUE
from exceptions.checks import clocks, extracts, lateness, outcome, steps
from exceptions.models import IntegrationException
from exceptions.services.move_exception import Order, move_exception
from exceptions.vocabulary import State, Verb
from scheduling.mapping.rules import Rule
from scheduling.services.extracts import GUARD_COUNT
from scheduling.vocabulary import EventKind, FeedFormat, Initiator, SetBy, Status, Transport
from tests.support.desk import DAY, HOUR, NOW, Desk
from tests.support.messages import adt, siu
from tests.support.nightly import PROFILE, extract

MINUTE = HOUR / 60
RULES = (
    Rule(0, trigger="vanished", filler_status="", kind=EventKind.CANCELLED, status=Status.CANCELLED,
         initiator=Initiator.SYSTEM),
    Rule(0, filler_status="Noshow", event_reason="AUTO", status=Status.MISSED, set_by=SetBy.TIMER),
    Rule(0, filler_status="Cancelled", event_reason="AUTO", status=Status.CANCELLED, initiator=Initiator.SYSTEM,
         set_by=SetBy.TIMER),
    Rule(0, filler_status="Cancelled", event_reason="?", status=Status.CANCELLED, initiator=Initiator.UNKNOWN),
)  # fmt: skip

Act = Callable[[Desk], object]


class Shown(NamedTuple):
    """How a check is made to fire, with what raw value, and what takes it away (None: a person)."""

    fire: Sequence[Act]
    raw: str = ""
    clear: Act | None = None


def told(trigger, *, at=-MINUTE, heard=None, starts=DAY, visit="V1", **more) -> Act:
    """One message about a visit that starts ``starts`` from now, heard a second after ``at`` unless said otherwise."""
    received = NOW + (at + MINUTE / 60 if heard is None else heard)
    body = siu(trigger, visit=visit, at=NOW + at, starts_at=NOW + starts, **more)
    return lambda desk: desk.take(body, now=received)


def of_patient(*, at, died) -> Act:
    body = adt("A08", at=NOW + at, died_at=NOW + died)
    return lambda desk: desk.take(body, now=NOW)


def undated(desk: Desk) -> None:
    """A booking without MSH-7."""
    desk.take(siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY).replace(b"|HUB|20261124154100+0000|", b"|HUB||"))


def night(days, count, **more) -> Act:
    """A full extract of so many nights ago that lists so many visits, taken in and concluded."""
    taken = NOW - days * DAY

    def send(desk: Desk) -> None:
        feed = desk.source.feeds.filter(format=FeedFormat.CSV).first()
        feed = feed or desk.feed_of(FeedFormat.CSV, Transport.FILE, PROFILE)
        body = extract(taken, [f"E{number}" for number in range(count)], starts_at=NOW + 3 * DAY, **more)
        desk.take(body, feed=feed, now=taken + MINUTE)
        conclude_extracts(taken + 2 * MINUTE)
        desk.digest(now=taken + 3 * MINUTE)

    return send


BOOKED = told("S12", at=-DAY, starts=HOUR)
OVER = told("S12", at=-DAY, starts=-HOUR)

SHOWN = {
    "missed_before_start": Shown(
        [BOOKED, told("S26", starts=HOUR, status="Noshow")], "", told("S14", at=MINUTE, starts=HOUR, status="Arrived")
    ),
    "missed_by_timer": Shown(
        [OVER, told("S26", starts=-HOUR, status="Noshow", reason="AUTO")],
        "AUTO",
        told("S14", at=MINUTE, starts=-HOUR, status="Arrived"),
    ),
    "cancelled_by_timer": Shown(
        [BOOKED, told("S15", status="Cancelled", reason="AUTO")],
        "AUTO",
        told("S12", at=MINUTE, status="Booked"),
    ),
    "cancel_reason_missing": Shown(
        [BOOKED, told("S15", status="Cancelled")], "", told("S12", at=MINUTE, status="Booked")
    ),
    "cancel_initiator_unknown": Shown(
        [BOOKED, told("S15", status="Cancelled", reason="?")], "?", told("S12", at=MINUTE, status="Booked")
    ),
    "attended_too_early": Shown(
        [BOOKED, told("S14", starts=DAY, status="Arrived")],
        "checked_in",
        told("S14", at=MINUTE, starts=HOUR, status="Arrived"),
    ),
    "unknown_length": Shown([told("S12", minutes=3 * 24 * 60)], "4320 min", told("S14", at=MINUTE, status="Booked")),
    "late_for_decision": Shown(
        [BOOKED, told("S15", at=-HOUR, heard=-MINUTE, starts=HOUR, status="Cancelled", reason="PT01")], "refill_24h"
    ),
    "known_after_start": Shown([OVER, told("S15", starts=-HOUR, status="Cancelled", reason="PT01")], "entered late"),
    "booked_after_end": Shown([told("S12", starts=-HOUR)], "entered late"),
    "clock_ahead": Shown([told("S12", at=2 * MINUTE, heard=0 * MINUTE)]),
    "clock_hours_behind": Shown(
        [told("S12", at=(number - 60) * MINUTE, heard=number * MINUTE, visit=f"V{number}") for number in (1, 2)], "1 h"
    ),
    "no_source_time": Shown([undated]),
    "duplicate_new": Shown([BOOKED, told("S12", starts=HOUR)], "S12"),
    "change_of_unknown_visit": Shown([told("S13")], "S13"),
    "completed_without_check_in": Shown([OVER, told("S14", starts=-HOUR, status="Complete")]),
    "vanished_from_extract": Shown([night(3, 3), night(1, 2)]),
    "mass_vanish": Shown([night(3, GUARD_COUNT + 9), night(1, 8)]),
    "extract_in_doubt": Shown([night(3, 3), night(1, 2, declared=3)]),
}  # fmt: skip


@pytest.fixture
def live_desk(desk):
    """A desk whose feed has been live for some days."""
    desk.publish(*RULES)
    desk.take(siu("S12", visit="OLD", at=NOW - 5 * DAY, starts_at=NOW + 9 * DAY), now=NOW - 5 * DAY)
    return desk


def found(check):
    return IntegrationException.objects.get(check_id=check)


def test_every_check_that_a_batch_judges_anew_is_shown():
    modules = (outcome, lateness, clocks, steps, extracts)

    assert {check.id for module in modules for check in module.CHECKS} | {"unknown_length"} == set(SHOWN)


@pytest.mark.parametrize(("check", "shown"), SHOWN.items(), ids=list(SHOWN))
def test_check_fires_and_goes(live_desk, check, shown):
    for act in shown.fire:
        assert not IntegrationException.objects.filter(check_id=check).exists()
        act(live_desk)

    exception = found(check)
    assert (exception.raw, exception.occurrences, exception.live_count) == (shown.raw, 1, int(shown.clear is not None))
    assert CATALOGUE[check].self_clearing == (shown.clear is not None)

    if shown.clear is not None:
        shown.clear(live_desk)

        rests = State.RESOLVED if CATALOGUE[check].closes_itself else State.CLEARED_UNSEEN
        assert (found(check).state, found(check).live_count) == (rests, 0)
    else:
        live_desk.take(siu("S14", visit="OLD", at=NOW, starts_at=NOW + 9 * DAY), now=NOW)
        assert found(check).state == State.OPEN

        move_exception(exception, Verb.RESOLVE, Order(reason="Seen to."), actor=live_desk.people[0], now=NOW + DAY)

        assert (found(check).state, found(check).occurrences) == (State.RESOLVED, 1)


@pytest.mark.parametrize(
    ("delay", "decisions"), [(20, ["stop_outreach"]), (10, [])], ids=["over the limit", "within it"]
)
def test_death_that_is_told_too_late_to_stop_outreach(live_desk, delay, decisions):
    of_patient(at=-delay * MINUTE, died=-DAY)(live_desk)

    late = IntegrationException.objects.filter(check_id="late_for_decision")
    assert list(late.values_list("raw", flat=True)) == decisions


def test_what_a_feed_sends_on_its_first_day_is_the_past(desk):
    """An initial load is dated long ago, begins in the middle of visits and books what is over."""
    desk.take(
        siu("S15", visit="V1", at=NOW - 9 * DAY, starts_at=NOW - 8 * DAY, status="Cancelled", reason="PT01"),
        siu("S12", visit="V2", at=NOW - 9 * DAY, starts_at=NOW - 10 * DAY),
        siu("S12", visit="V3", at=NOW - 9 * DAY, starts_at=NOW + HOUR),
        adt("A08", at=NOW - 9 * DAY, died_at=NOW - 10 * DAY),
    )

    assert set(IntegrationException.objects.values_list("check_id", flat=True)) <= {"cancel_initiator_unknown"}


def test_copy_of_a_message_is_not_late(live_desk):
    body = siu("S12", visit="V1", at=NOW - HOUR, starts_at=NOW + HOUR)
    live_desk.take(body, now=NOW - HOUR)
    live_desk.take(body, now=NOW)

    assert list(IntegrationException.objects.all()) == []


def test_refusal_of_an_extract_does_not_wait_for_another_message(live_desk):
    night(3, GUARD_COUNT + 9)(live_desk)
    before = live_desk.waiting()
    night(1, 8)(live_desk)

    refused = found("mass_vanish")
    assert (before, live_desk.waiting(), refused.feed.format, refused.clinic) == (0, 0, "csv", None)
