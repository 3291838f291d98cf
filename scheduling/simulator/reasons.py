"""Why visits are cancelled in the simulated world, and what each reason implies for recovery."""

from typing import NamedTuple

from scheduling.vocabulary import EventKind, Initiator


class Reason(NamedTuple):
    """A true reason. ``weight`` is its share among reasons of the same initiator."""

    kind: EventKind
    initiator: Initiator
    weight: int
    reopens: bool = False  # the patient still needs the visit
    suppresses: bool = False  # nobody may contact the patient about it


REASONS: dict[str, Reason] = {
    "conflict": Reason(EventKind.CANCELLED, Initiator.PATIENT, 42, reopens=True),
    "better": Reason(EventKind.CANCELLED, Initiator.PATIENT, 12),
    "transport": Reason(EventKind.CANCELLED, Initiator.PATIENT, 20, reopens=True),
    "cost": Reason(EventKind.CANCELLED, Initiator.PATIENT, 12, reopens=True),
    "elsewhere": Reason(EventKind.CANCELLED, Initiator.PATIENT, 9, suppresses=True),
    "never": Reason(EventKind.CANCELLED, Initiator.PATIENT, 5, suppresses=True),
    "deceased": Reason(EventKind.CANCELLED, Initiator.SYSTEM, 1, suppresses=True),
    "provider": Reason(EventKind.BUMPED, Initiator.CLINIC, 60, reopens=True),
    "equipment": Reason(EventKind.BUMPED, Initiator.CLINIC, 15, reopens=True),
    "template": Reason(EventKind.BUMPED, Initiator.CLINIC, 25, reopens=True),
}

PATIENT_REASONS = tuple(key for key, reason in REASONS.items() if reason.initiator is Initiator.PATIENT)
CLINIC_REASONS = tuple(key for key, reason in REASONS.items() if reason.initiator is Initiator.CLINIC)
