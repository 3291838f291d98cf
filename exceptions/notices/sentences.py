"""What notices say. Pure: facts in, words out.

A sentence is made of the catalogue's title, the names of source and clinic, a count and an id. Nothing of a message
gets in, not even the raw code that the desk shows: mail and chat leave the house, and a code may be anything (I12).
"""

from collections.abc import Sequence
from typing import NamedTuple

from exceptions.catalogue import check_of
from exceptions.vocabulary import NoticeKind, Severity

LONGEST_PART = 120

_SAYS = {
    NoticeKind.STEP: "needs somebody",
    NoticeKind.ASSIGNED: "handed to you",
    NoticeKind.RESOLVED: "closed",
    NoticeKind.REOPENED: "happened again",
    NoticeKind.ENDED: "looks for somebody again",
}


class About(NamedTuple):
    """What a sentence may know of an exception. ``clinic`` is empty where none is known; ``held`` counts visits."""

    exception_id: int
    check_id: str
    severity: Severity
    source: str
    clinic: str
    held: int


class Told(NamedTuple):
    """One sentence of a digest: the exception it is about, and how many notices said it."""

    exception_id: int | None
    sentence: str
    times: int


def title(about: About) -> str:
    """Name a problem and its place: "Unknown status, Imaging · Lakeview RIS"."""
    place = f"{about.clinic} · {about.source}" if about.clinic else about.source
    return f"{_flat(check_of(about.check_id).title)}, {_flat(place)}"


def sentence(kind: NoticeKind, about: About) -> str:
    """Say what happened, like "Unknown status, Imaging · Lakeview RIS: needs somebody. 4 visits held."."""
    says = _SAYS.get(kind)
    first = f"{title(about)}: {says}." if says else f"{title(about)}."
    return f"{first} {held_words(about.held)}" if about.held and kind != NoticeKind.RESOLVED else first


def subject(kind: NoticeKind, about: About | None) -> str:
    """The subject line of an e-mail about one exception: "Blocking: unknown status, … needs somebody"."""
    if about is None:
        return "Recovery Desk: a notice for you"
    says = _SAYS.get(kind, "news")
    return f"{about.severity.label}, {says}: {title(about)}"


def digest_subject(told: Sequence[Told]) -> str:
    """The subject line of a digest: "7 notices about 3 problems"."""
    notices = sum(one.times for one in told)
    problems = len({one.exception_id for one in told})
    return f"{_plural(notices, 'notice')} about {_plural(problems, 'problem')}"


def told_words(told: Told) -> str:
    """One line of a digest, with its count where several notices said it."""
    return told.sentence if told.times == 1 else f"{told.sentence} ({told.times} notices)"


def held_words(number: int) -> str:
    """Say how many visits wait: "4 visits held."."""
    return f"{_plural(number, 'visit')} held."


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _flat(name: str) -> str:
    """One line, bounded: names are written by administrators, and a subject has no second line."""
    return " ".join(name.split())[:LONGEST_PART]
