"""The verbs of the pane: their words, keys and forms."""

from dataclasses import dataclass

from accounts.vocabulary import Role
from exceptions.selectors.pane import Pane
from exceptions.vocabulary import State, Verb

# Everyone who works on exceptions; an auditor only looks.
MOVERS = (Role.ACCESS, Role.SUPERVISOR, Role.INTEGRATION, Role.MAPPING, Role.LAUNCH, Role.ADMIN)

WORDS = {
    Verb.TAKE: ("Take", "a"),
    Verb.RELEASE: ("Let go", "l"),
    Verb.ASSIGN: ("Hand over…", "o"),
    Verb.MUTE: ("Mute…", "h"),
    Verb.UNMUTE: ("End mute", "u"),
    Verb.RESOLVE: ("Close…", "e"),
    Verb.REOPEN: ("Open again…", "o"),
    Verb.COMMENT: ("Comment…", "c"),
}
# These stand behind the others, where there is little room in a menu.
RARER = frozenset({Verb.MUTE, Verb.COMMENT})
SUBMIT = {
    Verb.ASSIGN: "Hand over",
    Verb.MUTE: "Mute",
    Verb.RESOLVE: "Close it",
    Verb.REOPEN: "Open again",
    Verb.COMMENT: "Add comment",
}


@dataclass(frozen=True, slots=True)
class Button:
    """One verb in the foot of the pane; ``submit`` is empty where it needs no form."""

    verb: Verb
    label: str
    key: str
    submit: str
    is_strong: bool


def buttons_for(pane: Pane) -> list[Button]:
    """The verbs that fit the state, the likeliest first and strong; nobody takes what is theirs already."""
    verbs = [verb for verb in pane.verbs if not _is_idle(verb, pane)]
    strong = Verb.TAKE if Verb.TAKE in verbs else Verb.RESOLVE
    verbs.sort(key=lambda verb: (verb != strong, verb in RARER))
    return [Button(verb, *WORDS[verb], SUBMIT.get(verb, ""), verb == strong) for verb in verbs]


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
    return [{"key": key, "label": label} for key, label in keys.items()]
