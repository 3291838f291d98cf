"""Hide what a person need not see, keeping the shape so that a fault can still be found."""

from dataclasses import dataclass

DOT = "•"
# Segment, then the fields that carry who someone is (HL7 v2.5.1 chapters 3 and 6).
# MSH, SCH, AI* and RGS name no patient, except the contact fields of SCH.
PATIENT_FIELDS: dict[str, frozenset[int]] = {
    "PID": frozenset({2, 3, 4, 5, 6, 7, 9, 11, 12, 13, 14, 18, 19, 20, 21, 23, 26}),
    "PD1": frozenset({4}),
    "NK1": frozenset({2, 4, 5, 6, 12, 13, 16, 30, 31, 32, 33}),
    "GT1": frozenset({2, 3, 4, 5, 6, 7, 8, 12, 16, 18, 19}),
    "IN1": frozenset({16, 18, 19, 36, 49}),
    "MRG": frozenset({1, 2, 3, 4, 5, 6, 7}),
    "PV1": frozenset({19, 50}),
    "SCH": frozenset({12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22}),
    "NTE": frozenset({3}),
    "OBX": frozenset({5}),
    "DG1": frozenset({3, 4}),
}


@dataclass(frozen=True)
class Part:
    """A stretch of a raw message: ``kind`` is "" (as it came), "name" (segment name), "masked" or "culprit"."""

    text: str
    kind: str = ""


def dots(text: str, keep: str = "^~&\\") -> str:
    """Replace every character by a dot, except separators."""
    return "".join(sign if sign in keep else DOT for sign in text)


def tail(text: str, shown: int = 4) -> str:
    """Keep the last characters of a number: "••••0142"; short texts are hidden whole."""
    return dots(text, "") if len(text) <= shown else dots(text[:-shown], "") + text[-shown:]


def mask_hl7(message: str, *, culprits: frozenset[str] = frozenset()) -> list[list[Part]]:
    """Split an HL7 v2 message into lines of parts with the patient's fields masked.

    ``culprits`` are raw values to underline where they stand as a whole field or component.
    Segments that are not known by name (Z segments too) are masked whole: better blind than open.
    """
    separator = message[3:4] if message[:3] in {"MSH", "BHS", "FHS"} and len(message) > 3 else "|"
    lines = message.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [mask_segment(line, separator, culprits) for line in lines if line]


def mask_segment(line: str, separator: str, culprits: frozenset[str]) -> list[Part]:
    """Split one segment; see ``mask_hl7``."""
    name, *fields = line.split(separator)
    parts = [Part(name, "name")]
    # In MSH the separator itself is field 1, so the first text after it is field 2.
    first = 2 if name in {"MSH", "BHS", "FHS"} else 1
    for number, field in enumerate(fields, start=first):
        parts.append(Part(separator))
        if not field:
            continue
        parts.extend(mask_field(name, number, field, culprits))
    return parts


def mask_field(name: str, number: int, field: str, culprits: frozenset[str]) -> list[Part]:
    """Decide what of one field is shown."""
    if number in PATIENT_FIELDS.get(name, frozenset()) or name not in OPEN_SEGMENTS | PATIENT_FIELDS.keys():
        return [Part(dots(field), "masked")]
    if field in culprits:
        return [Part(field, "culprit")]
    components = field.split("^")
    if not culprits.intersection(components):
        return [Part(field)]
    parts: list[Part] = []
    for at, component in enumerate(components):
        parts.extend([Part("^")] if at else [])
        parts.append(Part(component, "culprit" if component in culprits else ""))
    return parts


OPEN_SEGMENTS = frozenset(
    {"MSH", "EVN", "RGS", "AIG", "AIL", "AIP", "AIS", "BHS", "BTS", "FHS", "FTS", "TQ1", "ARQ", "MSA", "ERR", "PV2"}
)
