"""Nightly full extracts as CSV files, with the settings of the feed that reads them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

HEAD = "VISIT,PATIENT,STATUS,START,MINUTES,CLINIC,PROVIDER"
PROFILE: dict[str, Any] = {
    "patient_authority": "ELM",
    "csv": {
        "columns": {
            "appointment_id": "VISIT", "patient_id": "PATIENT", "status": "STATUS", "starts": "START",
            "minutes": "MINUTES", "clinic": "CLINIC", "provider": "PROVIDER",
        },
        "extract": "full",
        "header_record": r"^#TAKEN (?P<taken_at>\S+) ROWS (?P<rows>\d+)$",
    },
}  # fmt: skip


def extract(
    taken_at: datetime,
    visits: Sequence[str],
    *,
    starts_at: datetime,
    declared: int | None = None,
    status: str = "Booked",
) -> bytes:
    """An extract that lists ``visits``, the first at ``starts_at`` and each other an hour later."""
    rows = [
        f"{visit},P{visit},{status},{starts_at + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ},30,CARD,LIU"
        for number, visit in enumerate(visits)
    ]
    count = len(visits) if declared is None else declared
    return "\n".join([f"#TAKEN {taken_at:%Y-%m-%dT%H:%M:%SZ} ROWS {count}", HEAD, *rows, ""]).encode()
