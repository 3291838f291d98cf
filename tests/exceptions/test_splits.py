"""The splits of the inbox, held against plain Python over random rows."""

import random
from datetime import timedelta
from hashlib import md5

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exceptions.models import IntegrationException
from exceptions.vocabulary import State

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
KINDS = ["unmapped_status", "ahead_of_receipt", "late_event", "batch_count"]


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def mine(signed_in, people):
    return signed_in(people.milo)


def sprinkle(seed, place, people, now, number=60):
    """Rows of every state with clocks on either side of an hour from now."""
    dice = random.Random(seed)
    teams = [*place.teams.values(), place.imaging_team]
    moments = [None, now - HOUR, now + 59 * HOUR / 60, now + 61 * HOUR / 60, now + 5 * HOUR]
    for n in range(number):
        state = dice.choice(list(State))
        muted_at = now - dice.choice([1, 2, 3]) * HOUR
        IntegrationException.objects.create(
            fingerprint=md5(f"{seed} {n}".encode()).digest(),
            check_id=dice.choice(KINDS),
            source=place.lakeview if dice.random() < 0.8 else place.harbor,
            clinic=dice.choice([None, place.imaging, place.cardiology]),
            raw=f"Z{n}",
            severity=dice.choice([1, 2, 3]),
            state=state,
            opened_at=now - HOUR,
            resolved_at=now if state == State.RESOLVED else None,
            occurred_first=now - 9 * HOUR,
            occurred_last=now - dice.choice([0.5, 1.5, 2.5, 9]) * HOUR,
            live_count=dice.choice([0, 0, 1, 7]),
            owner=dice.choice([None, None, people.milo, people.imani]),
            owner_team=dice.choice(teams),
            taken_until=dice.choice(moments) if state == State.TAKEN else None,
            muted_at=muted_at if state == State.MUTED else None,
            muted_until=dice.choice(moments[1:]) if state == State.MUTED else None,
            waived_until=dice.choice(moments) if dice.random() < 0.3 and state != State.RESOLVED else None,
            next_step_at=dice.choice(moments) if state != State.RESOLVED else None,
        )


def by_hand(rows, person, now):
    """The same splits in plain Python."""
    soon = now + HOUR
    teams = set(person.teams.values_list("pk", flat=True))
    unresolved = [row for row in rows if row.state != State.RESOLVED]

    def clocks(row):
        return [row.next_step_at, row.muted_until, row.taken_until, row.waived_until]

    def fires(row):
        return row.state == State.MUTED and (row.live_count > 0 or row.occurred_last > row.muted_at)

    kept = {
        "blocking": [r for r in unresolved if r.severity == 1 and r.live_count and r.waived_until is None],
        "mine": [r for r in unresolved if r.owner_id == person.pk],
        "team": [r for r in unresolved if r.owner_team_id in teams],
        "nobody": [r for r in unresolved if r.owner_id is None],
        "due": [r for r in unresolved if any(at is not None and at <= soon for at in clocks(r))],
        "cleared": [r for r in rows if r.state == State.CLEARED_UNSEEN],
        "firing": [r for r in rows if fires(r)],
        "": unresolved,
        "closed": [r for r in rows if r.state == State.RESOLVED],
    }
    return {split: {row.pk for row in found} for split, found in kept.items()}


def shown(response):
    return {row.pk for row in response.context["rows"]}


@pytest.mark.parametrize("seed", range(5))
def test_splits_and_their_counts_equal_plain_python(mine, place, people, now, seed):
    sprinkle(seed, place, people, now, number=48)
    rows = [row for row in IntegrationException.objects.all() if row.source_id == place.lakeview.pk]
    expected = by_hand(rows, people.milo, now)

    response = mine.get("/exceptions/")

    assert {key: shown(mine.get("/exceptions/", {"split": key})) for key in expected} == expected
    counts = {key: count.value for key, count in response.context["counts"].items()}
    assert counts == {key: len(found) for key, found in expected.items() if key != "closed"}


def test_counts_know_the_filters(mine, place, people, now):
    sprinkle(9, place, people, now)
    rows = IntegrationException.objects.filter(source=place.lakeview, clinic=place.imaging, check_id="late_event")

    response = mine.get("/exceptions/", {"clinic": place.imaging.pk, "kind": "late_event"})

    expected = by_hand(list(rows), people.milo, now)
    counts = {key: count.value for key, count in response.context["counts"].items()}
    assert counts == {key: len(found) for key, found in expected.items() if key != "closed"}


def test_whoever_may_see_nothing_counts_nothing(signed_in, place, people, now):
    sprinkle(1, place, people, now, number=5)

    counts = signed_in(people.noor).get("/exceptions/").context["counts"]

    assert {count.value for count in counts.values()} == {0}


def test_an_hour_moves_on_with_the_clock(mine, place, people, now, time_machine):
    """The question is written once; its moment must not be."""
    sprinkle(2, place, people, now, number=1)
    IntegrationException.objects.update(
        state=State.OPEN, next_step_at=now + HOUR + 5 * MINUTE, source=place.lakeview, muted_until=None,
        taken_until=None, waived_until=None, resolved_at=None,
    )  # fmt: skip
    before = mine.get("/exceptions/").context["counts"]["due"].value
    time_machine.move_to(now + 6 * MINUTE)

    after = mine.get("/exceptions/").context["counts"]["due"].value

    assert (before, after) == (0, 1)


@pytest.mark.parametrize("sort", ["", "next", "held", "newest", "oldest"])
def test_every_order_pages_without_gap(mine, place, people, now, sort):
    sprinkle(4, place, people, now, number=120)
    IntegrationException.objects.update(source=place.lakeview)
    seen, after = [], ""
    for _ in range(3):
        page = mine.get("/exceptions/", {"after": after, "sort": sort}).context["page"]
        seen += [row.pk for row in page.rows]
        after = page.next_cursor
        if not after:
            break

    unresolved = IntegrationException.objects.unresolved()
    assert (len(seen), set(seen)) == (unresolved.count(), set(unresolved.values_list("pk", flat=True)))


def test_the_next_step_comes_first_and_what_has_none_last(mine, place, people, now):
    sprinkle(5, place, people, now, number=40)
    IntegrationException.objects.update(source=place.lakeview)

    rows = mine.get("/exceptions/", {"sort": "next"}).context["page"].rows

    assert [row.next_at for row in rows] == sorted(row.next_at for row in rows)


def test_queries_are_the_same_for_1_3_and_50_rows(mine, place, people, now):
    mine.get("/exceptions/")
    numbers = {}
    for wanted in (1, 3, 50):
        sprinkle(wanted, place, people, now, number=wanted - IntegrationException.objects.count())
        IntegrationException.objects.update(
            source=place.lakeview, state=State.OPEN, muted_until=None, taken_until=None, resolved_at=None
        )
        with CaptureQueriesContext(connection) as captured:
            response = mine.get("/exceptions/")
        numbers[len(response.context["rows"])] = len(captured)

    assert set(numbers) == {1, 3, 50}
    assert len(set(numbers.values())) == 1
    assert max(numbers.values()) <= 10
