"""FHIR Patient.telecom: every way to reach a patient."""

from scheduling.facts import ContactPointFact, Reading
from scheduling.readers.fhir.common import Resource, last_day, note_problem, objects, plain, positive

SYSTEMS = {"phone": "phone", "sms": "phone", "email": "email"}
USES = frozenset({"home", "work", "mobile", "temp", "old"})
Points = tuple[ContactPointFact, ...]


def read_telecom(resource: Resource, reading: Reading) -> tuple[Points | None, Points | None]:
    """(home, work) points; (None, None) where the resource has no telecom at all.

    FHIR keeps one list where v2 keeps two: a stated telecom replaces both, so work is empty, not unsaid.
    """
    if resource.get("telecom") is None:
        return None, None
    home: list[ContactPointFact] = []
    work: list[ContactPointFact] = []
    for each in objects(resource["telecom"]):
        point = _point(each, reading)
        if point is not None:
            (work if point.use == "work" else home).append(point)
    return tuple(home), tuple(work)


def _point(each: Resource, reading: Reading) -> ContactPointFact | None:
    value = plain(each.get("value"))
    if value is None:
        return None
    system, use = plain(each.get("system")) or "", plain(each.get("use")) or ""
    stated_end = next((period.get("end") for period in objects(each.get("period"))), None)
    ends_on = last_day(stated_end)
    if stated_end is not None and ends_on is None:
        # It ended, and we cannot tell when: calling it would be the guess.
        note_problem(reading, "bad_date", "Patient.telecom.period.end", stated_end)
        use = "old"
    return ContactPointFact(
        SYSTEMS.get(system) or ("email" if not system and "@" in value else "other"),
        value,
        use=use if use in USES else "",
        rank=positive(each.get("rank")),
        ends_on=ends_on,
    )
