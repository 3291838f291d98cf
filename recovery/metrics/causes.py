"""What became of a freed slot, and why it stayed empty: one cause each, by a precedence that is written down. Pure.

The database answers yes or no to each question about a slot (``Flag``); everything else follows from these answers.
"""

from collections.abc import Mapping
from enum import IntFlag, StrEnum

from recovery.vocabulary import AttemptOutcome


class Flag(IntFlag):
    """One yes-or-no answer about a slot that a visit gave back and whose start has passed."""

    NOTICED = 1  # given back early enough to count
    COMPLETED = 2  # somebody came and was seen
    MISSED = 4  # somebody took it and did not come, or left unseen
    STANDING = 8  # somebody took it, and the source has not said how it ended
    LATE = 16  # given back when nobody could have come any more
    TEMPLATE = 32
    HEARD_LATE = 64  # given back in time, but we heard of it after the last useful moment
    NOT_LIVE = 128
    ACCEPTED = 256
    UNANSWERED = 512
    DECLINED = 1024
    UNREACHABLE = 2048
    BY_HAND = 4096
    STALE = 8192  # an act was refused because data was too old, or an exception said so as the chance ended
    NO_WAY = 16384  # an act was refused because the person may not be contacted
    HELD = 32768  # what is known of the visit or the slot held it, or an act was refused for another reason
    NOBODY = 65536  # nobody waited and nobody had a later visit that fits
    FOUND = 131072  # it was in the queue
    ACTED = 262144  # somebody was tried or asked


TAKEN = Flag.COMPLETED | Flag.MISSED | Flag.STANDING


class Cause(StrEnum):
    """Why a slot stayed empty."""

    TOO_LATE = "too_late"
    TEMPLATE = "template"
    HEARD_LATE = "heard_late"
    NOT_LIVE = "not_live"
    NOT_BOOKED = "not_booked"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    BY_HAND = "by_hand"
    STALE_DATA = "stale_data"
    BLOCKED = "blocked"
    NOBODY_FITS = "nobody_fits"
    NOT_WORKED = "not_worked"


# The first that is true is the cause. What nobody could have helped stands before what was tried, what was tried
# before what was in the way of trying, and that nobody tried comes last.
PRECEDENCE: Mapping[Cause, Flag] = {
    Cause.TOO_LATE: Flag.LATE,
    Cause.TEMPLATE: Flag.TEMPLATE,
    Cause.HEARD_LATE: Flag.HEARD_LATE,
    Cause.NOT_LIVE: Flag.NOT_LIVE,
    Cause.NOT_BOOKED: Flag.ACCEPTED,
    Cause.NO_ANSWER: Flag.UNANSWERED,
    Cause.DECLINED: Flag.DECLINED,
    Cause.UNREACHABLE: Flag.UNREACHABLE | Flag.NO_WAY,
    Cause.BY_HAND: Flag.BY_HAND,
    Cause.STALE_DATA: Flag.STALE,
    Cause.BLOCKED: Flag.HELD,
    Cause.NOBODY_FITS: Flag.NOBODY,
}
# What the outcome of a try says about why the slot stayed empty; every outcome is of one kind.
OUTCOMES: Mapping[AttemptOutcome | str, Flag] = {
    AttemptOutcome.CONFIRMED: Flag.ACCEPTED,
    AttemptOutcome.BOOKED: Flag.ACCEPTED,
    AttemptOutcome.ACCEPTED: Flag.ACCEPTED,
    AttemptOutcome.DECLINED: Flag.DECLINED,
    AttemptOutcome.NO_CALLS: Flag.DECLINED,
    AttemptOutcome.BARRIER: Flag.DECLINED,
    AttemptOutcome.CANCELLED: Flag.DECLINED,
    AttemptOutcome.NO_ANSWER: Flag.UNANSWERED,
    AttemptOutcome.VOICEMAIL: Flag.UNANSWERED,
    AttemptOutcome.BUSY: Flag.UNANSWERED,
    AttemptOutcome.THIRD_PARTY: Flag.UNANSWERED,
    AttemptOutcome.CALL_BACK: Flag.UNANSWERED,
    AttemptOutcome.SENT: Flag.UNANSWERED,
    "": Flag.UNANSWERED,
    AttemptOutcome.WRONG_NUMBER: Flag.UNREACHABLE,
    AttemptOutcome.INTERPRETER: Flag.UNREACHABLE,
    AttemptOutcome.DIED: Flag.UNREACHABLE,
    AttemptOutcome.GONE: Flag(0),
    AttemptOutcome.PUT_BACK: Flag(0),
}
# Why the guard refused, by its codes. What passed by itself in a moment explains no lost slot.
STALE_CODES = frozenset({"freshness", "no_proof", "consent_stale"})
NO_WAY_CODES = frozenset(
    {
        "died", "merged", "opted_out", "opted_out_partly", "other_way_only", "restricted", "restricted_in_writing",
        "no_guardian", "confidential_visit", "minor_in_writing", "no_point", "shared_number", "no_template",
        "quiet_hours", "counted_today", "counted_week", "tries_used", "resting", "no_contact",
        "asked_already", "asked_lately",
    }
)  # fmt: skip
PASSING_CODES = frozenset(
    {
        "unread", "busy", "taken", "not_claimed", "changed", "told_already", "too_late", "ran_out", "lost", "offered",
        "accepted", "candidate_gone", "candidate_moved", "lead_time", "needs_review",
    }
)  # fmt: skip


def cause_of(flags: Flag) -> Cause | None:
    """Why the slot stayed empty; None where somebody took it."""
    if flags & TAKEN:
        return None
    return next((cause for cause, flag in PRECEDENCE.items() if flags & flag), Cause.NOT_WORKED)


def outcomes_of(flag: Flag) -> list[str]:
    """The outcomes of tries that mean this, in a fixed order."""
    return sorted(str(outcome) for outcome, means in OUTCOMES.items() if means == flag)
