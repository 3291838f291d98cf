"""Identity across records: one person known twice, known by an id alone, or booked on a record that was retired.

Asked only of people with a visit in the window.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from exceptions.checks.found import Findings
from exceptions.checks.kinds import Check
from exceptions.checks.people import PersonFacts, of_person
from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.vocabulary import REBOOKS, Decision

CHECKS = (
    Check(
        id="duplicate_patients",
        title="One patient, two records",
        family=Family.IDENTITY,
        severity=Severity.NOTE,
        happened="Records with one name, birth date and number, or called duplicates by the source, are not merged.",
        advice="Have the records compared and merged in the source. Until then look at both before a call.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
    Check(
        id="booked_on_retired_record",
        title="Booked on a retired record",
        family=Family.IDENTITY,
        severity=Severity.DEGRADED,
        happened="The source booked visits on a record after it had been merged into another.",
        advice="The desk shows the surviving record. Have the source move the visits there.",
        self_clearing=True,
    ),
    Check(
        id="patient_only_an_id",
        title="Nothing but a patient's id",
        family=Family.IDENTITY,
        severity=Severity.DEGRADED,
        happened="Visits name patients about whom the source never sent anything: no name, no birth date, no number.",
        advice="Have the source send its patients once in full, and look whether the feed carries patient messages.",
        blocks=frozenset({*REBOOKS, Decision.CONFIRM}),
        self_clearing=True,
    ),
)

_Known = tuple[int, str, str, date, str]


def find(persons: Iterable[PersonFacts]) -> Findings:
    """Yield the people who seem to be known twice, those known by an id alone, and those booked on retired records."""
    persons = list(persons)
    for person in _doubles(persons):
        yield from of_person("duplicate_patients", "", person, person.visits)
    for person in persons:
        if person.is_only_an_id:
            yield from of_person("patient_only_an_id", "", person, person.visits)
        late = [visit for visit in person.visits if visit.merged_at is not None and visit.booked_at > visit.merged_at]
        yield from of_person("booked_on_retired_record", "", person, late)


def _doubles(persons: Sequence[PersonFacts]) -> Iterable[PersonFacts]:
    """Those whom the source calls duplicates, and those who share name, birth date and a number with another."""
    holders: dict[_Known, list[int]] = defaultdict(list)
    for person in persons:
        if person.born_on is not None and person.family and person.given:
            name = (person.source_id, person.family.casefold(), person.given.casefold(), person.born_on)
            for number in person.numbers:
                holders[*name, number].append(person.patient_id)
    twins = {patient_id for known in holders.values() if len(known) > 1 for patient_id in known}
    return (person for person in persons if person.duplicate_of is not None or person.patient_id in twins)
