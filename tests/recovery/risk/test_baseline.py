"""The plain baseline: groups lean on wider groups."""

import pytest

from recovery.risk.baseline import Count, CountTable, Scored, Traits, reason_words
from recovery.risk.words import band_words, score_words

ALL = {(): Count(1000, 100)}
VISIT = Traits(7, "more", "longer", "ECHO")


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        ({}, 0.1),
        ({(7,): Count(50, 15)}, 0.2),  # (15 + 50 x 0.1) / 100
        ({(7,): Count(50, 15), (7, "more"): Count(50, 40)}, 0.5),  # (40 + 50 x 0.2) / 100
        ({(7, "more"): Count(80, 64)}, 0.1),  # a group without its wider one is none
        ({(8,): Count(500, 400)}, 0.1),
    ],
    ids=["desk only", "clinic", "clinic and person", "gap", "another clinic"],
)
def test_score_leans_on_the_wider_group(counts, score):
    assert CountTable(ALL | counts).score(VISIT).score == score


def test_one_missed_visit_moves_a_rate_little():
    table = CountTable(ALL | {(7,): Count(100, 10), (7, "more"): Count(1, 1)})

    assert table.score(VISIT).score == 0.1176


@pytest.mark.parametrize(("ended", "is_enough"), [(199, False), (200, True)], ids=["near miss", "boundary"])
def test_without_history_there_is_nothing_to_say(ended, is_enough):
    assert CountTable({(): Count(ended, 20)}).is_enough is is_enough


def test_reason_is_what_raised_it_most():
    counts = {(7,): Count(100, 12), (7, "more"): Count(100, 60), (7, "more", "longer"): Count(100, 62)}

    assert CountTable(ALL | counts).score(VISIT) == Scored(0.5593, "Missed several visits in the last year")


def test_what_hardly_raises_a_score_is_no_reason():
    assert CountTable(ALL | {(7,): Count(100, 11)}).score(VISIT) == Scored(0.1067, "")


@pytest.mark.parametrize(
    ("trait", "words"),
    [
        ("clinic", "Often missed at this clinic"),
        ("earlier", "No earlier visit is known"),
        ("lead", "Booked over four weeks ahead"),
        ("visit_type", "This visit type is often missed"),
    ],
)
def test_each_trait_has_words(trait, words):
    assert reason_words(trait, Traits(7, "new", "longer", "ECHO")) == words


@pytest.mark.parametrize(
    ("score", "band"), [(0.149, "Low"), (0.15, "Medium"), (0.299, "Medium"), (0.3, "High")], ids=str
)
def test_bands_are_those_of_the_ranking(score, band):
    assert band_words(score) == band


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("baseline-1", "About 24 of 100 visits like this one were missed (plain baseline)."),
        ("acme-3", "acme-3 expects 24 of 100 such visits to be missed."),
    ],
)
def test_baseline_is_told_as_a_count_and_a_model_as_a_claim(model, words):
    assert score_words(model, 0.24) == words
