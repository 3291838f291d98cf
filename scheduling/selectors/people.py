"""How a patient may be named on a page: restricted people are masked in lists (I12)."""

from dataclasses import dataclass

from scheduling.models import Patient

RESTRICTED = "Restricted"
REASON_NEEDED = "Reason needed"


@dataclass(frozen=True, slots=True)
class PersonLabel:
    """Name and number of a patient, or what stands in their place."""

    name: str
    mrn: str
    is_masked: bool = False


NOBODY = PersonLabel("No patient named", "")
MASKED = PersonLabel(RESTRICTED, REASON_NEEDED, is_masked=True)


def label_of(patient: Patient | None) -> PersonLabel:
    """The label of a patient; of a restricted one nothing but that they are."""
    if patient is None:
        return NOBODY
    if patient.is_restricted:
        return MASKED
    name = f"{patient.given} {patient.family}".strip()
    return PersonLabel(name or "Name not said", patient.mrn)
