"""What intake needs of a message before it is read: which it is, and whose, so that lanes can be chosen."""

from collections.abc import Callable, Mapping

from scheduling.readers.csv import peek as csv_peek
from scheduling.readers.fhir import peek as fhir_peek
from scheduling.readers.hl7 import peek as hl7_peek
from scheduling.readers.shapes import Peek
from scheduling.vocabulary import FeedFormat

__all__ = ["Peek", "peek"]

MAX_KEY = 255

_PEEKS: Mapping[FeedFormat, Callable[[bytes], Peek]] = {
    FeedFormat.HL7V2: hl7_peek.peek,
    FeedFormat.FHIR: fhir_peek.peek,
    FeedFormat.CSV: csv_peek.peek,
}


def peek(body: bytes, format: FeedFormat) -> Peek:  # noqa: A002
    """The control id and the raw patient keys of one message, at most 255 characters each, empty where it has none.

    Never raises: a message nobody can read is stored all the same, and rejected when it is read.
    """
    control_id, patient_key, retired_key = _PEEKS[format](body)
    return Peek(_kept(control_id), _kept(patient_key), _kept(retired_key) if retired_key else "")


def _kept(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if len(text) <= MAX_KEY else text[:MAX_KEY]
