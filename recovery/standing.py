"""Where the work on an item stands for one person: free, theirs, a colleague's, resting, with somebody else. Pure.

``recovery.querysets`` holds its twin in SQL, which the tests keep equal to it.
"""

from datetime import datetime
from enum import StrEnum

from recovery.outcomes import PASSED_ON, SETTLED
from recovery.vocabulary import NextStep


class Standing(StrEnum):
    """Where the work on an item stands; an item stands in exactly one place."""

    MINE = "mine"
    TAKEN = "taken"
    SETTLED = "settled"  # nothing more to do, unless a message says otherwise
    RESTING = "resting"  # its next step lies ahead
    PASSED_ON = "passed_on"  # a supervisor, a clinician or an interpreter has the next step
    DUE = "due"  # somebody is to be called back by now
    FREE = "free"


# What "next best" hands out.
TO_DO = frozenset({Standing.FREE, Standing.DUE})


def standing(
    *,
    me: int | None,
    claimed_by: int | None,
    claimed_until: datetime | None,
    next_step: str,
    not_before: datetime | None,
    now: datetime,
) -> Standing:
    """Say where the work stands for the person ``me`` at ``now``; a claim that ran out holds nobody up."""
    if claimed_until is not None and claimed_until > now:
        return Standing.MINE if claimed_by == me else Standing.TAKEN
    if next_step in SETTLED:
        return Standing.SETTLED
    if not_before is not None and not_before > now:
        return Standing.RESTING
    if next_step in PASSED_ON:
        return Standing.PASSED_ON
    return Standing.DUE if next_step == NextStep.CALL_BACK else Standing.FREE
