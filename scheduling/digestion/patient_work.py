"""What a batch knows of one patient record while it works on it."""

from dataclasses import dataclass, field
from typing import Any

from scheduling.digestion.reading import PatientKey, ReadMessage
from scheduling.patients.state import PatientState


@dataclass(slots=True)
class PatientWork:
    """One record during a batch: what it was, what it is, and the statements that are news."""

    key: PatientKey
    id: int = 0
    before: PatientState | None = None
    state: PatientState = field(default_factory=PatientState)
    versions: list[tuple[dict[str, Any], bytes, bool, int]] = field(default_factory=list)
    is_changed: bool = False  # more than ``as_of``
    has_new_phones: bool = False
    messages: list[ReadMessage] = field(default_factory=list)
