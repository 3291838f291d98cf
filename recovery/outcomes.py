"""What follows from an outcome: the catalogue of next steps. Pure.

Source: research/recovery.md section 1b. An outcome names the steps that may follow; the first is the usual one. How
often a family is tried and how long it rests is the clinic's to decide (``AttemptPolicy``).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from recovery.contacting.facts import Tries
from recovery.vocabulary import AttemptOutcome, Family, Mark, NextStep


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

# A visit at risk is called about once (recovery.contacting.rules.asked): what reached nobody goes on in writing.
_OF_CONFIRM: Mapping[AttemptOutcome, tuple[NextStep, ...]] = {
    AttemptOutcome.NO_ANSWER: (NextStep.OTHER_CHANNEL, NextStep.CLOSE),
    AttemptOutcome.VOICEMAIL: (NextStep.OTHER_CHANNEL, NextStep.CLOSE),
    AttemptOutcome.BUSY: (NextStep.OTHER_CHANNEL, NextStep.CLOSE),
    AttemptOutcome.WRONG_NUMBER: (NextStep.FIX_CONTACT, NextStep.OTHER_CHANNEL, NextStep.CLOSE),
    AttemptOutcome.THIRD_PARTY: (NextStep.CALL_BACK, NextStep.OTHER_CHANNEL, NextStep.CLOSE),
}
_STEPS_OF: Mapping[Family, Mapping[AttemptOutcome, tuple[NextStep, ...]]] = {
    # A slot that one person does not want is still free.
    Family.REFILL: {AttemptOutcome.DECLINED: (NextStep.NEXT_PERSON, NextStep.CLINICIAN)},
    Family.CONFIRM: _OF_CONFIRM,
}
# What follows when a family was tried as often as it may be (research/recovery.md section 1b); else nothing more.
USED_UP: Mapping[Family, NextStep] = {Family.REBOOK_MISSED: NextStep.LETTER, Family.REBOOK_BUMPED: NextStep.LETTER}
# Outcomes that a call about a family cannot have.
_AHEAD = frozenset({AttemptOutcome.CONFIRMED, AttemptOutcome.CANCELLED})
_NOT_OF: Mapping[Family, frozenset[AttemptOutcome]] = {
    Family.REFILL: _AHEAD | {AttemptOutcome.BOOKED},
    Family.REBOOK_MISSED: _AHEAD | {AttemptOutcome.ACCEPTED},
    Family.REBOOK_BUMPED: _AHEAD | {AttemptOutcome.ACCEPTED},
    Family.CONFIRM: frozenset({AttemptOutcome.ACCEPTED, AttemptOutcome.DECLINED}),
}


def outcomes_of(family: Family) -> dict[AttemptOutcome, Follows]:
    """How a call about a family can go, and what follows; a message that was sent is no call."""
    left_out = _NOT_OF[family] | {AttemptOutcome.SENT}
    return {outcome: follows_of(outcome, family) for outcome in OUTCOMES if outcome not in left_out}


def follows_of(outcome: AttemptOutcome, family: Family) -> Follows:
    """What an outcome brings about where it is about this family."""
    follows = OUTCOMES[outcome]
    own = _STEPS_OF.get(family, {}).get(outcome)
    return follows if own is None else follows._replace(steps=own)


def step_after(family: Family, step: NextStep, tries: Tries) -> NextStep:
    """The step that follows where ``tries`` counts this try too: nothing is tried again past its limit.

    A slot is offered to as many people as fit; its limit is the person's.
    """
    is_over = family != Family.REFILL and tries.most is not None and tries.used >= tries.most
    return USED_UP.get(family, NextStep.CLOSE) if is_over and step in AGAIN else step


# Steps that come after a rest, unless a moment is named.
AGAIN = frozenset({NextStep.TRY_AGAIN, NextStep.OTHER_CHANNEL})
NEEDS_MOMENT = frozenset({NextStep.CALL_BACK})
# Steps of somebody else: the item leaves the caller's hands.
PASSED_ON = frozenset({NextStep.SUPERVISOR, NextStep.CLINICIAN, NextStep.FIX_CONTACT, NextStep.INTERPRETER})
# Nothing is left to do by hand: the EHR's own message closes the item, or its time.
SETTLED = frozenset({NextStep.WAIT_FOR_EHR, NextStep.CLOSE, NextStep.CONSENT})
FARTHEST = timedelta(days=30)
