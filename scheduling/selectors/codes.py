"""Codes of the patient facts in words; a code we do not know stands as it came. Pure."""

from typing import NamedTuple

from config.web.times import ZONE_WORDS

LANGUAGES = {
    "en": "English", "eng": "English", "es": "Spanish", "spa": "Spanish", "so": "Somali", "som": "Somali",
    "vi": "Vietnamese", "vie": "Vietnamese", "ar": "Arabic", "ara": "Arabic", "zh": "Chinese", "zho": "Chinese",
    "chi": "Chinese", "fr": "French", "fra": "French", "ru": "Russian", "rus": "Russian", "pl": "Polish",
    "pol": "Polish", "hmn": "Hmong",
}  # fmt: skip
# HL7 tables 0001 and 0215, the yes and no of PD1-12, and FHIR's words for a gender.
WORDS = {
    "sex": {"F": "Female", "M": "Male", "O": "Other", "U": "Not known", "A": "Ambiguous", "N": "Not applicable"},
    "publicity": {"F": "Family only", "N": "No contact", "O": "Other", "U": "Not known"},
    "protection": {"Y": "Protected", "N": "Not protected"},
    "zone": ZONE_WORDS,
}
USES = {
    ("phone", "mobile"): "Mobile", ("phone", "home"): "Home phone", ("phone", "work"): "Work phone",
    ("phone", "old"): "Old phone", ("phone", "temp"): "Phone for now", ("phone", ""): "Phone",
    ("email", "home"): "E-mail, home", ("email", "work"): "E-mail, work", ("email", "old"): "Old e-mail",
    ("email", ""): "E-mail",
}  # fmt: skip


class Value(NamedTuple):
    """A value in words, and the code as it came where the words hide it."""

    text: str
    code: str = ""


def language_words(code: str) -> str:
    """Say a language; a code we do not know is shown as it came."""
    return LANGUAGES.get(code.lower().split("-")[0], code)


def coded(aspect: str, code: str) -> Value:
    """Put the code of an aspect in words: ("sex", "F") gives "Female" beside "F"; no code gives no words."""
    if not code:
        return Value("")
    if aspect == "language":
        words = language_words(code)
    elif aspect == "vip":
        words = "Restricted"
    else:
        words = WORDS.get(aspect, {}).get(code) or f"{code[:1].upper()}{code[1:]}"
    return Value(words, "" if words.lower() == code.lower() else code)


def point_words(system: str, use: str) -> str:
    """Name a way to reach somebody: "Mobile", "E-mail, home"; other kinds as the feed named them."""
    known = USES.get((system, use or ""))
    return known or f"{system}{f', {use}' if use else ''}".capitalize()
