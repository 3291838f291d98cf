"""The verbs of the pane: their words, their keys, and which of them fit where the work stands."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.vocabulary import Role
from recovery.selectors.pane import Pane
from recovery.standing import Standing

# Who works the queue; launch leads and administrators only look.
ACTORS = (Role.ACCESS, Role.SUPERVISOR)
TAKE, LET_GO, FREE, HAND_OVER, CALL, PIN, UNPIN = "take", "let_go", "free", "hand_over", "call", "pin", "unpin"
# "o" hands over in the inbox of exceptions too; "g" begins the keys that lead elsewhere.
KEYS = {TAKE: "a", LET_GO: "u", FREE: "u", HAND_OVER: "o", CALL: "c", PIN: "p", UNPIN: "p"}
LABELS = {
    TAKE: "Take",
    LET_GO: "Let go",
    FREE: "Free it…",
    HAND_OVER: "Hand over…",
    CALL: "Call",
    PIN: "Pin…",
    UNPIN: "End pin",
}
# Verbs that ask something first, and the word on the button that sends the answer.
SUBMIT = {FREE: "Free it", HAND_OVER: "Hand over", PIN: "Pin it"}
PAGE_KEYS = [
    {"key": "n", "label": "Take the next best chance"},
    {"key": "a", "label": "Take"},
    {"key": "c", "label": "Call"},
    {"key": "u", "label": "Let go"},
    {"key": "o", "label": "Hand over"},
    {"key": "p", "label": "Pin, or end the pin"},
    {"key": "v", "label": "Open the visit itself"},
    {"key": "Esc", "label": "Leave a form"},
]


@dataclass(frozen=True, slots=True)
class Button:
    """One verb in the foot of the pane; ``asks`` opens a form, the others are sent at once."""

    name: str
    label: str
    key: str
    asks: bool
    is_strong: bool
    url: str = ""


def verbs_for(pane: Pane, *, is_supervisor: bool) -> list[str]:
    """The verbs that fit where the work on an open item stands, the likeliest first."""
    if not pane.item.is_open:
        return []
    pin = UNPIN if pane.row.is_pinned else PIN
    if pane.row.standing == Standing.MINE:
        return [CALL, HAND_OVER, LET_GO, pin] if pane.may_call else [HAND_OVER, LET_GO, pin]
    if pane.row.standing == Standing.TAKEN:
        return [FREE, pin] if is_supervisor else [pin]
    return [pin] if pane.row.is_held else [TAKE, pin]


def buttons_for(verbs: list[str], item_id: int) -> list[Button]:
    """The same as buttons; a call has a form of its own."""
    names = [name for name in verbs if name != CALL]
    return [
        Button(name, LABELS[name], KEYS[name], name in SUBMIT, name == TAKE, url_of(name, item_id)) for name in names
    ]


def url_of(verb: str, item_id: int) -> str:
    """Where a verb is sent to."""
    return reverse(f"recovery:{verb}", args=[item_id])
