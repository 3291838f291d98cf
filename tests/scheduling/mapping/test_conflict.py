"""The table of what a trigger may carry is whole and consistent."""

import pytest

from scheduling.mapping.conflict import CARRIES, KIND_OF_STATUS, contradicts, merged_kind
from scheduling.vocabulary import EventKind, Status

K, S = EventKind, Status


def test_every_status_has_a_kind():
    assert set(KIND_OF_STATUS) == set(S)


def test_every_kind_carries_the_status_that_names_it():
    lonely = [status for status, kind in KIND_OF_STATUS.items() if status not in CARRIES[kind]]

    assert lonely == []


@pytest.mark.parametrize(
    ("trigger", "kind", "status", "expected"),
    [
        (K.CANCELLED, None, S.BOOKED, True),
        (K.CANCELLED, None, S.BUMPED, False),
        (K.CANCELLED, None, None, False),
        (K.CANCELLED, K.CHANGED, None, False),
        (K.CANCELLED, K.RESCHEDULED, None, True),
        (K.CHANGED, K.RESCHEDULED, None, False),
        (K.CHANGED, None, S.MISSED, False),
        (K.SLOT_BLOCKED, None, S.BOOKED, True),
        (K.SLOT_BLOCKED, K.SLOT_BLOCKED, None, False),
    ],
)
def test_contradicts(trigger, kind, status, expected):
    assert contradicts(trigger, kind, status) == expected


@pytest.mark.parametrize(
    ("trigger", "status", "expected"),
    [
        (K.CREATED, S.CHECKED_IN, K.CREATED),
        (K.CHANGED, S.CONFIRMED, K.CONFIRMED),
        (K.CHANGED, S.BOOKED, K.CHANGED),
        (K.CHANGED, None, K.CHANGED),
    ],
)
def test_merged_kind(trigger, status, expected):
    assert merged_kind(trigger, status) == expected
