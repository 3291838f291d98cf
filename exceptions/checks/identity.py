"""Identity: which visit, whose visit."""

from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, Severity
from scheduling.vocabulary import PATIENT_FACING

CHECKS = (
    Check(
        id="reused_appointment_id",
        title="One visit id, two patients",
        family=Family.IDENTITY,
        severity=Severity.BLOCKING,
        happened="The source used the id of one patient's visit for another patient.",
        advice="Ask the source whether ids are given out again. If so, name the visit by another field of the feed.",
        blocks=frozenset(PATIENT_FACING),
        is_hold=True,
        self_clearing=True,
    ),
)
