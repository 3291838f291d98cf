"""What follows from an outcome: the catalogue of next steps. Pure.

Source: research/recovery.md section 1b. An outcome names the steps that may follow; the first is the usual one. Where
a step needs a moment, ``RESTS`` says when the item is next to be looked at if nobody says otherwise.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from recovery.vocabulary import AttemptOutcome, Family, Mark, NextStep

SOON = timedelta(minutes=30)


class Follows(NamedTuple):
    """What an outcome brings about.

    ``steps``: what may follow, the usual first. ``mark``: what it tells of the number. ``is_try``: counts against the
    limit of its family. ``needs_note``: a few words must say more.
    """

    steps: tuple[NextStep, ...]
    mark: Mark | None = None
    is_try: bool = True
    needs_note: bool = False


OUTCOMES: Mapping[AttemptOutcome, Follows] = {
    AttemptOutcome.CONFIRMED: Follows((NextStep.WAIT_FOR_EHR,), Mark.REACHED),
    AttemptOutcome.BOOKED: Follows((NextStep.WAIT_FOR_EHR,), Mark.REACHED),
    AttemptOutcome.ACCEPTED: Follows((NextStep.WAIT_FOR_EHR,), Mark.REACHED),
    AttemptOutcome.DECLINED: Follows((NextStep.CLOSE, NextStep.NEXT_PERSON, NextStep.CLINICIAN), Mark.REACHED),
    AttemptOutcome.NO_ANSWER: Follows((NextStep.TRY_AGAIN, NextStep.OTHER_CHANNEL, NextStep.NEXT_PERSON)),
    AttemptOutcome.VOICEMAIL: Follows((NextStep.TRY_AGAIN, NextStep.OTHER_CHANNEL, NextStep.NEXT_PERSON)),
    AttemptOutcome.BUSY: Follows((NextStep.TRY_AGAIN, NextStep.NEXT_PERSON)),
    AttemptOutcome.WRONG_NUMBER: Follows(
        (NextStep.FIX_CONTACT, NextStep.OTHER_CHANNEL, NextStep.NEXT_PERSON), Mark.WRONG
    ),
    AttemptOutcome.THIRD_PARTY: Follows((NextStep.CALL_BACK, NextStep.TRY_AGAIN)),
    AttemptOutcome.CALL_BACK: Follows((NextStep.CALL_BACK,), Mark.REACHED),
    AttemptOutcome.INTERPRETER: Follows((NextStep.INTERPRETER,), Mark.REACHED),
    AttemptOutcome.BARRIER: Follows((NextStep.SUPERVISOR, NextStep.CALL_BACK), Mark.REACHED, needs_note=True),
    AttemptOutcome.NO_CALLS: Follows((NextStep.CONSENT,), Mark.REACHED),
    AttemptOutcome.CANCELLED: Follows((NextStep.WAIT_FOR_EHR,), Mark.REACHED),
    AttemptOutcome.DIED: Follows((NextStep.SUPERVISOR,), needs_note=True),
    AttemptOutcome.GONE: Follows((NextStep.CLOSE,), is_try=False),
    AttemptOutcome.SENT: Follows((NextStep.OTHER_CHANNEL, NextStep.NEXT_PERSON)),
    AttemptOutcome.PUT_BACK: Follows((NextStep.TRY_AGAIN,), is_try=False, needs_note=True),
}

# When the step may be done at the earliest, unless a moment is named. A retry falls at another hour of another day
# for a visit that was missed, and soon for a slot that passes.
RESTS: Mapping[Family, timedelta] = {
    Family.REFILL: SOON,
    Family.REBOOK_MISSED: timedelta(hours=20),
    Family.REBOOK_BUMPED: timedelta(hours=4),
}
NEEDS_MOMENT = frozenset({NextStep.CALL_BACK})
# Steps of somebody else: the item leaves the caller's hands.
PASSED_ON = frozenset({NextStep.SUPERVISOR, NextStep.CLINICIAN, NextStep.FIX_CONTACT, NextStep.INTERPRETER})
# Nothing is left to do by hand: the EHR's own message closes the item, or its time.
SETTLED = frozenset({NextStep.WAIT_FOR_EHR, NextStep.CLOSE, NextStep.CONSENT})
FARTHEST = timedelta(days=30)
