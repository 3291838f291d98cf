"""Names of fields as integration people write them: ``SCH-2``, ``AIL-3.4``."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

# The segments that are read, and how many of their fields.
WIDTHS: Final = {
    "MSH": 21, "EVN": 8, "PID": 41, "PD1": 14, "PV1": 51, "MRG": 8, "NK1": 8, "SCH": 28, "TQ1": 15, "NTE": 5,
    "AIS": 13, "AIG": 15, "AIL": 13, "AIP": 13, "RGS": 4,
}  # fmt: skip
MAX_COMPONENTS: Final = 9

_PLACE: Final = re.compile(r"([A-Z][A-Z0-9]{2})-(\d{1,2})(?:\.(\d{1,2}))?", re.ASCII)


class Place(NamedTuple):
    """A field of a segment; component 0 is the whole field."""

    segment: str
    field: int
    component: int = 0

    def __str__(self) -> str:
        """The place as it is written in settings and problems."""
        return f"{self.segment}-{self.field}" + (f".{self.component}" if self.component else "")


@lru_cache(maxsize=256)
def parse_place(text: str) -> Place:
    """The place that a setting names; ValueError where it names none that can be read."""
    match = _PLACE.fullmatch(text)
    if match is None or not 1 <= int(match[2]) < WIDTHS.get(match[1], 0) or int(match[3] or 0) > MAX_COMPONENTS:
        raise ValueError(f"{text!r} names no field of a segment.")
    return Place(match[1], int(match[2]), int(match[3] or 0))
