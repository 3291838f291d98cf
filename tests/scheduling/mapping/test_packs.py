"""Starter packs are whole, carry their sources, and the demonstration's packs know exactly the simulator's codes."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from scheduling.facts import Signals
from scheduling.mapping.errors import UnknownPackError
from scheduling.mapping.packs import pack_names, read_pack, rule_of, suggested_rules
from scheduling.mapping.resolve import resolve
from scheduling.mapping.rules import LOST, MappingContext
from scheduling.mapping.validation import canonical_rule
from scheduling.simulator.codes import ELM, HARBOR, NORTHSIDE
from scheduling.simulator.dialects import DIALECTS, EVIDENCE
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, SetBy

VOCABULARY = Path(settings.BASE_DIR).parent / "shared" / "data" / "status_vocab.csv"
DERIVED = {"hl7-0278-resource", "demo-northside", "demo-harbor", "demo-elm"}  # not rows of the vocabulary
PACKS = [read_pack(name) for name in pack_names()]
ROWS = [row for pack in PACKS if pack.name not in DERIVED for row in pack.rows]


def test_packs_hold_324_codes_of_41_systems_each_with_its_source():
    assert len(ROWS) == 324
    assert len({row.system for row in ROWS}) == 41
    assert [row for row in ROWS if not row.citation] == []


@pytest.mark.skipif(not VOCABULARY.exists(), reason="the shared vocabulary is not on this machine")
def test_packs_hold_every_row_of_the_vocabulary_unchanged():
    with VOCABULARY.open(encoding="utf-8", newline="") as file:
        facts = Counter(tuple(row.values()) for row in csv.DictReader(file))

    assert Counter((row.system, row.code, row.text, row.suggested, row.citation) for row in ROWS) == facts


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_rows_are_numbered_from_one(pack):
    assert [row.row for row in pack.rows] == list(range(1, len(pack.rows) + 1))


def test_every_row_translates_or_needs_a_person():
    untold = [
        row for row in ROWS if not row.needs_person and row.translation.status is None and row.translation.kind is None
    ]

    assert untold == []
    assert sum(row.needs_person for row in ROWS) == 57


def test_every_ready_rule_is_one_the_verbs_accept():
    ready = [row for pack in PACKS for row in pack.rows if not row.needs_person and not row.is_reason]

    rules = [rule_of(row) for row in ready]

    assert [canonical_rule(rule) for rule in rules] == rules


@pytest.mark.parametrize("name", ["fhir-slot", "barts-tie", "umcu"])
def test_rows_with_an_open_question_are_left_to_a_person(name):
    pack = read_pack(name)

    assert {row.code: row.needs_person for row in pack.rows if row.needs_person}.keys() == {
        "fhir-slot": {"busy", "busy-tentative", "entered-in-error"},
        "barts-tie": {"S26 + Cancelled", "S26 + Confirmed", "Confirmed"},
        "umcu": {"fulfilled + cancellationReason No-Show"},
    }[name]


def test_triggers_pack_answers_only_where_no_status_is_said():
    rules = suggested_rules(1, "hl7-triggers")
    triggers = ("S12", "S13", "S14", "S15", "S16", "S17", "S20", "S23", "S24", "S26")

    meanings = [resolve(Signals(trigger), MappingContext(1), rules) for trigger in triggers]

    assert [(each.kind, each.status) for each in meanings] == [
        ("created", "booked"),
        ("rescheduled", "booked"),
        ("changed", None),
        ("cancelled", "cancelled"),
        (None, None),
        ("deleted", "entered_in_error"),
        ("changed", None),
        ("slot_blocked", None),
        ("slot_opened", None),
        ("missed", "missed"),
    ]
    assert resolve(Signals("S15", "?"), MappingContext(1), rules).outcome is MappingOutcome.UNMAPPED


@pytest.mark.parametrize(
    ("name", "row"), [("no-such-pack", 1), ("../packs/redox", 1), ("redox", 0), ("redox", 6)], ids=str
)
def test_unknown_pack_or_row_is_refused(name, row):
    with pytest.raises(UnknownPackError):
        read_pack(name).row(row)


PATIENT_KINDS = {EventKind.PATIENT_CHANGED, EventKind.PATIENT_DIED, EventKind.PATIENTS_MERGED}
PACK_OF = {NORTHSIDE: "demo-northside", HARBOR: "demo-harbor", ELM: "demo-elm"}
CODES = [code for dialect in DIALECTS.values() for code in dialect.codes if code.kind not in PATIENT_KINDS]
ODDS = [
    (source, odd, code)
    for source, dialect in DIALECTS.items()
    for odd in (*dialect.unknown, *dialect.contradictions)
    for code in dialect.codes
    if code.kind in odd.kinds and code.kind not in PATIENT_KINDS
]


def demo_answer(source, signals):
    return resolve(signals, MappingContext(1), suggested_rules(1, PACK_OF[source]))


@pytest.mark.parametrize("code", [*CODES, *EVIDENCE], ids=lambda code: f"{code.source}-{code.kind}-{code.event_reason}")
def test_demo_pack_knows_the_simulators_codes(code):
    signals = Signals(code.trigger, code.filler_status, code.event_reason, resource_status=code.resource_status)

    answer = demo_answer(code.source, signals)

    assert (answer.outcome, answer.status, answer.initiator) == (MappingOutcome.MAPPED, code.status, code.initiator)
    assert (answer.set_by, answer.suppresses) == (code.set_by, code.suppresses)
    assert answer.counts_as_missed == code.counts_as_missed
    if code.initiator or code.counts_as_missed:
        assert answer.reason_unknown is False


@pytest.mark.parametrize("code", [code for code in CODES if code.initiator], ids=lambda code: code.event_reason)
def test_demo_pack_knows_which_reasons_reopen_work(code):
    signals = Signals(code.trigger, code.filler_status, code.event_reason, resource_status=code.resource_status)

    assert demo_answer(code.source, signals).reopens == code.reopens


@pytest.mark.parametrize(("source", "odd", "code"), ODDS, ids=lambda value: getattr(value, "filler_status", None))
def test_demo_pack_holds_what_the_simulator_makes_odd(source, odd, code):
    signals = Signals(
        odd.trigger or code.trigger, odd.filler_status, odd.event_reason, resource_status=odd.resource_status
    )

    assert demo_answer(source, signals).outcome is not MappingOutcome.MAPPED


def test_demo_missed_by_a_timer_is_told_from_a_persons():
    answers = [demo_answer(ELM, Signals("row", "N", reason)) for reason in ("AUTO", "")]

    assert [each.set_by for each in answers] == [SetBy.TIMER, SetBy.PERSON]
    assert {each.status for each in answers} <= LOST


def test_demo_bump_is_told_by_the_reason():
    answer = demo_answer(NORTHSIDE, Signals("S15", "Canceled", "PR01"))

    assert (answer.kind, answer.status, answer.initiator) == ("bumped", "bumped", Initiator.CLINIC)
