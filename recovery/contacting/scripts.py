"""What may be said by which way, and the words with their gaps filled in. Pure.

A wording has gaps like ``{phone}``. Which gaps a channel may have is the minimum necessary (45 CFR 164.502(b)): whoever
listens to a voicemail or reads a locked screen learns no specialty and no kind of visit. A text says who we are, where
to call and how to end texts, in 160 characters (47 CFR 64.1200(a)(9)(iv)).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from recovery.vocabulary import OutreachChannel

CALL, TEXT, EMAIL, LETTER = OutreachChannel.CALL, OutreachChannel.TEXT, OutreachChannel.EMAIL, OutreachChannel.LETTER
MOST_IN_A_TEXT = 160
STOP_WORD = "STOP"
# Every gap with a value to look at.
EXAMPLES = {
    "first_name": "Ada",
    "practice": "Northfield Health",
    "phone": "312-555-0100",
    "day": "Tue 24 Nov",
    "time": "10:40",
    "place": "Main Street 5",
    "provider": "Dr. Okafor",
    "clinic": "Cardiology",
    "visit": "Echocardiogram",
}
_ANYBODY_MAY_HEAR = frozenset({"first_name", "practice", "phone"})
_ON_A_SCREEN = _ANYBODY_MAY_HEAR | {"day", "time", "place", "provider"}
# A voicemail is what is said when nobody answers a call.
GAPS: Mapping[OutreachChannel, frozenset[str]] = {
    CALL: _ANYBODY_MAY_HEAR,
    TEXT: _ON_A_SCREEN,
    EMAIL: _ON_A_SCREEN,
    LETTER: frozenset(EXAMPLES),
}
NEEDED = frozenset({"practice", "phone"})
_GAP = re.compile(r"\{([^{}]*)\}")
_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
}
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}


# How people call what a wording of a channel becomes.
WAY_NAMES = {CALL: "Voicemail", TEXT: "Text", EMAIL: "E-mail", LETTER: "Letter"}


class ScriptError(ValueError):
    """A wording that cannot be used as it stands; the text is fit for the screen."""


class Wording(NamedTuple):
    """The words of a template."""

    channel: OutreachChannel
    body: str
    subject: str = ""


class Script(NamedTuple):
    """What is said or sent."""

    body: str
    subject: str = ""


def problems(wording: Wording) -> list[str]:
    """What keeps a wording from being used, in sentences; none means that it may be."""
    gaps = _gaps(wording)
    found = [f"There is no {{{gap}}}." for gap in sorted(gaps - EXAMPLES.keys())]
    found += [
        f"{{{gap}}} tells too much for {_WAYS[wording.channel]}."
        for gap in sorted(gaps & EXAMPLES.keys() - GAPS[wording.channel])
    ]
    found += [f"Say who we are and where to call: {{{gap}}}." for gap in sorted(NEEDED - gaps)]
    if "{" in _GAP.sub("", wording.body) or "}" in _GAP.sub("", wording.body):
        found.append("A bracket stands alone.")
    if wording.channel == TEXT and STOP_WORD not in wording.body:
        found.append(f"Say how to end texts: reply {STOP_WORD}.")
    if wording.channel == EMAIL and not wording.subject.strip():
        found.append("An e-mail needs a subject.")
    if wording.channel != EMAIL and wording.subject.strip():
        found.append("Only e-mails have a subject.")
    length = len(_filled(wording.body, EXAMPLES))
    if wording.channel == TEXT and length > MOST_IN_A_TEXT:
        found.append(f"{length} characters with the example values; a text has {MOST_IN_A_TEXT}.")
    return found


def render(wording: Wording, facts: Mapping[str, str]) -> Script:
    """Fill in the gaps; raises ScriptError where a value is missing, or a text comes out too long.

    What the channel may not tell is never looked up in ``facts``, whatever the wording asks for.
    """
    known = {gap: facts[gap] for gap in GAPS[wording.channel] if facts.get(gap, "").strip()}
    missing = sorted(_gaps(wording) - known.keys())
    if missing:
        raise ScriptError(f"Nothing is known for {', '.join(f'{{{gap}}}' for gap in missing)}.")
    script = Script(_filled(wording.body, known), _filled(wording.subject, known))
    if wording.channel == TEXT and len(script.body) > MOST_IN_A_TEXT:
        raise ScriptError(f"The text has {len(script.body)} characters, of {MOST_IN_A_TEXT}.")
    return script


def withheld(channel: OutreachChannel) -> list[str]:
    """What this way never tells, in our words."""
    return [gap.replace("_", " ") for gap in EXAMPLES if gap not in GAPS[channel]]


def say_day(on: date, language: str) -> str:
    """A day in the language of the wording: "Tue 24 Nov"; one we have no words for gets the date in figures."""
    if language not in _WEEKDAYS:
        return on.isoformat()
    return f"{_WEEKDAYS[language][on.weekday()]} {on.day} {_MONTHS[language][on.month - 1]}"


_WAYS = {CALL: "a voicemail", TEXT: "a text", EMAIL: "an e-mail", LETTER: "a letter"}


def _gaps(wording: Wording) -> set[str]:
    return {gap for text in (wording.body, wording.subject) for gap in _GAP.findall(text)}


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with known gaps filled; a value is one line, and brackets in it are only words."""
    return _GAP.sub(lambda gap: _one_line(values.get(gap[1], gap[0]).split()), text).strip()


def _one_line(words: Iterable[str]) -> str:
    return " ".join(words)
