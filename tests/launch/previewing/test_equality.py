"""What a preview says is what publishing and replaying then do: simulated messages with faults, and the hard cases."""

import random
from datetime import timedelta

import pytest

from accounts.models import Source
from launch.errors import PreviewTooWideError
from launch.previewing.dry_run import dry_run
from recovery.models import QueueItem
from recovery.services.open_confirms import open_confirms
from scheduling.mapping.rules import Rule
from scheduling.models import Appointment
from scheduling.services.mapping import add_rule, approve, publish, start_draft, submit
from scheduling.vocabulary import Initiator, Status
from tests.launch.conftest import BACK
from tests.support.desk import DAY, HOUR, NOW
from tests.support.drafts import changed_draft, publish_draft, replay_all, simulated
from tests.support.messages import siu
from tests.support.previews import difference, question, standing, told
from tests.support.risk import decide


def previewed_and_published(draft, effective_from, now):
    """What the preview says, and what publishing and one batch of replay then change."""
    run = dry_run(question(draft, effective_from), now=now)
    before = standing()
    publish_draft(draft, effective_from, now)
    replay_all(now)
    return told(run), difference(before, standing(), now=now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("back", [timedelta(days=30), timedelta(hours=20)], ids=["all of it", "the last hours"])
def test_preview_equals_what_publishing_then_does(back):
    dice = random.Random(11)
    now = simulated(3_000)
    moved = set()
    for source in Source.objects.order_by("key"):
        said, done = previewed_and_published(changed_draft(source, dice, now), now - back, now)
        assert said == done
        moved |= {name for _, name in said["counts"]}
    assert moved >= {"released", "held", "statuses", "trusted", "doubted", "opened", "cleared", "raised"}


def publish_rule(desk, rule, effective_from=BACK):
    """Preview and publish one more rule; returns what was said and what was done."""
    ada, ben = desk.people
    draft = start_draft(desk.source, title="More", actor=ada, now=NOW, based_on=desk.published[-1])
    add_rule(draft, rule, actor=ada, now=NOW)
    run = dry_run(question(draft, effective_from), now=NOW)
    before = standing()
    submit(draft, actor=ada, now=NOW)
    approve(draft, actor=ben, now=NOW)
    publish(draft, effective_from=effective_from, actor=ada, now=NOW)
    desk.published.append(draft)
    desk.digest()
    return told(run), difference(before, standing(), now=NOW)


def code(status, **more):
    return Rule(0, filler_status="ZZ9", status=status, **more)


def test_slot_that_another_visit_takes_is_no_chance(desk):
    """The overlay shows the planning visits that did not change, beside those that did."""
    at = NOW + 3 * HOUR
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=at))
    desk.take(siu("S15", visit="V1", at=NOW - HOUR, starts_at=at, status="ZZ9", reason="ILL"))
    desk.take(siu("S12", visit="V2", at=NOW - HOUR, starts_at=at, patient="N-2"))

    said, done = publish_rule(desk, code(Status.CANCELLED, initiator=Initiator.PATIENT))

    assert said == done
    assert (said["items"], len(said["statuses"])) == ([], 1)


def test_visit_that_stands_again_closes_its_chance(desk):
    at = NOW + 3 * HOUR
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=at))
    desk.take(siu("S15", visit="V1", at=NOW - 2 * HOUR, starts_at=at, status="Cancelled"))
    desk.take(siu("S14", visit="V1", at=NOW - HOUR, starts_at=at, status="ZZ9"))

    said, done = publish_rule(desk, code(Status.BOOKED))

    assert said == done
    assert [(item.what, item.reason) for item in said["items"]] == [("closed", "booked")]


@pytest.mark.parametrize(("status", "reason"), [(Status.CONFIRMED, "confirmed"), (Status.MISSED, "over")])
def test_visit_that_turns_out_settled_is_not_asked_about(desk, status, reason):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + 2 * DAY))
    decide(desk.visit("V1"))
    open_confirms([desk.visit("V1").pk], now=NOW)
    desk.take(siu("S14", visit="V1", at=NOW - HOUR, starts_at=NOW + 2 * DAY, status="ZZ9"))

    said, done = publish_rule(desk, code(status))

    assert said == done
    assert [(item.what, item.reason) for item in said["items"] if item.family == "confirm"] == [("closed", reason)]


def test_missed_visit_of_a_person_with_another_visit_is_not_rebooked(desk):
    desk.take(siu("S12", visit="V1", at=NOW - 3 * DAY, starts_at=NOW - DAY))
    desk.take(siu("S14", visit="V1", at=NOW - HOUR, starts_at=NOW - DAY, status="ZZ9"))
    desk.take(siu("S12", visit="V2", at=NOW - 3 * DAY, starts_at=NOW - DAY, patient="N-2"))
    desk.take(siu("S14", visit="V2", at=NOW - HOUR, starts_at=NOW - DAY, patient="N-2", status="ZZ9"))
    desk.take(siu("S12", visit="V3", at=NOW - HOUR, starts_at=NOW + 5 * DAY, patient="N-2"))

    said, done = publish_rule(desk, code(Status.MISSED, counts_as_missed=True))

    assert said == done
    assert [(item.what, item.family) for item in said["items"]] == [("opened", "rebook_missed")]
    assert QueueItem.objects.get().appointment == desk.visit("V1")


def test_rolling_back_is_previewed_as_any_other_publication(desk):
    at = NOW + 3 * HOUR
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=at))
    desk.take(siu("S15", visit="V1", at=NOW - HOUR, starts_at=at, status="ZZ9", reason="ILL"))
    older = desk.published[-1]
    publish_rule(desk, code(Status.CANCELLED, initiator=Initiator.PATIENT))
    run = dry_run(question(older, BACK), now=NOW)
    before = standing()

    publish(older, effective_from=BACK, actor=desk.people[0], now=NOW)
    desk.digest()

    assert told(run) == difference(before, standing(), now=NOW)
    assert [one.what for one in run.exceptions] == ["regressed"]
    assert [(item.what, item.reason) for item in run.items] == [("closed", "booked")]
    assert Appointment.objects.get().status == "booked"


def test_more_changes_than_a_preview_holds_are_refused_with_a_sentence(desk):
    for number in (1, 2):
        starts_at = NOW + number * DAY
        desk.take(
            siu("S12", visit=f"V{number}", at=NOW - DAY, starts_at=starts_at, status="ZZ9", patient=f"N-{number}")
        )
    draft = start_draft(desk.source, title="More", actor=desk.people[0], now=NOW, based_on=desk.published[-1])
    add_rule(draft, code(Status.BOOKED), actor=desk.people[0], now=NOW)

    assert dry_run(question(draft, BACK), now=NOW, most_changed=2).total("visits") == 2
    with pytest.raises(PreviewTooWideError, match="More than 1 visits would change"):
        dry_run(question(draft, BACK), now=NOW, most_changed=1)
