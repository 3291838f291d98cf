"""Order and fairness: nobody is first for one reason alone."""

from datetime import timedelta

import pytest

from recovery.matching import Fairness, Standing, Waiting, fairness, rank, score

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (Standing(1, 30, 10, True, 0), Standing(2, 20, 10, True, 0)),
        (Standing(1, 20, 12, True, 0), Standing(2, 20, 10, True, 0)),
        (Standing(1, 20, 10, True, 0), Standing(2, 20, 10, False, 0)),
        (Standing(1, 20, 10, True, 0), Standing(2, 20, 10, True, 1)),
        (Standing(1, 20, None, True, 0), Standing(2, 20, 59, True, 0)),
    ],
    ids=["waited longest", "more days sooner", "reachable", "offered least", "no visit yet"],
)
def test_of_two_that_differ_in_one_thing(better, worse):
    assert [one.standing for one in rank([worse, better])] == [better, worse]


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(1, 180, 60, True, 0), 100),
        (Standing(1, 400, 90, True, 0), 100),
        (Standing(1, 0, 0, False, 3), 0),
        (Standing(1, -2, -5, False, 9), 0),
        (Standing(1, 90, 30, False, 0), 48),
    ],
    ids=["the most", "more than the most", "the least", "less than the least", "half way"],
)
def test_score_stays_between_nothing_and_a_hundred(standing, expected):
    assert score(standing) == expected


def test_equals_stand_by_wait_and_key_whatever_the_order():
    ones = [Standing(key, 20, 10, True, 0) for key in (3, 1, 2)]

    assert [one.standing.key for one in rank(ones)] == [1, 2, 3]


def test_words_say_why():
    found = rank([Standing(1, 41, None, True, 0), Standing(2, 1, 10, False, 2), Standing(3, 0, 5, True, 1)])

    assert [one.words for one in found] == [
        "Waits 41 days, the longest; has no visit yet; mobile on file",
        "New today; mobile on file; 1 offer this week",
        "Waits 1 day; landline only; 2 offers this week",
    ]


def test_fairness_names_who_is_forgotten_and_who_is_asked_again():
    people = [Waiting(40 * DAY, 3), Waiting(30 * DAY, 0), Waiting(2 * DAY, 0)]

    assert fairness(people) == Fairness(3, 30, 40, 2, 30, 3)


def test_fairness_of_nobody():
    assert fairness([]) == Fairness(0, 0, 0, 0, 0, 0)
