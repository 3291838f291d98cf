"""Rows of a nightly table, one visit each, with whatever is known of its patient; times as aware UTC datetimes.

row("V1", at=NOW, starts=NOW + DAY)                          # a booking of an adult who can be texted
row("V1", at=NOW + HOUR, starts=NOW + DAY, mobile="")        # the number is gone
"""

from datetime import datetime

PLAIN = {
    "status": "Booked", "minutes": "30", "clinic": "CARD", "provider": "LIU", "patient_id": "P-1", "family": "Quill",
    "given": "Ada", "born": "1980-01-02", "language": "en", "zone": "", "mobile": "3125550142", "home_phone": "",
    "email": "ada@mail.example", "portal": "active", "guardian": "", "deceased": "", "restricted": "",
}  # fmt: skip
PROFILE = {"patient_authority": "ELM", "csv": {"extract": "delta"}}


def row(visit: str, *, at: datetime, starts: datetime, **changed: str) -> bytes:
    """A file of one row that says, as of ``at``, all there is about a visit and its patient."""
    cells = {"appointment_id": visit, "changed_at": _iso(at), "starts": _iso(starts), **PLAIN, **changed}
    return f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
