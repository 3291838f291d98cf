"""What intake gets from readers before anything is read: envelopes, extracts, peeks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from scheduling.facts import Problem

_UTC = ZoneInfo("UTC")


class Peek(NamedTuple):
    """What intake needs of a message at once: its control id and raw keys of its patients; ``""`` where it has none.

    ``patient_key`` is of the record the message will be read under, ``retired_key`` of one that a merge retires.
    """

    control_id: str = ""
    patient_key: str = ""
    retired_key: str = ""


class ExtractInfo(NamedTuple):
    """One file of rows. ``kind`` delta|full; ``taken_at`` UTC, None where nothing says it; ``id`` is of its content."""

    kind: str
    taken_at: datetime | None
    rows: int
    id: str


@dataclass(slots=True, frozen=True)
class Arrival:
    """What intake knows beside the bytes: the file's name and time (UTC), and the source's zone."""

    file_name: str = ""
    modified_at: datetime | None = None
    zone: ZoneInfo = _UTC


@dataclass(slots=True)
class Envelope:
    """The messages of one body, in order. ``declared`` is the count the envelope claims, None if it claims none."""

    messages: list[bytes] = field(default_factory=list)
    declared: int | None = None
    problems: list[Problem] = field(default_factory=list)
    extract: ExtractInfo | None = None


Profile = Mapping[str, Any]

MAX_MESSAGES = 200_000  # of one envelope, unless the profile's `max_messages` says otherwise
MAX_BYTES = 64 * 1024 * 1024  # of one envelope, unless the profile's `max_bytes` says otherwise
