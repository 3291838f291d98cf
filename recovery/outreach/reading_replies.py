"""What a reply means. Pure; whoever is not sure asks a person.

Opt-out words act at once (47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe). "Cancel"
clashes with "cancel my visit": it is asked about, never guessed (DESIGN section 8). Words that end messages count in
every language, since a language on file may be wrong; a yes or a no counts in English and in the patient's language,
and only where it is all that was said.
"""

import re
import unicodedata

from recovery.contacting.languages import language_code
from recovery.vocabulary import ReplyMeaning

MOST_READ = 1_000
ENGLISH = "en"

_STOP_WORDS = (
    "stop", "stopall", "stop all", "stop it", "stop now", "stop this", "stop please", "please stop", "quit", "end",
    "revoke", "opt out", "optout", "opt-out", "unsubscribe", "remove me", "no more texts", "no more messages",
    "no more emails", "do not text me", "dont text me", "do not email me", "dont email me",
    "pare", "pare por favor", "parar", "alto", "detener", "detenga", "basta", "no mas", "no mas mensajes", "baja",
    "darse de baja", "darme de baja", "arret", "arreter", "arretez", "desabonner", "dung lai", "ngung", "ngung lai",
    "jooji", "停止", "退订", "退訂", "توقف", "إيقاف",
)  # fmt: skip
# "Stop" with what is to stop; "stop by at three?" is none of them.
_STOP_WHAT = re.compile(
    r"^(please )?stop (texting|messaging|contacting|emailing|sending|writing)\b"
    r"|^stop (the |these |all )?(texts?|messages?|emails?)\b"
    r"|^(please )?(unsubscribe|remove) me\b|^no me (escriba|escriban|manden|envien)\b"
)
_START = frozenset({"start", "unstop", "opt in", "resume", "iniciar", "comenzar", "empezar"})
_HELP = frozenset({"help", "info", "ayuda", "informacion", "aide"})
_YES = {
    ENGLISH: frozenset({"yes", "y", "yeah", "yep", "yes please", "yes thanks", "yes thank you"}),
    "es": frozenset({"si", "si gracias", "si por favor"}),
    "fr": frozenset({"oui", "oui merci"}),
    "vi": frozenset({"co", "vang", "da"}),
}
_NO = {
    ENGLISH: frozenset({"no", "n", "nope", "no thanks", "no thank you"}),
    "es": frozenset({"no", "no gracias"}),
    "fr": frozenset({"non", "non merci"}),
    "vi": frozenset({"khong"}),
}
_CANCEL = re.compile(r"\b(cancel|cancelled|canceled|cancelar|cancela|cancelo|cancele|annuler|huy)\b")
_NONE: frozenset[str] = frozenset()
_NOT_WORDS = re.compile(r"[^\w\s-]+")
_SPACES = re.compile(r"\s+")
# Where an e-mail program quotes what is answered.
_QUOTED = re.compile(r"^\s*(>|on .+ wrote:|-{2,})", re.IGNORECASE)


def meaning(text: str, language: str = "") -> ReplyMeaning:
    """Say what a reply asks for; ``language`` is the patient's as stated. Anything unclear is ASK."""
    lines = [line for line in text[:MOST_READ].splitlines() if line.strip()]
    said = _plain(" ".join(_own(lines)))
    first = _plain(lines[0]) if lines else ""
    if said in _STOP or first in _STOP or _STOP_WHAT.match(said):
        return ReplyMeaning.STOP
    if said in _START:
        return ReplyMeaning.START
    if said in _HELP:
        return ReplyMeaning.HELP
    spoken = (ENGLISH, language_code(language))
    if any(said in _YES.get(one, _NONE) for one in spoken):
        return ReplyMeaning.YES
    return ReplyMeaning.NO if any(said in _NO.get(one, _NONE) for one in spoken) else ReplyMeaning.ASK


def asks_to_cancel(text: str) -> bool:
    """Whether it speaks of cancelling, which may mean the visit or the messages."""
    return bool(_CANCEL.search(_plain(text[:MOST_READ])))


def _own(lines: list[str]) -> list[str]:
    """What the person wrote, without the message that their program quotes below it."""
    for number, line in enumerate(lines):
        if _QUOTED.match(line):
            return lines[:number]
    return lines


def _plain(text: str) -> str:
    """Lower case, without accents, punctuation and double spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return _SPACES.sub(" ", _NOT_WORDS.sub("", bare.replace("'", ""))).strip()


_STOP = frozenset(_plain(words) for words in _STOP_WORDS)
