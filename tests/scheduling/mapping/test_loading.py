"""Which revision holds for which source time, and what it costs to ask."""

from datetime import timedelta

import pytest

from scheduling.facts import Signals
from scheduling.mapping.loading import compile_revisions, load_rules
from scheduling.mapping.packs import read_pack, suggested_rules
from scheduling.mapping.resolve import resolve
from scheduling.mapping.rules import MappingContext, Reason, Rule
from scheduling.mapping.vocabulary import Leads
from scheduling.services.mapping import add_rule, adopt_pack, set_precedence, set_reason
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status
from tests.scheduling.mapping_cast import (
    BOOKED,
    HOUR,
    NOON,
    make_approved,
    make_clinic,
    make_draft,
    make_source,
    person,
    put_in_force,
)

pytestmark = pytest.mark.django_db

INSTANT = timedelta(microseconds=1)


@pytest.fixture
def source():
    return make_source()


def status_at(source, source_at):
    rules, revision = load_rules([source.pk])[source.pk].at(source_at)
    return resolve(Signals("S12", "Booked"), MappingContext(source.pk), rules).status, revision


def meaning_booked(source, status):
    return make_approved(source, Rule(0, filler_status="Booked", status=status))


@pytest.mark.parametrize(
    ("source_at", "is_in_force"),
    [(NOON - INSTANT, False), (NOON, True), (NOON + INSTANT, True)],
    ids=["just before", "at that moment", "just after"],
)
def test_publication_holds_from_its_effective_moment(source, source_at, is_in_force):
    revision = meaning_booked(source, Status.BOOKED)
    put_in_force(revision, NOON)

    assert status_at(source, source_at) == ((Status.BOOKED, revision.pk) if is_in_force else (None, None))


def test_effective_moment_is_an_instant_on_a_day_with_25_hours(source):
    revision = meaning_booked(source, Status.BOOKED)
    second_half_past_one = NOON.replace(month=11, day=1, hour=7, minute=30)  # 01:30 CST; 01:30 CDT was 06:30 UTC
    put_in_force(revision, second_half_past_one)

    assert status_at(source, second_half_past_one - HOUR) == (None, None)
    assert status_at(source, second_half_past_one) == (Status.BOOKED, revision.pk)


def test_latest_published_holds_where_several_have_begun(source):
    first, second = meaning_booked(source, Status.BOOKED), meaning_booked(source, Status.PENDING)
    put_in_force(first, NOON)
    put_in_force(second, NOON + HOUR)

    assert [status_at(source, NOON + each * HOUR) for each in (-1, 0, 1)] == [
        (None, None),
        (Status.BOOKED, first.pk),
        (Status.PENDING, second.pk),
    ]


def test_later_publication_with_an_earlier_start_covers_the_one_before(source):
    first, second = meaning_booked(source, Status.BOOKED), meaning_booked(source, Status.PENDING)
    put_in_force(first, NOON)
    put_in_force(second, NOON - HOUR)

    published = load_rules([source.pk])[source.pk].published

    assert status_at(source, NOON) == (Status.PENDING, second.pk)
    assert [each.revision_id for each in published] == [second.pk]


def test_rollback_is_publishing_the_older_revision_again(source):
    first, second = meaning_booked(source, Status.BOOKED), meaning_booked(source, Status.PENDING)
    put_in_force(first, NOON)
    put_in_force(second, NOON)
    put_in_force(first, NOON)

    assert status_at(source, NOON) == (Status.BOOKED, first.pk)
    assert [each.revision_id for each in load_rules([source.pk])[source.pk].published] == [first.pk]


def test_unpublished_revisions_and_other_sources_hold_nothing(source):
    other = make_source("south")
    put_in_force(meaning_booked(other, Status.BOOKED))
    make_approved(source, BOOKED)

    loaded = load_rules([source.pk, other.pk, 999_999])

    assert {key: len(each.published) for key, each in loaded.items()} == {source.pk: 0, other.pk: 1, 999_999: 0}


def test_load_rules_costs_one_query_and_a_second_for_what_is_new(source, django_assert_num_queries):
    other = make_source("south")
    for each in (source, other):
        put_in_force(make_approved(each, BOOKED))

    with django_assert_num_queries(2):
        load_rules([source.pk, other.pk])
    with django_assert_num_queries(1):
        load_rules([source.pk, other.pk])


def test_everything_a_revision_says_comes_back(source):
    clinic = make_clinic(source)
    draft = make_draft(source)
    whole = Rule(
        0, "S15", "C", "", "A", "T", "R", "*x*", clinic.pk, EventKind.BUMPED, Status.BUMPED, Initiator.CLINIC,
        True, SetBy.TIMER, False, True, True,
    )  # fmt: skip
    reason = Reason("DR", Initiator.CLINIC, False, True, True, SetBy.TIMER)
    row = add_rule(draft, whole, actor=person("ada"), now=NOON)
    set_reason(draft, reason, actor=person("ada"), now=NOON)
    set_precedence(draft, Leads.TRIGGER, trigger="S15", clinic=clinic, actor=person("ada"), now=NOON)
    set_precedence(draft, Leads.STATUS, actor=person("ada"), now=NOON)

    rules = compile_revisions([draft.pk])[draft.pk]

    expected = {name: getattr(whole, name) for name in Rule.__slots__} | {"id": row.pk}
    assert rules.rules == (Rule(**expected),)
    assert rules.reasons == {"DR": reason}
    assert rules.precedence == {(clinic.pk, "S15"): Leads.TRIGGER, (None, ""): Leads.STATUS}


def test_adopted_pack_means_what_the_pack_suggests(source):
    draft, pack = make_draft(source), read_pack("demo-northside")
    adopt_pack(draft, pack, rows=pack.ready, actor=person("ada"), now=NOON)

    stored = compile_revisions([draft.pk])[draft.pk]
    suggested = suggested_rules(source.pk, "demo-northside")

    for said in [rule.parts for rule in suggested.rules]:
        signals = Signals(*(part or "" for part in said))
        answers = [resolve(signals, MappingContext(source.pk), rules) for rules in (stored, suggested)]
        assert len({each._replace(rule_id=None, rivals=()) for each in answers}) == 1


def test_before_the_first_publication_one_empty_rule_set_serves_all(source):
    loaded = load_rules([source.pk])[source.pk]

    assert loaded.at(NOON)[0] is loaded.at(NOON + HOUR)[0]
