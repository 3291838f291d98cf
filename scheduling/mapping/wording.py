"""What the signals of a message are called, and a rule's signals in a line. One name each, wherever people read it."""

from collections.abc import Iterable

# In the order of ``Signals``.
SIGNAL_NAMES = (
    "Event", "Visit status", "Event reason", "Visit purpose", "Visit type", "Resource status", "Note",
)  # fmt: skip
KEEPS = "Keeps the status"


def rule_words(parts: Iterable[str | None]) -> str:
    """A rule's signals in a line: "S15, visit status ZZ9, no event reason"."""
    words = []
    for name, part in zip(SIGNAL_NAMES, parts, strict=True):
        if part is None:
            continue
        if part == "":
            words.append(f"no {name.lower()}")
        else:
            words.append(part if name == "Event" else f"{name.lower()} {part}")
    return ", ".join(words)
