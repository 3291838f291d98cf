"""The control id and patient of a row, as the note above it says (see `note`)."""

from scheduling.readers.csv.note import peek_note
from scheduling.readers.shapes import Peek


def peek(body: bytes) -> Peek:
    """What intake needs at once; empty for a row that was not split by intake. Never raises."""
    control_id, patient_key = peek_note(body)
    return Peek(control_id, patient_key)
