"""The verbs of the pane: their words, their keys, and which of them fit where the work stands."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.vocabulary import Role
from recovery.outreach.gateways import is_switched_on
from recovery.selectors.pane import Pane
from recovery.standing import Standing
from recovery.vocabulary import OutreachChannel

# Who works the queue; launch leads and administrators only look.
ACTORS = (Role.ACCESS, Role.SUPERVISOR)
TAKE, LET_GO, FREE, HAND_OVER, CALL, PIN, UNPIN = "take", "let_go", "free", "hand_over", "call", "pin", "unpin"
CLOSE, REOPEN = "close", "reopen"
TEXT, EMAIL = "text", "email"
WRITES = {TEXT: OutreachChannel.TEXT, EMAIL: OutreachChannel.EMAIL}
# "o" hands over in the inbox of exceptions too; "g" begins the keys that lead elsewhere.
KEYS = {
    TAKE: "a",
    LET_GO: "u",
    FREE: "u",
    HAND_OVER: "o",
    CALL: "c",
    TEXT: "t",
    EMAIL: "e",
    PIN: "p",
    UNPIN: "p",
    CLOSE: "d",
    REOPEN: "d",
}
LABELS = {
    TAKE: "Take",
    LET_GO: "Let go",
    FREE: "Free it…",
    HAND_OVER: "Hand over…",
    CALL: "Call",
    PIN: "Pin…",
    UNPIN: "End pin",
    CLOSE: "Close…",
    REOPEN: "Open again",
    TEXT: "Text…",
    EMAIL: "E-mail…",
}
# Verbs that ask something first, and the word on the button that sends the answer.
SUBMIT = {
    FREE: "Free it",
    HAND_OVER: "Hand over",
    PIN: "Pin it",
    CLOSE: "Close it",
    TEXT: "Send the text",
    EMAIL: "Send the e-mail",
}
PAGE_KEYS = [
    {"key": "n", "label": "Take the next best chance"},
    {"key": "a", "label": "Take"},
    {"key": "c", "label": "Call"},
    {"key": "t", "label": "Read the text before it goes"},
    {"key": "e", "label": "Read the e-mail before it goes"},
    {"key": "1", "label": "Choose the first person for a free slot, and so on"},
    {"key": "s", "label": "Reserve a free slot for somebody you ask yourself"},
    {"key": "u", "label": "Let go"},
    {"key": "o", "label": "Hand over"},
    {"key": "p", "label": "Pin, or end the pin"},
    {"key": "d", "label": "Close it by hand, or open it again"},
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
    """The verbs that fit where the work on an item stands, the likeliest first."""
    if not pane.item.is_open:
        return [REOPEN] if pane.item.is_done_by_hand else []
    pin = UNPIN if pane.row.is_pinned else PIN
    if pane.row.standing == Standing.MINE:
        return [*(_ways() if pane.may_call else []), HAND_OVER, LET_GO, pin, CLOSE]
    if pane.row.standing == Standing.TAKEN:
        return [FREE, pin] if is_supervisor else [pin]
    return [pin, CLOSE] if pane.row.is_held else [TAKE, pin, CLOSE]


def _ways() -> list[str]:
    """A call, and the messages that can leave this desk."""
    return [CALL, *channels_on()]


def channels_on() -> list[str]:
    """The verbs that write, of the channels that are switched on at this desk."""
    return [verb for verb, channel in WRITES.items() if is_switched_on(channel)]


def writes_for(verbs: list[str], item_id: int) -> list[Button]:
    """The verbs that write to the person, which stand beside the call."""
    return _buttons([name for name in verbs if name in WRITES], item_id)


def buttons_for(verbs: list[str], item_id: int) -> list[Button]:
    """The other verbs; a call has a form of its own."""
    return _buttons([name for name in verbs if name != CALL and name not in WRITES], item_id)


def _buttons(names: list[str], item_id: int) -> list[Button]:
    return [
        Button(name, LABELS[name], KEYS[name], name in SUBMIT, name == TAKE, url_of(name, item_id)) for name in names
    ]


def url_of(verb: str, item_id: int) -> str:
    """Where a verb is sent to."""
    return reverse(f"recovery:{verb}", args=[item_id])
