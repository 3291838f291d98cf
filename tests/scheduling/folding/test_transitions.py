"""Which changes of status no visit goes through."""

import pytest

from scheduling.folding.transitions import is_impossible
from scheduling.vocabulary import Status

S = Status


@pytest.mark.parametrize("status", Status, ids=str)
def test_any_status_may_come_first_and_may_stay(status):
    assert not is_impossible(None, status)
    assert not is_impossible(status, status)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.BOOKED, S.CANCELLED), (S.BOOKED, S.COMPLETED), (S.CANCELLED, S.BOOKED), (S.BUMPED, S.BOOKED),
        (S.MISSED, S.CHECKED_IN), (S.MISSED, S.COMPLETED), (S.MISSED, S.BOOKED), (S.CHECKED_IN, S.LEFT_UNSEEN),
        (S.CHECKED_IN, S.COMPLETED), (S.COMPLETED, S.ENTERED_IN_ERROR), (S.LEFT_UNSEEN, S.CHECKED_IN),
        (S.CANCELLED, S.BUMPED), (S.CHECKED_IN, S.BOOKED), (S.CANCELLED, S.ENTERED_IN_ERROR),
    ],
    ids=str,
)  # fmt: skip
def test_what_happens_in_clinics_is_possible(before, after):
    assert not is_impossible(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.COMPLETED, S.BOOKED), (S.COMPLETED, S.MISSED), (S.COMPLETED, S.CANCELLED), (S.CANCELLED, S.COMPLETED),
        (S.CANCELLED, S.CONFIRMED), (S.BUMPED, S.MISSED), (S.CHECKED_IN, S.MISSED), (S.IN_PROGRESS, S.BOOKED),
        (S.MISSED, S.CONFIRMED), (S.LEFT_UNSEEN, S.MISSED), (S.ENTERED_IN_ERROR, S.BOOKED),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_happen_is_impossible(before, after):
    assert is_impossible(before, after)
