"""Real feeds' contradictions (research/integration.md section 0), reasons, and what "keep" means."""

import pytest

from scheduling.facts import Signals
from scheduling.mapping.packs import suggested_rules
from scheduling.mapping.resolve import resolve
from scheduling.mapping.rules import MappingContext, Reason, Resolution, Rule, RuleSet
from scheduling.mapping.vocabulary import Leads
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, SetBy, Status

K, S = EventKind, Status
HERE = MappingContext(1)
MAPPED, CONFLICT = MappingOutcome.MAPPED, MappingOutcome.CONFLICT

TRIGGERS = (
    Rule(12, "S12", "", kind=K.CREATED, status=S.BOOKED),
    Rule(13, "S13", "", kind=K.RESCHEDULED, status=S.BOOKED),
    Rule(14, "S14", "", kind=K.CHANGED),
    Rule(15, "S15", "", status=S.CANCELLED, initiator_by_reason=True),
    Rule(17, "S17", "", status=S.ENTERED_IN_ERROR),
    Rule(26, "S26", "", status=S.MISSED),
)
STATUSES = (
    Rule(30, filler_status="Booked", status=S.BOOKED),
    Rule(31, filler_status="Cancelled", status=S.CANCELLED, initiator_by_reason=True),
    Rule(32, filler_status="Noshow", status=S.MISSED),
    Rule(33, filler_status="Confirmed", status=S.CONFIRMED),
    Rule(34, filler_status="Complete", status=S.COMPLETED),
    Rule(35, filler_status="Reminded"),
)
REASONS = (
    Reason("PT", Initiator.PATIENT),
    Reason("DR", Initiator.CLINIC),
    Reason("DEC", Initiator.SYSTEM, reopens=False, suppresses=True),
    Reason("LATE", Initiator.PATIENT, counts_as_missed=True),
    Reason("AUTO", set_by=SetBy.TIMER),
)


def meaning(signals, *extra, precedence=None):
    rules = RuleSet(1, (*TRIGGERS, *STATUSES, *extra), REASONS, precedence)
    return resolve(signals, HERE, rules)


def said(answer):
    return answer.outcome, answer.kind, answer.status, answer.rule_id


@pytest.mark.parametrize(
    ("trigger", "status", "kind", "canonical", "rule_id"),
    [
        ("S12", "", K.CREATED, S.BOOKED, 12),
        ("S12", "Booked", K.CREATED, S.BOOKED, 30),
        ("S12", "Complete", K.CREATED, S.COMPLETED, 34),
        ("S13", "Booked", K.RESCHEDULED, S.BOOKED, 30),
        ("S13", "Confirmed", K.RESCHEDULED, S.CONFIRMED, 33),
        ("S13", "Reminded", K.RESCHEDULED, S.BOOKED, 13),
        ("S14", "", K.CHANGED, None, 14),
        ("S14", "Booked", K.CHANGED, S.BOOKED, 30),
        ("S14", "Reminded", K.CHANGED, None, 14),
        ("S14", "Noshow", K.MISSED, S.MISSED, 32),
        ("S15", "Cancelled", K.CANCELLED, S.CANCELLED, 31),
        ("S15", "Reminded", K.CANCELLED, S.CANCELLED, 15),
        ("S17", "", K.DELETED, S.ENTERED_IN_ERROR, 17),
        ("S26", "Noshow", K.MISSED, S.MISSED, 32),
        ("Z99", "Booked", K.CHANGED, S.BOOKED, 30),
        ("Z99", "Reminded", K.CHANGED, None, 35),
    ],
    ids=lambda value: str(value) or "empty",
)
def test_status_and_trigger_that_agree_make_one_meaning(trigger, status, kind, canonical, rule_id):
    assert said(meaning(Signals(trigger, status))) == (MAPPED, kind, canonical, rule_id)


@pytest.mark.parametrize(
    ("trigger", "status", "rivals"),
    [
        ("S12", "Cancelled", (12, 31)),
        ("S12", "Noshow", (12, 32)),
        ("S13", "Cancelled", (13, 31)),
        ("S13", "Complete", (13, 34)),
        ("S15", "Booked", (15, 30)),
        ("S15", "Noshow", (15, 32)),
        ("S17", "Cancelled", (17, 31)),
        ("S26", "Cancelled", (26, 31)),
        ("S26", "Confirmed", (26, 33)),
    ],
)
def test_status_against_its_trigger_is_a_conflict(trigger, status, rivals):
    assert meaning(Signals(trigger, status)) == Resolution(CONFLICT, rivals=rivals)


def test_trigger_default_never_answers_for_a_status_nobody_knows():
    assert meaning(Signals("S15", "Canceled-WX")) == Resolution(MappingOutcome.UNMAPPED)


@pytest.mark.parametrize(
    ("precedence", "expected"),
    [
        ({}, (CONFLICT, None, None, None)),
        ({(None, ""): Leads.NEITHER}, (CONFLICT, None, None, None)),
        ({(None, ""): Leads.TRIGGER}, (MAPPED, K.CANCELLED, S.CANCELLED, 15)),
        ({(None, ""): Leads.STATUS}, (MAPPED, K.CHANGED, S.BOOKED, 30)),
        ({(None, ""): Leads.STATUS, (None, "S15"): Leads.TRIGGER}, (MAPPED, K.CANCELLED, S.CANCELLED, 15)),
        ({(None, "S26"): Leads.TRIGGER}, (CONFLICT, None, None, None)),
        ({(9, ""): Leads.TRIGGER}, (CONFLICT, None, None, None)),
    ],
    ids=["unsaid", "neither", "trigger", "status", "this trigger before all", "another trigger", "another clinic"],
)
def test_contradiction_is_settled_only_by_the_sources_precedence(precedence, expected):
    assert said(meaning(Signals("S15", "Booked"), precedence=precedence)) == expected


def test_clinics_precedence_goes_before_the_sources():
    precedence = {(None, "S15"): Leads.STATUS, (9, ""): Leads.TRIGGER}
    rules = RuleSet(1, (*TRIGGERS, *STATUSES), precedence=precedence)

    answers = [resolve(Signals("S15", "Booked"), MappingContext(1, clinic), rules).status for clinic in (9, None)]

    assert answers == [S.CANCELLED, S.BOOKED]


def test_mie_no_show_by_cancellation_and_reason():
    rules = suggested_rules(1, "hl7-triggers", "mie-webchart")

    answer = resolve(Signals("S15", "CANCELED", "NOSHOW"), HERE, rules)

    assert (answer.outcome, answer.kind, answer.status) == (MAPPED, K.MISSED, S.MISSED)


def test_athena_no_show_by_cancellation_and_status():
    rules = suggested_rules(1, "hl7-triggers", "athenahealth")

    answer = resolve(Signals("S15", "NOSHOW", "22"), HERE, rules)

    assert (answer.outcome, answer.kind, answer.status) == (MAPPED, K.MISSED, S.MISSED)


@pytest.mark.parametrize("status", ["Cancelled", "Noshow"])
def test_barts_no_show_trigger_with_cancelled_is_a_conflict(status):
    rules = suggested_rules(1, "hl7-triggers", "hl7-0278")

    answer = resolve(Signals("S26", status), HERE, rules)

    assert answer.outcome is (CONFLICT if status == "Cancelled" else MAPPED)


@pytest.mark.parametrize(
    ("trigger", "status"), [("S15", S.CANCELLED), ("S17", S.ENTERED_IN_ERROR), ("S26", S.MISSED), ("S12", S.BOOKED)]
)
def test_clicrdv_keeps_booked_on_every_trigger_so_the_trigger_leads(trigger, status):
    packed = suggested_rules(1, "hl7-triggers", "hl7-0278")
    rules = RuleSet(1, packed.rules, precedence={(None, ""): Leads.TRIGGER})

    assert resolve(Signals(trigger, "Booked"), HERE, rules).status == status


def test_rule_that_states_the_trigger_is_no_conflict_with_it():
    quirk = Rule(50, "S15", "Booked", status=S.BOOKED)

    assert said(meaning(Signals("S15", "Booked"), quirk)) == (MAPPED, K.CHANGED, S.BOOKED, 50)


def test_two_meanings_of_one_trigger_are_ambiguous():
    other = Rule(50, "S15", "", status=S.MISSED)

    assert meaning(Signals("S15"), other) == Resolution(MappingOutcome.AMBIGUOUS, rivals=(15, 50))
    assert meaning(Signals("S15", "Cancelled"), other) == Resolution(MappingOutcome.AMBIGUOUS, rivals=(15, 50))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", (K.CANCELLED, S.CANCELLED, Initiator.UNKNOWN, True, False, False, False)),
        ("PT", (K.CANCELLED, S.CANCELLED, Initiator.PATIENT, True, False, False, False)),
        ("DR", (K.BUMPED, S.BUMPED, Initiator.CLINIC, True, False, False, False)),
        ("DEC", (K.CANCELLED, S.CANCELLED, Initiator.SYSTEM, False, True, False, False)),
        ("LATE", (K.CANCELLED, S.CANCELLED, Initiator.PATIENT, True, False, True, False)),
        ("WX7", (K.CANCELLED, S.CANCELLED, Initiator.UNKNOWN, True, False, False, True)),
    ],
    ids=["none given", "patient", "clinic", "death", "late", "unknown"],
)
def test_reason_refines_a_cancellation(code, expected):
    answer = meaning(Signals("S15", "Cancelled", code))

    assert answer.outcome is MAPPED
    assert (
        answer.kind, answer.status, answer.initiator,
        answer.reopens, answer.suppresses, answer.counts_as_missed, answer.reason_unknown,
    ) == expected  # fmt: skip


def test_reason_is_not_asked_where_the_rule_does_not_ask():
    answer = meaning(Signals("S15", "Gone", "DR"), Rule(50, filler_status="Gone", status=S.CANCELLED))

    assert (answer.status, answer.initiator, answer.reason_unknown) == (S.CANCELLED, Initiator.UNKNOWN, False)


def test_timer_in_the_reason_makes_a_missed_visit_a_guess():
    by_reason = Rule(50, filler_status="NS", status=S.MISSED, initiator_by_reason=True)

    answers = [meaning(Signals("S26", "NS", code), by_reason) for code in ("AUTO", "")]

    assert [(each.status, each.set_by) for each in answers] == [(S.MISSED, SetBy.TIMER), (S.MISSED, SetBy.PERSON)]


def test_a_standing_visit_reopens_nothing():
    assert meaning(Signals("S12", "Booked")).reopens is False
