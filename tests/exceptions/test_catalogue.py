"""The catalogue and the command that prints it. No database."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from exceptions.catalogue import CATALOGUE, check_of, register
from exceptions.checks.message import read_problem
from exceptions.vocabulary import Severity
from exceptions.words import blocks_words, decision_words
from scheduling.vocabulary import PATIENT_FACING, REBOOKS, REFILLS, Decision

FIRST = {
    "unreadable_message", "unmapped_status", "ambiguous_status", "conflicting_status", "control_id_reused",
    "late_event", "impossible_transition", "missing_start", "missing_clinic", "missing_resource",
    "missing_visit_type", "missing_patient", "unknown_clinic", "reused_appointment_id", "ambiguous_local_time",
    "equal_time_disagreement", "ahead_of_receipt",
}  # fmt: skip


def test_first_checks_are_there():
    assert FIRST - CATALOGUE.keys() == set()


def test_ids_are_keys_and_short_enough():
    assert [(key, len(key) <= 40) for key in CATALOGUE] == [(check.id, True) for check in CATALOGUE.values()]


@pytest.mark.parametrize("check", CATALOGUE.values(), ids=list(CATALOGUE))
def test_words_of_a_check_are_sentences(check):
    assert check.title[0].isupper()
    assert not check.title.endswith(".")
    assert check.happened.endswith(".")
    assert check.advice.endswith(".")


@pytest.mark.parametrize("check", CATALOGUE.values(), ids=list(CATALOGUE))
def test_what_is_called_blocking_blocks_something(check):
    assert not (check.severity == Severity.BLOCKING and not check.blocks)
    assert not (check.is_hold and not check.self_clearing)


def test_command_lists_every_check_as_json():
    out = StringIO()

    call_command("checks", "--json", stdout=out)

    rows = json.loads(out.getvalue())
    assert [row["id"] for row in rows] == list(CATALOGUE)
    assert next(row for row in rows if row["id"] == "missing_patient") == {
        "id": "missing_patient",
        "title": "No patient",
        "family": "contact",
        "severity": "blocking",
        "decisions": ["rebook_bumped", "rebook_missed", "confirm"],
    }


def test_command_lists_every_check_in_columns():
    out = StringIO()

    call_command("checks", stdout=out)

    assert [line.split()[0] for line in out.getvalue().splitlines()] == list(CATALOGUE)


def test_registering_twice_is_harmless_and_another_check_of_one_id_is_refused():
    check = CATALOGUE["late_event"]
    register(check)

    with pytest.raises(ValueError, match="Two checks are called unmapped_status"):
        register(type(check)(**{name: getattr(check, name) for name in check.__slots__} | {"id": "unmapped_status"}))


def test_check_that_is_gone_still_has_words():
    assert (check_of("gone_since").title, check_of("gone_since").blocks) == ("Gone since", frozenset())


@pytest.mark.parametrize(
    ("kind", "raw", "read"),
    [
        ("bad_charset", "MSH-18", ("wrong_charset", "MSH-18")),
        ("bad_time", "SCH-11", ("unreadable_value", "bad_time SCH-11")),
        ("never_heard_of", "", ("reader_problem", "never_heard_of")),
    ],
)
def test_problem_of_a_reader(kind, raw, read):
    assert read_problem(kind, raw) == read


@pytest.mark.parametrize(
    ("decisions", "words", "count"),
    [
        ([], "", "Blocks nothing"),
        ([Decision.CONFIRM], "Confirm.", "Blocks 1 decision"),
        ([*REFILLS, Decision.CONFIRM], "Refill, confirm.", "Blocks 5 decisions"),
        ([*REBOOKS, Decision.REFILL_24H], "Rebook, refill within 24 h.", "Blocks 3 decisions"),
        (PATIENT_FACING, "Refill, rebook and confirm.", "Blocks all work"),
    ],
    ids=["none", "one", "a whole group", "part of a group", "all"],
)
def test_decisions_in_words(decisions, words, count):
    assert (decision_words(decisions), blocks_words(decisions)) == (words, count)
