"""How judgement speaks: short words for lists and sentences for panes. Pure."""

from collections.abc import Collection, Mapping

from config.web.paging import Count
from exceptions.vocabulary import Severity
from scheduling.vocabulary import PATIENT_FACING, REBOOKS, REFILLS, Decision

TONES = {Severity.BLOCKING: "held", Severity.DEGRADED: "warn", Severity.NOTE: "idle"}

_SHORT = {
    Decision.REFILL_24H: "refill within 24 h",
    Decision.REFILL_72H: "refill 24 to 72 h",
    Decision.REFILL_WEEK: "refill 3 to 7 days",
    Decision.REFILL_LATER: "refill over 7 days",
    Decision.REBOOK_BUMPED: "rebook bumped",
    Decision.REBOOK_MISSED: "rebook missed",
    Decision.CONFIRM: "confirm",
    Decision.STOP_OUTREACH: "stop outreach",
    Decision.WEEKLY_REPORT: "weekly report",
}


def decision_words(decisions: Collection[Decision]) -> str:
    """Name decisions as one short list: "Refill, rebook missed, confirm."; all of a group are named once."""
    if decisions and set(PATIENT_FACING) <= set(decisions):
        return "Refill, rebook and confirm."
    rest, words = set(decisions), []
    for group, word in ((REFILLS, "refill"), (REBOOKS, "rebook")):
        if set(group) <= rest:
            words.append(word)
            rest -= set(group)
    words += [_SHORT[decision] for decision in Decision if decision in rest]
    text = ", ".join(words)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def blocks_words(decisions: Collection[Decision]) -> str:
    """Say how much is blocked: "Blocks 3 decisions", "Blocks all work" where nothing may be done."""
    number = len(decisions)
    if number and set(PATIENT_FACING) <= set(decisions):
        return "Blocks all work"
    return f"Blocks {number} {'decision' if number == 1 else 'decisions'}" if number else "Blocks nothing"


def lede(counts: Mapping[str, Count]) -> str:
    """Say how the list stands: "17 open. 4 block work, 3 with nobody on them."; ``counts`` by split."""
    if not counts[""]:
        return "Nothing open."
    verb = "blocks" if counts["blocking"].value == 1 else "block"
    return f"{counts['']} open. {counts['blocking']} {verb} work, {counts['nobody']} with nobody on them."
