"""The verbs of the pane and of the bar for many: their words, keys, forms, and who may use them."""

from dataclasses import dataclass

from accounts.vocabulary import Role
from exceptions.selectors.pane import Pane
from exceptions.vocabulary import State, Verb

# Everyone who works on exceptions; an auditor only looks.
MOVERS = (Role.ACCESS, Role.SUPERVISOR, Role.INTEGRATION, Role.MAPPING, Role.LAUNCH, Role.ADMIN)
# Who may accept for a while that something stays wrong.
WAIVING = (Role.SUPERVISOR, Role.INTEGRATION, Role.LAUNCH, Role.ADMIN)

WORDS = {
    Verb.TAKE: ("Take", "a"),
    Verb.RELEASE: ("Let go", "d"),
    Verb.ASSIGN: ("Hand over…", "o"),
    Verb.ESCALATE: ("Escalate…", "l"),
    Verb.MUTE: ("Mute…", "h"),
    Verb.UNMUTE: ("End mute", "u"),
    Verb.WAIVE: ("Accept for now…", "w"),
    Verb.UNWAIVE: ("End waiver", "v"),
    Verb.RESOLVE: ("Close…", "e"),
    Verb.REOPEN: ("Open again…", "o"),
    Verb.COMMENT: ("Comment…", "c"),
}
# These stand behind the others, where there is little room in a menu.
RARER = frozenset({Verb.ESCALATE, Verb.MUTE, Verb.WAIVE, Verb.COMMENT})
SUBMIT = {
    Verb.ASSIGN: "Hand over",
    Verb.ESCALATE: "Tell them now",
    Verb.MUTE: "Mute",
    Verb.WAIVE: "Accept it",
    Verb.RESOLVE: "Close it",
    Verb.REOPEN: "Open again",
    Verb.COMMENT: "Add comment",
}
# What may be done to many at once, in the order of their bar; the others look at one thing at a time.
BULK = (Verb.TAKE, Verb.ASSIGN, Verb.RESOLVE, Verb.MUTE, Verb.ESCALATE, Verb.WAIVE, Verb.COMMENT)
# "Taken", "Handed over": what a toast says was done.
DONE = {
    Verb.TAKE: "Taken",
    Verb.RELEASE: "Let go",
    Verb.ASSIGN: "Handed over",
    Verb.ESCALATE: "Escalated",
    Verb.MUTE: "Muted",
    Verb.UNMUTE: "Mute ended",
    Verb.WAIVE: "Accepted for now",
    Verb.UNWAIVE: "Waiver ended",
    Verb.RESOLVE: "Closed",
    Verb.REOPEN: "Opened again",
    Verb.COMMENT: "Comment added",
}


@dataclass(frozen=True, slots=True)
class Button:
    """One verb in the foot of the pane; ``submit`` is empty where it needs no form."""

    verb: Verb
    label: str
    key: str
    submit: str
    is_strong: bool


def roles_for(verb: Verb) -> tuple[Role, ...]:
    """The roles of which a person needs one at an exception's place to use a verb."""
    return WAIVING if verb in {Verb.WAIVE, Verb.UNWAIVE} else MOVERS


def buttons_for(pane: Pane, *, may_waive: bool = True) -> list[Button]:
    """The verbs that fit the state, the likeliest first and strong; nobody takes what is theirs already."""
    verbs = [verb for verb in pane.verbs if not _is_idle(verb, pane)]
    if not may_waive:
        verbs = [verb for verb in verbs if roles_for(verb) != WAIVING]
    strong = Verb.TAKE if Verb.TAKE in verbs else Verb.RESOLVE
    verbs.sort(key=lambda verb: (verb != strong, verb in RARER))
    return [Button(verb, *WORDS[verb], SUBMIT.get(verb, ""), verb == strong) for verb in verbs]


def bulk_buttons() -> list[Button]:
    """The verbs of the bar for many."""
    return [Button(verb, *WORDS[verb], SUBMIT.get(verb, ""), verb == Verb.TAKE) for verb in BULK]


def _is_idle(verb: Verb, pane: Pane) -> bool:
    taken_by_me = pane.exception.state == State.TAKEN and pane.is_mine
    if verb == Verb.TAKE:
        return taken_by_me
    return verb == Verb.RELEASE and not taken_by_me


def page_keys() -> list[dict[str, str]]:
    """The page's own lines on the sheet of keys."""
    keys = {"n": "Take the worst one that nobody has"}
    keys |= {key: label.rstrip("…") for label, key in WORDS.values() if key != "o"}
    keys["o"] = "Hand over, or open again"
    keys |= {"z": "Undo", "Shift x": "Tick from the last tick to here", "Shift a": "Tick all that match"}
    keys["Esc"] = "Untick all"
    return [{"key": key, "label": label} for key, label in keys.items()]
