"""What is known of one patient record, aspect by aspect; plain values."""

from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

# One bit per aspect that messages state independently of each other; the order is stored, so only append.
ASPECTS: tuple[str, ...] = (
    "name", "born_on", "sex", "language", "zone", "phones_home", "phones_work", "death", "publicity", "protection",
    "vip", "portal", "duplicate_of", "guardian", "identifiers",
)  # fmt: skip
BIT = {aspect: 1 << place for place, aspect in enumerate(ASPECTS)}


@dataclass(slots=True)
class PatientState:
    """The current statement of each aspect. ``as_of`` packs (mask, order key) pairs, newest first.

    Phone lists are lists of [system, use, value, rank, ends_on] with ends_on as an ISO date or None.
    """

    family: str = ""
    given: str = ""
    born_on: date | None = None
    sex: str = ""
    language: str = ""
    zone: str = ""
    phones_home: list[list[Any]] | None = None
    phones_work: list[list[Any]] | None = None
    died: bool = False
    died_at: datetime | None = None
    publicity: str = ""
    protection: str = ""
    vip: str = ""
    portal: str = ""
    duplicate_of: str = ""
    guardian: str = ""
    identifiers: list[list[str]] | None = None
    as_of: bytes = b""
    merged_into: int | None = None
    merge_key: bytes | None = None

    def copy(self) -> "PatientState":
        """Another state of equal value, quickly."""
        return PatientState(*fields_of(self))


# The fields' values in their order.
fields_of = attrgetter(*PatientState.__slots__)
