"""Arms are random, and the same whenever they are drawn again."""

import pytest

from recovery.risk.arms import arm_of
from recovery.vocabulary import RiskArm

SECRET = bytes(range(32))


def held_out(share, visits=range(10_000), secret=SECRET):
    return {visit for visit in visits if arm_of(secret, visit, share) == RiskArm.HOLDOUT}


@pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (5, 430, 570), (20, 1880, 2120)])
def test_share_that_is_held_out_is_about_the_share_that_was_asked_for(share, least, most):
    assert least <= len(held_out(share)) <= most


def test_drawing_again_draws_the_same():
    assert held_out(10) == held_out(10)


def test_greater_share_holds_out_those_of_the_smaller_one_too():
    assert held_out(5) < held_out(20)


def test_another_secret_draws_others():
    other = held_out(10, secret=bytes(32))

    # Two independent draws of a tenth share about a hundredth.
    assert len(held_out(10) & other) < 200


def test_neighbouring_visits_are_drawn_apart():
    pairs = sum(visit + 1 in (held := held_out(20, range(2_000))) for visit in sorted(held_out(20, range(2_000))))

    assert 40 <= pairs <= 130 <= len(held)
