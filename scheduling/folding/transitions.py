"""Which changes of status cannot happen to one visit.

A source that reports one is not believed: the visit is held until a possible change follows. Booking anew under the
same id after a cancellation, and arriving after being marked missed, do happen.
"""

from scheduling.vocabulary import Status

_S = Status
_BEFORE_ARRIVAL = frozenset({_S.REQUESTED, _S.WAITLISTED, _S.PENDING, _S.BOOKED, _S.CONFIRMED})
_AFTER_ARRIVAL = frozenset({_S.CHECKED_IN, _S.IN_PROGRESS, _S.COMPLETED, _S.LEFT_UNSEEN})
_GIVEN_UP = frozenset({_S.CANCELLED, _S.BUMPED})

IMPOSSIBLE: dict[str, frozenset[str]] = {
    _S.COMPLETED: frozenset(_S) - {_S.COMPLETED, _S.ENTERED_IN_ERROR},
    _S.CANCELLED: _AFTER_ARRIVAL | {_S.CONFIRMED, _S.MISSED},
    _S.BUMPED: _AFTER_ARRIVAL | {_S.CONFIRMED, _S.MISSED},
    _S.CHECKED_IN: frozenset({_S.MISSED, _S.REQUESTED, _S.WAITLISTED}),
    _S.IN_PROGRESS: _BEFORE_ARRIVAL | _GIVEN_UP | {_S.MISSED},
    _S.MISSED: frozenset({_S.CONFIRMED}),
    _S.LEFT_UNSEEN: frozenset({_S.CONFIRMED, _S.MISSED}),
    _S.ENTERED_IN_ERROR: frozenset(_S) - {_S.ENTERED_IN_ERROR},
}


def is_impossible(before: str | None, after: str) -> bool:
    """Whether no visit goes from ``before`` to ``after``."""
    return before is not None and after in IMPOSSIBLE.get(before, ())
