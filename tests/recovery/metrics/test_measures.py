"""How numbers are said: few cases get no percent, no median and no ratio."""

import pytest

from recovery.metrics.measures import Chain, Ratio, Share, Spread, spread

HOUR, DAY = 3600.0, 86400.0


@pytest.mark.parametrize(
    ("share", "words", "value"),
    [
        (Share(), "none yet", None),
        (Share(3, 5), "3 of 5", None),
        (Share(19, 19), "19 of 19", None),
        (Share(10, 20), "50%", 50.0),
        (Share(0, 20), "0%", 0.0),
        (Share(20, 20), "100%", 100.0),
        (Share(1, 1_000), "1%", 1.0),
        (Share(999, 1_000), "99%", 99.0),
        (Share(25, 1_000), "3%", 3.0),
        (Share(1, 40), "3%", 3.0),
        (Share(1_200, 2_400), "50%", 50.0),
    ],
    ids=[
        "nothing", "few", "one too few", "just enough", "none", "all", "hardly any is not none", "almost is not all",
        "half goes up", "half of a small one too", "many",
    ],
)  # fmt: skip
def test_share_is_a_whole_percent_from_twenty_cases_on(share, words, value):
    assert (share.words, share.value) == (words, value)


def test_shares_add_up():
    assert Share(1, 2).plus(Share(3, 5)) == Share(4, 7)


@pytest.mark.parametrize(
    ("found", "words", "value"),
    [
        (spread(None, 0), "none yet", None),
        (spread([60, 120, 180], 4), "only 4", None),
        (spread([60, 120, 5_400], 5), "2 min (1 min to 1 h 30)", 2.0),
        (spread([0, 11.5, 20], 5, in_days=True), "12 days (0 days to 20 days)", 11.5),
        (spread([1, 1, 2], 9, in_days=True), "1 day (1 day to 2 days)", 1.0),
    ],
    ids=["nothing", "few", "just enough", "days", "one day"],
)
def test_spread_tells_the_middle_half_from_five_cases_on(found, words, value):
    assert (found.words, found.value) == (words, value)


def test_spread_counts_what_was_measured():
    assert (Spread(7).part, Spread(7).whole) == (7, 7)


@pytest.mark.parametrize(
    ("ratio", "words", "value"),
    [
        (Ratio(), "none yet", None),
        (Ratio(12, 0), "12 for 0", None),
        (Ratio(12, 4), "12 for 4", None),
        (Ratio(17, 5), "3.4", 3.4),
    ],
    ids=["nothing", "none completed", "few", "just enough"],
)
def test_ratio_is_said_from_five_on(ratio, words, value):
    assert (ratio.words, ratio.value) == (words, value)


def test_chain_is_told_in_counts():
    chain = Chain(1_000, 8, 2).plus(Chain(200, 1, 0))

    assert (chain.words, chain.value, chain.part, chain.whole) == (
        "1,200 found, 9 acted on, 2 completed", None, 2, 1_200,
    )  # fmt: skip
    assert Chain().words == "none yet"
