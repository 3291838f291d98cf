"""What is known of a patient, aspect by aspect, each with the message that said so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.web.masking import tail
from scheduling.models import Consent, Patient, PatientVersion
from scheduling.patients.merge import unpack
from scheduling.patients.state import ASPECTS, BIT
from scheduling.selectors.codes import Value, coded, point_words

MOST_VERSIONS = 50
MOST_CONSENTS = 50
LABELS = {
    "name": "Name",
    "born_on": "Born",
    "sex": "Sex",
    "language": "Language",
    "zone": "Time zone",
    "phones_home": "Home contact",
    "phones_work": "Work contact",
    "death": "Deceased",
    "publicity": "Publicity",
    "protection": "Protection",
    "vip": "VIP",
    "portal": "Portal",
    "duplicate_of": "Duplicate of",
    "guardian": "Guardian",
    "identifiers": "Other numbers",
}
# Of a restricted person only these are shown until somebody gives a reason.
OPEN_ASPECTS = frozenset({"death", "publicity", "protection", "vip", "portal", "language", "zone"})


@dataclass(frozen=True, slots=True)
class SaidBy:
    """Where a fact comes from."""

    message_id: int | None
    by: str
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class AspectFact:
    """One aspect with its current value; ``values`` has one line each."""

    aspect: str
    label: str
    values: list[Value]
    is_masked: bool
    said: SaidBy | None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One line of the consent ledger."""

    line: Consent
    words: str
    said: SaidBy


def aspect_facts(patient: Patient) -> list[AspectFact]:
    """Every aspect that anybody ever stated, in our order; one query."""
    stated = {aspect for mask, _ in unpack(bytes(patient.as_of)) for aspect in ASPECTS if mask & BIT[aspect]}
    said = _said_by(patient)
    return [
        AspectFact(
            aspect,
            LABELS[aspect],
            _values(patient, aspect),
            patient.is_restricted and aspect not in OPEN_ASPECTS,
            said.get(aspect),
        )
        for aspect in ASPECTS
        if aspect in stated and _values(patient, aspect)
    ]


def _said_by(patient: Patient) -> dict[str, SaidBy]:
    """Who last said something new about each aspect; a later message that only repeats it leaves no version."""
    versions = PatientVersion.objects.filter(patient=patient, is_effective=True).select_related("recorded_by")
    said: dict[str, SaidBy] = {}
    for version in versions.order_by("-order_key")[:MOST_VERSIONS]:
        for aspect in version.statement:
            said.setdefault(aspect, said_by(version))
    return said


def said_by(row: PatientVersion | Consent) -> SaidBy:
    """The origin of a version or a consent line."""
    return SaidBy(row.message_id, str(row.recorded_by) if row.recorded_by_id else "", row.valid_from, row.recorded_at)


def _values(patient: Patient, aspect: str) -> list[Value]:
    """The current value of an aspect, one per line, masked where the person is; numbers always are."""
    if aspect in {"phones_home", "phones_work"}:
        return [] if patient.is_restricted and not getattr(patient, aspect) else contact_lines(patient, aspect)
    value = _plain(patient, aspect)
    if value.text and patient.is_restricted and aspect not in OPEN_ASPECTS:
        return [Value("•" * 6)]
    return [value] if value.text else []


def _plain(patient: Patient, aspect: str) -> Value:
    match aspect:
        case "name":
            return Value(f"{patient.given} {patient.family}".strip())
        case "born_on":
            return Value(f"{patient.born_on.day} {patient.born_on:%b %Y}" if patient.born_on else "")
        case "death":
            when = f", on {patient.died_at.day} {patient.died_at:%b %Y}" if patient.died_at else ""
            return Value(f"Yes{when}" if patient.died else "")
        case "guardian" | "duplicate_of":
            return Value(tail(getattr(patient, aspect)) if getattr(patient, aspect) else "")
        case "identifiers":
            return Value(", ".join(f"{kind} {tail(number)}".strip() for _, kind, number in patient.identifiers or []))
        case _:
            return coded(aspect, str(getattr(patient, aspect)))


def contact_lines(patient: Patient, aspect: str) -> list[Value]:
    """The points of one list: kind and use in words, and the last characters of the value."""
    points: Sequence[Sequence[Any]] = getattr(patient, aspect) or []
    shown = 0 if patient.is_restricted else 4
    return [
        Value(f"{point_words(system, use)} {_hidden(system, value, shown)}{f' until {ends}' if ends else ''}")
        for system, use, value, _, ends in points
    ]


def _hidden(system: str, value: str, shown: int) -> str:
    if not shown:
        return "•" * len(value)
    if system == "email":
        name, _, host = value.partition("@")
        return f"{'•' * len(name)}@{host}"
    return tail(value, shown)


def consent_ledger(patient: Patient) -> list[ConsentLine]:
    """The newest lines of the consent ledger; one query."""
    lines = Consent.objects.filter(patient=patient).select_related("recorded_by").order_by("-valid_from", "-id")
    return [ConsentLine(line, _consent_words(line), said_by(line)) for line in lines[:MOST_CONSENTS]]


def _consent_words(line: Consent) -> str:
    about = f" about {line.topic}" if line.topic else ""
    return f"{line.channel.capitalize()}{about}: {'allowed' if line.is_allowed else 'refused'}"


def stated_words(aspects: Iterable[str]) -> str:
    """Which aspects a statement is about, in our order: "name, born, VIP"."""
    labels = [LABELS[aspect] for aspect in ASPECTS if aspect in set(aspects)]
    return ", ".join(label if label[:2].isupper() else label[:1].lower() + label[1:] for label in labels)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """What one message or person stated, by aspect names; values stand with the aspects."""

    version: PatientVersion
    stated: str
    said: SaidBy


def version_lines(patient: Patient) -> list[VersionLine]:
    """The newest statements about a patient; one query."""
    versions = PatientVersion.objects.filter(patient=patient).select_related("recorded_by").order_by("-order_key")
    return [
        VersionLine(version, stated_words(version.statement), said_by(version)) for version in versions[:MOST_VERSIONS]
    ]
