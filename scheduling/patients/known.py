"""What was known of a patient at a past moment: the statements recorded until then, merged anew. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from scheduling.patients.merge import Statement, absorb
from scheduling.patients.state import PatientState


def known_from(statements: Iterable[tuple[Mapping[str, Any], bytes]]) -> PatientState:
    """Merge (statement as stored, order key) pairs; their order does not matter, as it never does (I3)."""
    state = PatientState()
    for stored, key in statements:
        absorb(state, Statement.of({aspect: _value(aspect, value) for aspect, value in stored.items()}), key)
    return state


def _value(aspect: str, stored: Any) -> Any:
    """The value of one aspect as ``PatientState`` keeps it, from its JSON."""
    if aspect == "born_on":
        return date.fromisoformat(stored) if stored else None
    if aspect == "death":
        died, died_at = stored
        return bool(died), datetime.fromisoformat(died_at) if died_at else None
    return tuple(stored) if aspect == "name" else stored
