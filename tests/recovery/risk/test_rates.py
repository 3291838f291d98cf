"""Shares, Wilson's interval and Newcombe's difference, against published figures."""

import pytest

from recovery.risk.rates import LEAST_FOR_EFFECT, Interval, Rate, difference, effect
from recovery.risk.words import effect_words, share_words


def rounded(interval, digits=4):
    return Interval(*(round(end, digits) for end in interval))


@pytest.mark.parametrize(
    ("rate", "interval"),
    [
        # Newcombe, Statistics in Medicine 1998;17:857, table I, method 3.
        (Rate(81, 263), Interval(0.2553, 0.3662)),
        (Rate(15, 148), Interval(0.0624, 0.1605)),
        (Rate(0, 20), Interval(0.0, 0.1611)),
        (Rate(1, 29), Interval(0.0061, 0.1718)),
        (Rate(0, 0), Interval(0.0, 1.0)),
    ],
    ids=str,
)
def test_interval_is_wilsons(rate, interval):
    assert rounded(rate.interval) == interval


@pytest.mark.parametrize(
    ("first", "second", "interval"),
    [
        # Newcombe, Statistics in Medicine 1998;17:873, table II, method 10.
        (Rate(56, 70), Rate(48, 80), Interval(0.0524, 0.3339)),
        (Rate(9, 10), Rate(3, 10), Interval(0.1705, 0.8090)),
        (Rate(10, 10), Rate(0, 20), Interval(0.6791, 1.0)),
    ],
    ids=str,
)
def test_difference_is_newcombes(first, second, interval):
    assert rounded(difference(first, second)) == interval


@pytest.mark.parametrize(
    ("arms", "is_told"),
    [((LEAST_FOR_EFFECT, LEAST_FOR_EFFECT), True), ((99, 500), False), ((500, 99), False)],
    ids=["both at the bound", "few contacted", "few held out"],
)
def test_no_effect_is_claimed_of_few_visits(arms, is_told):
    contact, holdout = (Rate(of // 4, of) for of in arms)

    assert (effect(contact, holdout) is not None) is is_told


@pytest.mark.parametrize(
    ("contact", "holdout", "sentence"),
    [
        (Rate(3, 40), Rate(0, 0), "Cannot say what contacting is worth: no visit left uncontacted has ended."),
        (
            Rate(3, 120),
            Rate(1, 12),
            "Too early to say: each arm needs 100 visits with a known end; 120 and 12 are known.",
        ),
        (
            Rate(100, 1000),
            Rate(200, 1000),
            "Of 100 visits 7 to 13 fewer were missed where people were to be contacted.",
        ),
        (
            Rate(200, 1000),
            Rate(100, 1000),
            "Of 100 visits 7 to 13 more were missed where people were to be contacted.",
        ),
        (
            Rate(20, 100),
            Rate(22, 100),
            "No difference can be told: of 100 visits between 9 more and 13 fewer were missed.",
        ),
    ],
    ids=["no holdout", "too few", "fewer", "more", "no difference"],
)
def test_sentence_claims_no_more_than_the_interval(contact, holdout, sentence):
    assert effect_words(contact, holdout) == sentence


@pytest.mark.parametrize(
    ("rate", "words"),
    [(Rate(0, 0), "none yet"), (Rate(3, 29), "3 of 29"), (Rate(3, 30), "10 % (3 to 26)")],
    ids=["none", "few", "enough"],
)
def test_share_of_few_visits_is_told_as_a_count(rate, words):
    assert share_words(rate) == words
