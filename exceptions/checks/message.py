"""Messages themselves: what arrived, not what it says. Counted when it happens; a person closes them."""

from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, OwnerTeam, Severity

CHECKS = (
    Check(
        id="unreadable_message",
        title="Unreadable message",
        family=Family.MESSAGE,
        severity=Severity.DEGRADED,
        happened="A message arrived that cannot be read at all, so what it said is unknown.",
        advice="Open a message to see where it breaks, have the sender repair it and send it again.",
    ),
    Check(
        id="processing_failed",
        title="Processing failed",
        family=Family.MESSAGE,
        severity=Severity.DEGRADED,
        happened="A message was read, but working on it raised an error of ours. The others went on.",
        advice="Send the traceback id to IT. The message is kept and can be processed again.",
        owner=OwnerTeam.IT,
    ),
    Check(
        id="control_id_reused",
        title="Same id, different body",
        family=Family.MESSAGE,
        severity=Severity.NOTE,
        happened="The feed used one control id for two different messages. Both were applied.",
        advice="Nothing is lost. Ask the sender to count on, so that real repeats can be told apart.",
    ),
    Check(
        id="batch_count",
        title="Wrong count in a batch",
        family=Family.MESSAGE,
        severity=Severity.DEGRADED,
        happened="A file or batch announces another number of messages than it holds.",
        advice="Ask the sender for the missing ones: the file may have been cut off.",
    ),
    Check(
        id="wrong_charset",
        title="Wrong character set",
        family=Family.MESSAGE,
        severity=Severity.NOTE,
        happened="The message names a character set that its bytes do not keep to.",
        advice="Names may be misspelt. Have the sender declare the set it really uses.",
    ),
    Check(
        id="times_disagree",
        title="Start given twice, differently",
        family=Family.MESSAGE,
        severity=Severity.DEGRADED,
        happened="One message states the start or length of a visit in two places, and they disagree.",
        advice="Ask the source which field holds the truth, and set it in the feed.",
    ),
    Check(
        id="unreadable_value",
        title="Unreadable value",
        family=Family.MESSAGE,
        severity=Severity.NOTE,
        happened="A field holds a value that is no time, number or number to call; it was left out.",
        advice="Open a message to see the field, and have the sender repair it.",
    ),
    Check(
        id="reader_problem",
        title="Odd message",
        family=Family.MESSAGE,
        severity=Severity.NOTE,
        happened="A message was read, but a part of it is not as its format asks.",
        advice="Open a message to see which part. Nothing else of it was lost.",
    ),
)

_READ_AS = {
    "bad_charset": "wrong_charset",
    "durations_disagree": "times_disagree",
    "death_disagrees": "unreadable_value",
    "bad_time": "unreadable_value",
    "bad_date": "unreadable_value",
    "bad_duration": "unreadable_value",
    "bad_contact": "unreadable_value",
    "bad_death_indicator": "unreadable_value",
    "bad_number": "unreadable_value",
    "date_only": "unreadable_value",
    "unknown_word": "unreadable_value",
}


# Checks that several kinds of problems read as: there the kind is part of the raw value.
_MIXED = frozenset({"unreadable_value", "reader_problem"})


def read_problem(kind: str, raw: str) -> tuple[str, str]:
    """Name the check and the raw value under which a reader's problem is counted.

    What has no check of its own is an odd message.
    """
    check = _READ_AS.get(kind, "reader_problem")
    return check, f"{kind} {raw}".strip() if check in _MIXED else raw
