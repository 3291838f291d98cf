"""Regular expressions of routing rules: only such as cannot run for long. Pure.

Python's engine cannot be interrupted, so what could make it go back and forth without end is refused instead: a
repeated group that repeats or chooses inside, references back, and more open repeats than a raw value of
200 characters can bear.
"""

import re
from functools import lru_cache

MOST_PATTERN = 200
MOST_REPEATS = 2
MOST_CHOICES = 8
_MARKS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P?[=<!:][=!]?|[()|*+?]|\{\d*,?\d*\}|.", re.DOTALL)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that is short to run.

    Raises:
        ValueError: with a sentence that says what is wrong with it.
    """
    if len(pattern) > MOST_PATTERN:
        raise ValueError(f"A pattern has {MOST_PATTERN} characters at most.")
    try:
        found = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"The pattern cannot be read: {error}.") from error
    if found.groups and re.search(r"\\[1-9]|\(\?P=|\(\?\(", pattern):
        raise ValueError("The pattern refers back to a group, which can take too long.")
    _refuse_long_runs(pattern)
    return found


def _refuse_long_runs(pattern: str) -> None:
    """Walk the marks of a readable pattern, with a note for each open group: does it repeat or choose inside?"""
    inside, closed, repeats, choices, before = [False], False, 0, 0, ""
    for mark in _MARKS.findall(pattern):
        if mark.startswith("("):
            inside.append(False)
        elif mark == ")":
            closed = inside.pop()
            inside[-1] |= closed
            choices += closed
        elif mark == "|":
            inside[-1] = True
        elif _is_repeat(mark, before):
            if before == ")" and closed:
                raise ValueError("The pattern repeats a group that repeats or chooses inside, which can take too long.")
            inside[-1] |= not _is_fixed(mark)
            repeats += mark != "?" and not _is_fixed(mark)
            choices += mark == "?"
        before = mark
    if repeats > MOST_REPEATS or choices > MOST_CHOICES:
        raise ValueError(
            f"The pattern has more than {MOST_REPEATS} repeats or {MOST_CHOICES} choices: too long to run."
        )


def _is_repeat(mark: str, before: str) -> bool:
    """Whether a mark repeats what stands before it; the second one of "+?" only says how."""
    if before in {"", "|"} or before.startswith("("):
        return False
    if mark == "?":
        return before not in {"*", "+", "?"} and not before.startswith("{")
    return mark in {"*", "+"} or (mark.startswith("{") and len(mark) > 1)


def _is_fixed(mark: str) -> bool:
    """Whether it repeats exactly so often, which alone leaves no choice."""
    return mark.startswith("{") and "," not in mark
