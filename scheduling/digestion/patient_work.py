"""What a batch knows of one patient record while it works on it."""

from dataclasses import dataclass, field
from typing import Any

from scheduling.digestion.reading import PatientKey, ReadMessage
from scheduling.facts import PatientFact
from scheduling.patients.merge import Statement, stated
from scheduling.patients.state import PatientState

REMEMBERED = 5000  # statements kept per process
_statements: dict[int, tuple[PatientFact, Statement]] = {}


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


def statement_of(fact: PatientFact) -> Statement:
    """What a fact states; readers hand out one and the same fact for equal bytes, so the answer is kept."""
    kept = _statements.get(id(fact))
    if kept is not None and kept[0] is fact:
        return kept[1]
    if len(_statements) >= REMEMBERED:
        _statements.clear()
    statement = Statement.of(stated(fact))
    _statements[id(fact)] = (fact, statement)
    return statement
