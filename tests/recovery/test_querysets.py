"""The SQL predicates say what the verdict says, for any facts and any moment."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Clinic, ClinicLaunchMode
from recovery.decisions import QUEUE_DECISIONS, decision_for
from recovery.models import QueueItem
from recovery.outcomes import PASSED_ON, SETTLED
from recovery.ranking import BANDS, band
from recovery.selectors.rows import facts_of
from recovery.selectors.words import standing_of
from recovery.standing import TO_DO, Standing
from recovery.trust import ClinicTrust, FeedTrust
from recovery.verdict import verdict
from recovery.vocabulary import Family, Level, NextStep
from scheduling.decisions import DEFAULT_LIMITS, HORIZONS, Limits
from scheduling.vocabulary import LaunchMode
from tests.support.sizes import HEAVY

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SECOND, ZERO = timedelta(seconds=1), timedelta()
EDGES = sorted({edge for horizon in HORIZONS.values() for edge in horizon if edge} | {HOUR, 30 * HOUR})
near = st.sampled_from([-SECOND, timedelta(), SECOND])
ahead = st.builds(lambda edge, off: NOW + edge + off, st.sampled_from(EDGES), near)
around = st.builds(lambda edge, off: NOW + edge + off, st.sampled_from([-HOUR, timedelta(), HOUR, *BANDS]), near)
# Most draws stand in nobody's way, so that each boundary decides by itself.
items = st.fixed_dictionaries(
    {
        "family": st.sampled_from(list(Family)),
        "starts_at": ahead,
        "useful_until": st.just(NOW + HOUR) | st.builds(lambda off: NOW + off, near) | around,
        "ready_from": st.just(NOW - HOUR) | st.builds(lambda off: NOW + off, near),
        "level": st.sampled_from([Level.READY] * 3 + [Level.WARN, Level.HELD]),
        "clinic": st.sampled_from([0, 0, 1, 1, 2, None]),
    }
)
limits = st.builds(
    lambda warn, more: Limits(warn * MINUTE, (warn + more) * MINUTE), st.integers(1, 20), st.integers(0, 20)
)
mixed = st.fixed_dictionaries({}, optional=dict.fromkeys(QUEUE_DECISIONS, st.sampled_from(list(LaunchMode))))
defaults = [limit for decision in QUEUE_DECISIONS for limit in DEFAULT_LIMITS[decision]]
trust = st.fixed_dictionaries(
    {
        "age": st.just(MINUTE) | st.none() | st.builds(lambda limit, off: limit + off, st.sampled_from(defaults), near),
        "modes": st.just(dict.fromkeys(QUEUE_DECISIONS, LaunchMode.LIVE)) | mixed,
        "limits": st.just({}) | st.fixed_dictionaries({}, optional=dict.fromkeys(QUEUE_DECISIONS, limits)),
    }
)

moments = st.none() | st.builds(lambda off: NOW + off, near)
# What people did with an item: who of two holds it until when, its next step and when, until when it is pinned.
work = st.fixed_dictionaries(
    {
        "holder": st.sampled_from([None, 0, 1]),
        "until": st.builds(lambda off: NOW + off, near),
        "next_step": st.sampled_from(["", *NextStep.values]),
        "not_before": moments,
        "pinned_until": moments,
    }
)

# Versions of launch modes in the order they are told: of which decision, since how long ago, which mode.
mode_versions = st.lists(
    st.tuples(
        st.sampled_from(QUEUE_DECISIONS),
        st.sampled_from([-SECOND, ZERO, SECOND]),
        st.sampled_from(list(LaunchMode)),
    ),
    max_size=20,
)


@pytest.fixture
def make_items(world, source):
    """Store drawn items, one appointment for all, and say which clinic is which."""
    appointment = world.appointment()
    clinics = [
        Clinic.objects.create(source=source, key=f"c{number}", name=f"C{number}", timezone="UTC") for number in range(3)
    ]

    def make(drawn):
        QueueItem.objects.all().delete()
        QueueItem.objects.bulk_create(
            QueueItem(
                family=fields["family"], subject=str(number), source=source, appointment=appointment, minutes=30,
                clinic=None if fields["clinic"] is None else clinics[fields["clinic"]], starts_at=fields["starts_at"],
                cause="cancelled", lost_at=NOW - (fields["useful_until"] - NOW), heard_at=NOW,
                ready_from=fields["ready_from"],
                useful_until=fields["useful_until"], value=1, reach=1, risk=1, weight=number % 3, level=fields["level"],
                reasons=[["no_mobile", int(fields["level"]), ""]] if fields["level"] else [],
                state="open", opened_at=NOW, version=1,
            )
            for number, fields in enumerate(drawn)
        )  # fmt: skip
        return clinics

    return make


@pytest.fixture
def two(person):
    return person(), person()


def clinic_trust(clinic, drawn):
    feed = None if drawn["age"] is None else FeedTrust(1, "f", "Feed", "", NOW - drawn["age"])
    return ClinicTrust(clinic.pk, clinic.name, 1, "S", ZoneInfo("UTC"), feed, drawn["limits"], drawn["modes"])


@pytest.mark.django_db
@settings(max_examples=HEAVY, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(items, min_size=4, max_size=12), known=st.lists(trust, min_size=2, max_size=3))
def test_held_warned_and_ready_in_sql_are_the_verdict(make_items, drawn, known):
    clinics = make_items(drawn)
    trusts = {clinic.pk: clinic_trust(clinic, one) for clinic, one in zip(clinics, known, strict=False)}
    stored = list(QueueItem.objects.all())
    judged = {item.pk: verdict(facts_of(item, trusts.get(item.clinic_id)), NOW) for item in stored}

    def of(level):
        return {pk for pk, found in judged.items() if found.level == level}

    def pks(queryset):
        return set(queryset.values_list("pk", flat=True))

    values, objects = list(trusts.values()), QueueItem.objects
    assert pks(objects.held(values, NOW)) == of(Level.HELD)
    assert pks(objects.warned(values, NOW)) == of(Level.WARN)
    assert pks(objects.ready(values, NOW)) == of(Level.READY)
    assert pks(objects.workable(values, NOW)) == of(Level.READY) | of(Level.WARN)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(st.tuples(items, work), min_size=2, max_size=8))
def test_where_the_work_stands_in_sql_is_the_standing(make_items, two, drawn):
    me, other = two
    make_items([fields for fields, _ in drawn])
    for item, (_, done) in zip(QueueItem.objects.order_by("pk"), drawn, strict=True):
        item.claimed_by = None if done["holder"] is None else (me, other)[done["holder"]]
        item.claimed_until = done["until"] if item.claimed_by else None
        item.next_step, item.pinned_until = done["next_step"], done["pinned_until"]
        item.not_before = done["not_before"] if item.next_step else None  # a moment is that of a step
        item.save()
    stored = list(QueueItem.objects.all())
    stands = {item.pk: standing_of(item, me.pk, NOW) for item in stored}

    def of(*standings):
        return {pk for pk, found in stands.items() if found in standings}

    def pks(queryset):
        return set(queryset.values_list("pk", flat=True))

    objects = QueueItem.objects
    assert pks(objects.mine(me, NOW)) == of(Standing.MINE)
    assert pks(objects.resting(NOW)) == of(Standing.RESTING, Standing.SETTLED)
    assert pks(objects.due(NOW)) == of(Standing.DUE)
    assert pks(objects.to_do(NOW)) == of(*TO_DO)
    assert pks(objects.to_do_by(me, NOW)) == of(*TO_DO, Standing.MINE)
    assert {item.pk for item in stored if item.not_before and item.not_before > NOW}.isdisjoint(pks(objects.to_do(NOW)))
    bands = [item.band for item in objects.ranked(NOW)]  # type: ignore[attr-defined]  # annotated
    assert bands == [
        band(
            Family(item.family), useful_until=item.useful_until, lost_at=item.lost_at, now=NOW,
            pinned_until=item.pinned_until,
        )
        for item in objects.ranked(NOW)
    ]  # fmt: skip


@pytest.mark.parametrize("step", ["", *NextStep.values])
def test_a_step_of_somebody_else_or_of_the_ehr_is_nobodys_next_best(step):
    item = QueueItem(next_step=step)

    found = standing_of(item, 1, NOW)

    assert (found in TO_DO) == (step not in SETTLED | PASSED_ON)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(items, min_size=1, max_size=8), known=st.lists(trust, min_size=3, max_size=3))
def test_the_queue_holds_what_is_launched_and_not_over(make_items, drawn, known):
    clinics = make_items(drawn)
    trusts = {clinic.pk: clinic_trust(clinic, one) for clinic, one in zip(clinics, known, strict=True)}

    shown = set(QueueItem.objects.in_queue(list(trusts.values()), NOW).values_list("pk", flat=True))

    expected = set()
    for item in QueueItem.objects.all():
        decision = decision_for(Family(item.family), item.starts_at, NOW)
        mode = trusts[item.clinic_id].mode_of(decision) if item.clinic_id else None
        if mode in (LaunchMode.SHADOW, LaunchMode.LIVE) and item.useful_until > NOW:
            expected.add(item.pk)
    assert shown == expected


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(items, min_size=1, max_size=8), told=st.lists(mode_versions, min_size=3, max_size=3))
def test_the_queue_of_the_rail_is_the_queue_of_the_page(make_items, drawn, told):
    """Both read the newest version in force of each clinic's modes, the one in SQL and the other in Python."""
    clinics = make_items(drawn)
    ClinicLaunchMode.objects.all().delete()
    ClinicLaunchMode.objects.bulk_create(
        ClinicLaunchMode(clinic=clinic, decision=decision, mode=mode, valid_from=NOW - age, recorded_at=NOW)
        for clinic, versions in zip(clinics, told, strict=True)
        for decision, age, mode in versions
    )

    counted = set(QueueItem.objects.in_launched_queue(NOW).values_list("pk", flat=True))

    expected = set()
    for item in QueueItem.objects.all():
        place = next((number for number, clinic in enumerate(clinics) if clinic.pk == item.clinic_id), None)
        decision = decision_for(Family(item.family), item.starts_at, NOW)
        mode = mode_in_force(told[place], decision) if place is not None else LaunchMode.OBSERVING
        if mode != LaunchMode.OBSERVING and item.useful_until > NOW:
            expected.add(item.pk)
    assert counted == expected


def mode_in_force(versions, decision):
    """The version told last of those that begin last, but not later than now; nothing told means observing."""
    begun = [(-age, number, mode) for number, (of, age, mode) in enumerate(versions) if of == decision and age >= ZERO]
    return max(begun)[2] if begun else LaunchMode.OBSERVING


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(items, min_size=1, max_size=8))
def test_the_order_in_sql_is_the_order_of_the_ranking(make_items, drawn):
    make_items(drawn)

    ranked: list[Any] = list(QueueItem.objects.ranked(NOW))

    bands = [
        band(Family(item.family), useful_until=item.useful_until, lost_at=item.lost_at, now=NOW) for item in ranked
    ]
    keys = [(place, -item.weight, item.useful_until, item.pk) for place, item in zip(bands, ranked, strict=True)]
    assert keys == sorted(keys)
    assert [item.band for item in ranked] == bands
