"""A preview of 10,000 simulated messages with faults, held against what publishing then does, and against its rate."""

import random
import time
from datetime import timedelta

import pytest

from accounts.models import Source
from launch.previewing.dry_run import dry_run
from recovery.models import QueueItem
from tests.support.drafts import changed_draft, publish_draft, replay_all, simulated
from tests.support.previews import difference, question, standing, told

pytestmark = pytest.mark.soak
LEAST_PER_SECOND = 5_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [3, 17])
def test_preview_of_ten_thousand_messages_equals_what_publishing_then_does(seed):
    dice = random.Random(seed)
    now = simulated(10_000)
    for source in Source.objects.order_by("key"):
        for back in (timedelta(days=30), timedelta(days=1)):
            draft = changed_draft(source, dice, now)
            run = dry_run(question(draft, now - back), now=now)
            before = standing()
            publish_draft(draft, now - back, now)
            replay_all(now)
            assert told(run) == difference(before, standing(), now=now)


@pytest.mark.django_db(transaction=True)
def test_what_is_open_and_live_in_the_end_is_the_same_for_a_replay_in_many_batches():
    """An item may open with one batch and close with a later one; what stands in the end is what was said."""
    dice = random.Random(5)
    now = simulated(10_000)
    for source in Source.objects.order_by("key"):
        draft = changed_draft(source, dice, now)
        run = dry_run(question(draft, now - timedelta(days=30)), now=now)
        before, opened = standing(), open_items()
        publish_draft(draft, now - timedelta(days=30), now)
        replay_all(now, batch=60)
        done = difference(before, standing(), now=now)
        assert sorted(run.statuses, key=repr) == done["statuses"]
        said = {(item.family, item.subject): item.what for item in run.items}
        left = {key for key, what in said.items() if what == "closed"}
        fresh = {key for key, what in said.items() if what == "opened"}
        assert open_items() == (opened - left) | fresh


@pytest.mark.django_db(transaction=True)
def test_rate_is_at_least_what_was_promised():
    now = simulated(10_000)
    events = seconds = 0.0
    for source in Source.objects.order_by("key"):
        draft = changed_draft(source, random.Random(1), now)
        asked = question(draft, now - timedelta(days=30))
        began = time.process_time()
        events += dry_run(asked, now=now).events
        seconds += time.process_time() - began
    assert events / seconds > LEAST_PER_SECOND


def open_items():
    return set(QueueItem.objects.open().values_list("family", "subject"))
