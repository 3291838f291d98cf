"""How judgement speaks: short words for lists and sentences for panes. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from config.web.paging import Count
from exceptions.vocabulary import Severity
from scheduling.vocabulary import PATIENT_FACING, REBOOKS, REFILLS, Decision

RAW = "{raw}"
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


class Words(NamedTuple):
    """A stretch of a sentence; a raw one is printed exactly as the feed sent it."""

    text: str
    is_raw: bool = False


def happened_words(happened: str, raw: str) -> list[Words]:
    """Put the raw value where a check's sentence asks for it, else into a sentence of its own."""
    if RAW in happened:
        before, _, after = happened.partition(RAW)
        return [Words(before), Words(raw or "nothing", is_raw=bool(raw)), Words(after.replace(RAW, raw))]
    return [Words(happened), *([Words(" The raw value is "), Words(raw, is_raw=True), Words(".")] if raw else [])]


def count_words(number: int) -> str:
    """Say how often: "once", "41 times"."""
    return "once" if number == 1 else f"{number:,} times"


def place_sentence(clinic: object, feed: object, source: object) -> str:
    """Name a place inside a sentence: "Imaging of Lakeview RIS"; without a clinic the feed stands for it."""
    inner = clinic or feed
    return f"{inner} of {source}" if inner and str(inner) != str(source) else str(source)


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
