"""Whose name is shown to whom for now, though lists hide it."""

from datetime import datetime
from typing import Any

from recovery.models import Reveal
from scheduling.models import Patient


def is_revealed(patient: Patient | None, user: Any, now: datetime) -> bool:
    """Whether a restricted patient's name was revealed to a person and still is; no query about anybody else."""
    if patient is None or not patient.is_restricted:
        return False
    return Reveal.objects.shown_to(user, now).filter(patient=patient).exists()
